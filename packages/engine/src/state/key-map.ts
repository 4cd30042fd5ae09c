import { keyText } from '@sheetflow/core/key'
import type { KeyJson } from '@sheetflow/core/message'
import type { ColumnType } from '@sheetflow/core/type'
import { PrimitiveKeys } from './primitive-keys.ts'

/** A key in normal form: equal keys are the same primitive (FORMATS 2). */
type NormalKey = number | string

/** Longest bigint text that is certainly a safe integer. */
const SAFE_DIGITS = 15

/** Key → slot, by value: never by a hash alone. One-column keys of whole numbers are kept as numbers, all others as text. */
export class KeyMap {
  readonly #normal: (key: KeyJson) => NormalKey
  readonly #slots = new PrimitiveKeys()

  constructor(types: readonly ColumnType[]) {
    this.#normal = normalizer(types)
  }

  /** −1: no such key. */
  find(key: KeyJson): number {
    return this.#slots.find(this.#normal(key))
  }

  /** A key that is not there yet, for a slot that has none. */
  add(key: KeyJson, slot: number): void {
    this.#slots.add(this.#normal(key), slot)
  }

  /** The slot has no key any more. */
  remove(slot: number): void {
    this.#slots.remove(slot)
  }

  clear(): void {
    this.#slots.clear()
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
