import { NumberKeys } from '../state/number-keys.ts'
import { PrimitiveKeys } from '../state/primitive-keys.ts'
import { Records } from '../state/records.ts'
import { SlotSet } from '../state/slot-set.ts'
import type { MatchKey } from '@sheetflow/formula/criteria'
import { keyText } from './match-key.ts'
import type { ColumnType } from '@sheetflow/core/type'
import type { FanOut } from './traffic.ts'

/**
 * The keys of an index: key → small integer ("entry"), by value. An entry lives as long as somebody holds it: rows that have the key and
 * callers that ask for it, so misses are entries too and a late row finds who waits for it.
 */
export class Entries {
  /** Entries whose content changed in this step. */
  readonly dirty: SlotSet = new SlotSet()
  /** One record for each entry. Indexes add fields of their own. */
  readonly records: Records = new Records()
  readonly #keys = new PrimitiveKeys(new NumberKeys(this.records))
  #capacity = 0
  readonly #free: number[] = []
  readonly #maybeUnused: number[] = []
  readonly #holders: number = this.records.addInt()
  #mostCalled = 0
  #mostCalledKey: MatchKey = ''

  /** Number of entries. */
  get size(): number {
    return this.#keys.size
  }

  /** About how many bytes the keys and what indexes keep for them take. */
  get bytes(): number {
    return this.records.bytes + this.#keys.bytes
  }

  /** For people: what is kept of the keys, which are of these types, and of so many rows their entries. */
  figures(types: readonly ColumnType[], rows: number): { readonly size: number; readonly bytes: number; readonly worst?: FanOut } {
    const kept = { size: this.size, bytes: this.bytes + 4 * rows }
    if (this.#mostCalled === 0) return kept
    // A key that nobody holds any more may be one that is to be forgotten.
    const key = this.find(this.#mostCalledKey) < 0 ? null : keyText(this.#mostCalledKey, types)
    return { ...kept, worst: { rows: this.#mostCalled, key } }
  }

  /** That entry calls so many rows in this step. For people. */
  called(entry: number, rows: number): void {
    if (rows <= this.#mostCalled) return
    this.#mostCalled = rows
    this.#mostCalledKey = this.#keys.keyOf(entry)
  }

  /** −1: nobody holds this key. */
  find(key: MatchKey): number {
    return this.#keys.find(key)
  }

  /** Reads the entry of a key ahead (`Records.peek`), if there is one. */
  peek(key: MatchKey): number {
    return this.#keys.peek(key)
  }

  /** The entry of the key, held once more. */
  hold(key: MatchKey): number {
    const known = this.#keys.find(key)
    const entry = known >= 0 ? known : this.#create(key)
    this.records.setInt(entry, this.#holders, this.records.int(entry, this.#holders) + 1)
    return entry
  }

  /** Held once less; an entry that nobody holds is forgotten at the end of the step. */
  release(entry: number): void {
    const left = this.records.int(entry, this.#holders) - 1
    this.records.setInt(entry, this.#holders, left)
    if (left === 0) this.#maybeUnused.push(entry)
  }

  /** Ends the step. `forget` clears what an index keeps per entry: the number is used again. */
  finish(forget: (entry: number) => void): void {
    for (let i = 0; i < this.#maybeUnused.length; i++) {
      const entry = this.#maybeUnused[i] as number
      // Released and taken again, or named here twice.
      if (this.records.int(entry, this.#holders) !== 0) continue
      this.records.setInt(entry, this.#holders, FREE)
      this.#keys.remove(entry)
      this.#free.push(entry)
      forget(entry)
    }
    if (this.#maybeUnused.length > 0) this.#maybeUnused.length = 0
    this.dirty.clear()
  }

  #create(key: MatchKey): number {
    const entry = this.#free.pop() ?? this.#capacity++
    if (entry >= this.records.capacity) this.records.makeRoom(entry + 1)
    this.#keys.add(key, entry)
    this.records.setInt(entry, this.#holders, 0)
    return entry
  }
}

/** In place of holders: the number stands for no key. */
const FREE = -1
