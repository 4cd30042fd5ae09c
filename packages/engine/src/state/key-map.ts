import { keyText } from '@sheetflow/core/key'
import type { KeyJson } from '@sheetflow/core/message'
import type { ColumnType } from '@sheetflow/core/type'
import type { Lane } from './lane.ts'
import type { NumberKeys } from './number-keys.ts'
import { PrimitiveKeys } from './primitive-keys.ts'

/** A key in normal form: equal keys are the same primitive (FORMATS 2). */
export type NormalKey = number | string

/** Longest bigint text that is certainly a safe integer. */
const SAFE_DIGITS = 15

/** Key → slot, by value: never by a hash alone. One-column keys of whole numbers are kept as numbers, all others as text. */
export class KeyMap {
  readonly normal: (key: KeyJson) => NormalKey
  /** As `normal`, of a key whose cells stand in lanes. */
  readonly normalAt: (lanes: readonly Lane[], i: number) => NormalKey
  readonly #slots: PrimitiveKeys

  constructor(types: readonly ColumnType[], numbers: NumberKeys) {
    this.#slots = new PrimitiveKeys(numbers)
    this.normal = normalizer(types)
    const only = types.length === 1 ? types[0]?.type : undefined
    const whole = only === 'int' || only === 'bigint'
    this.normalAt = (lanes, i) => (whole ? wholeKey(lanes, i) : null) ?? this.normal(lanes.map((lane) => lane.json(i)))
  }

  /** About how many bytes the keys take, beside the records of those that are numbers. */
  get bytes(): number {
    return this.#slots.bytes
  }

  /** −1: no such key. */
  find(key: NormalKey): number {
    return this.#slots.find(key)
  }

  /** A key that is not there yet, for a slot that has none. */
  add(key: NormalKey, slot: number): void {
    this.#slots.add(key, slot)
  }

  /** The slot has no key any more. */
  remove(slot: number): void {
    this.#slots.remove(slot)
  }

  clear(): void {
    this.#slots.clear()
  }
}

/** Null: it is not surely a number that `normal` would make a number of. */
function wholeKey(lanes: readonly Lane[], i: number): number | null {
  const units = (lanes[0] as Lane).units(i)
  return units < 1e15 && units > -1e14 ? units : null
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
