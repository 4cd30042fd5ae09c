/** Runs shorter than this are sorted by insertion. */
const INSERTED = 16

/**
 * Sorts the first `count` slots by their numbers, ascending; `numbers[i]` is that of `slots[i]` and moves along. No number is NaN. Merges from
 * below, with one spare copy: no comparison is a call.
 */
export function sortSlots(slots: Int32Array<ArrayBuffer>, numbers: Float64Array<ArrayBuffer>, count: number): void {
  for (let from = 0; from < count; from += INSERTED) insertionSort(slots, numbers, from, Math.min(from + INSERTED, count))
  if (count <= INSERTED) return
  let [a, x, b, y] = [slots, numbers, new Int32Array(count), new Float64Array(count)]
  for (let width = INSERTED; width < count; width *= 2) {
    for (let from = 0; from < count; from += 2 * width)
      merge(a, x, b, y, from, Math.min(from + width, count), Math.min(from + 2 * width, count))
    ;[a, x, b, y] = [b, y, a, x]
  }
  if (a !== slots) slots.set(a)
}

function insertionSort(slots: Int32Array, numbers: Float64Array, from: number, to: number): void {
  for (let i = from + 1; i < to; i++) {
    const slot = slots[i] as number
    const number = numbers[i] as number
    let at = i
    for (; at > from && (numbers[at - 1] as number) > number; at--) {
      slots[at] = slots[at - 1] as number
      numbers[at] = numbers[at - 1] as number
    }
    slots[at] = slot
    numbers[at] = number
  }
}

/** Merges `from..middle-1` and `middle..to-1` of one pair of arrays into the other. */
function merge(a: Int32Array, x: Float64Array, b: Int32Array, y: Float64Array, from: number, middle: number, to: number): void {
  let left = from
  let right = middle
  for (let at = from; at < to; at++) {
    const takesLeft = right >= to || (left < middle && (x[left] as number) <= (x[right] as number))
    const taken = takesLeft ? left++ : right++
    b[at] = a[taken] as number
    y[at] = x[taken] as number
  }
}
