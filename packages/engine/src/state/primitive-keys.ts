import type { NumberKeys } from './number-keys.ts'

/** What a key that is a text takes beside its letters: its header, its place by slot and its entry by text. */
const TEXT_BYTES = 72

/** Numbers and texts → small integers, each key once, by value: never by a hash alone. */
export class PrimitiveKeys {
  readonly #numbers: NumberKeys
  readonly #texts = new Map<string, number>()
  /** The text of each slot that has one. */
  readonly #textOf: (string | null)[] = []
  #letters = 0

  /** `numbers`: where keys that are numbers are kept. */
  constructor(numbers: NumberKeys) {
    this.#numbers = numbers
  }

  get size(): number {
    return this.#numbers.size + this.#texts.size
  }

  /** About how many bytes they take, beside the records of the numbers. */
  get bytes(): number {
    return this.#numbers.bytes + this.#letters + TEXT_BYTES * this.#texts.size
  }

  /** −1: no such key. */
  find(key: number | string): number {
    return typeof key === 'number' ? this.#numbers.find(key) : (this.#texts.get(key) ?? -1)
  }

  /** Reads ahead what `find` will read of the records. */
  peek(key: number | string): number {
    return typeof key === 'number' ? this.#numbers.peek(key) : 0
  }

  /** The key of a slot that has one. */
  keyOf(slot: number): number | string {
    return this.#textOf[slot] ?? this.#numbers.numberOf(slot)
  }

  /** A key that is not there yet, for a slot that has none. */
  add(key: number | string, slot: number): void {
    if (typeof key === 'number') {
      this.#numbers.add(key, slot)
      return
    }
    while (this.#textOf.length <= slot) this.#textOf.push(null)
    this.#textOf[slot] = key
    this.#texts.set(key, slot)
    this.#letters += key.length
  }

  /** The slot has no key any more. */
  remove(slot: number): void {
    const text = slot < this.#textOf.length ? (this.#textOf[slot] as string | null) : null
    if (text === null) {
      this.#numbers.remove(slot)
      return
    }
    this.#texts.delete(text)
    this.#letters -= text.length
    this.#textOf[slot] = null
  }

  clear(): void {
    this.#numbers.clear()
    this.#texts.clear()
    this.#letters = 0
    this.#textOf.length = 0
  }
}
