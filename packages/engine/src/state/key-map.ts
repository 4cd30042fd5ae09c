import { keyText } from '@sheetflow/core/key'
import type { KeyJson } from '@sheetflow/core/message'
import type { ColumnType } from '@sheetflow/core/type'
import { NumberKeys } from './number-keys.ts'

/** A key in normal form: equal keys are the same primitive (FORMATS 2). */
type NormalKey = number | string

/** Longest bigint text that is certainly a safe integer. */
const SAFE_DIGITS = 15

/** Key → slot, by value: never by a hash alone. One-column keys of whole numbers are kept as numbers, all others as text. */
export class KeyMap {
  readonly #normal: (key: KeyJson) => NormalKey
  readonly #numbers = new NumberKeys()
  readonly #texts = new Map<string, number>()
  /** The text of each slot that has one. */
  readonly #textOf: (string | null)[] = []

  constructor(types: readonly ColumnType[]) {
    this.#normal = normalizer(types)
  }

  get size(): number {
    return this.#numbers.size + this.#texts.size
  }

  /** −1: no such key. */
  find(key: KeyJson): number {
    const normal = this.#normal(key)
    return typeof normal === 'number' ? this.#numbers.find(normal) : (this.#texts.get(normal) ?? -1)
  }

  /** A key that is not there yet, for a slot that has none. */
  add(key: KeyJson, slot: number): void {
    const normal = this.#normal(key)
    if (typeof normal === 'number') {
      this.#numbers.add(normal, slot)
      return
    }
    while (this.#textOf.length <= slot) this.#textOf.push(null)
    this.#textOf[slot] = normal
    this.#texts.set(normal, slot)
  }

  /** The slot has no key any more. */
  remove(slot: number): void {
    const text = this.#textOf[slot] ?? null
    if (text === null) {
      this.#numbers.remove(slot)
      return
    }
    this.#texts.delete(text)
    this.#textOf[slot] = null
  }

  clear(): void {
    this.#numbers.clear()
    this.#texts.clear()
    this.#textOf.length = 0
  }
}

function normalizer(types: readonly ColumnType[]): (key: KeyJson) => NormalKey {
  const only = types.length === 1 ? types[0]?.type : undefined
  if (only === 'int') return (key) => (typeof key[0] === 'number' ? key[0] : keyText(types, key))
  if (only === 'bigint') return (key) => bigintKey(types, key)
  return (key) => keyText(types, key)
}

function bigintKey(types: readonly ColumnType[], key: KeyJson): NormalKey {
  const text = key[0]
  return typeof text === 'string' && text.length <= SAFE_DIGITS ? Number(text) : keyText(types, key)
}
