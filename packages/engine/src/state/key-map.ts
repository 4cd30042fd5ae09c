import { keyText } from '@sheetflow/core/key'
import type { KeyJson } from '@sheetflow/core/message'
import type { ColumnType } from '@sheetflow/core/type'

/** A key in normal form: equal keys are the same primitive (FORMATS 2). */
export type NormalKey = number | string

/** Longest bigint text that is certainly a safe integer. */
const SAFE_DIGITS = 15

/** Key → slot, by value: never by a hash alone. One-column keys of numbers and text need no building. */
export class KeyMap {
  readonly normal: (key: KeyJson) => NormalKey
  readonly #slots = new Map<NormalKey, number>()

  constructor(types: readonly ColumnType[]) {
    this.normal = normalizer(types)
  }

  get size(): number {
    return this.#slots.size
  }

  /** −1: no such key. */
  find(key: NormalKey): number {
    return this.#slots.get(key) ?? -1
  }

  set(key: NormalKey, slot: number): void {
    this.#slots.set(key, slot)
  }

  /** Forgets the key if it still stands for that slot. */
  delete(key: NormalKey, slot: number): void {
    if (this.#slots.get(key) === slot) this.#slots.delete(key)
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
