import { giveBack } from './lane.ts'

/** Runs shorter than this are sorted by insertion. */
const INSERTED = 16
/** Spare arrays longer than this are not kept. */
const KEPT = 1 << 17

/** What is copied to and fro while merging: an array for each sort would be more work for the garbage collector than the sort is. */
let spareSlots = new Int32Array(0)
let spareNumbers = new Float64Array(0)

/**
 * Sorts the first `count` slots by their numbers, ascending; `numbers[i]` is that of `slots[i]` and moves along. No number is NaN. Merges from
 * below, with one spare copy: no comparison is a call. Rows that are found by a list or come from a bulk load are often in order already, or the
 * other way round.
 */
export function sortSlots(slots: Int32Array<ArrayBuffer>, numbers: Float64Array<ArrayBuffer>, count: number): void {
  const inOrder = runLength(numbers, count, 1)
  if (inOrder === count) return
  if (inOrder === 1 && runLength(numbers, count, -1) === count) {
    slots.subarray(0, count).reverse()
    numbers.subarray(0, count).reverse()
    return
  }
  for (let from = 0; from < count; from += INSERTED) insertionSort(slots, numbers, from, Math.min(from + INSERTED, count))
  if (count > INSERTED) mergeRuns(slots, numbers, count)
}

/** How many of the first numbers ascend (equal ones do), or strictly descend. */
export function runLength(numbers: Float64Array, count: number, direction: 1 | -1): number {
  for (let i = 1; i < count; i++) {
    const step = (numbers[i] as number) - (numbers[i - 1] as number)
    if (direction === 1 ? step < 0 : step >= 0) return i
  }
  return count
}

function mergeRuns(slots: Int32Array<ArrayBuffer>, numbers: Float64Array<ArrayBuffer>, count: number): void {
  if (count > spareSlots.length) {
    spareSlots = new Int32Array(count)
    spareNumbers = new Float64Array(count)
  }
  let [a, x, b, y] = [slots, numbers, spareSlots, spareNumbers]
  for (let width = INSERTED; width < count; width *= 2) {
    for (let from = 0; from < count; from += 2 * width)
      merge(a, x, b, y, from, Math.min(from + width, count), Math.min(from + 2 * width, count))
    ;[a, x, b, y] = [b, y, a, x]
  }
  if (a !== slots) slots.set(a.subarray(0, count))
  if (spareSlots.length <= KEPT) return
  giveBack(spareSlots)
  giveBack(spareNumbers)
  spareSlots = new Int32Array(0)
  spareNumbers = new Float64Array(0)
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
