import { grownInt32, roomFor } from '../state/lane.ts'
import { SlotSet } from '../state/slot-set.ts'
import type { MatchKey } from '@sheetflow/formula/criteria'

/**
 * The keys of an index: key → small integer ("entry"), by value. An entry lives as long as somebody holds it: rows that have the key and
 * callers that ask for it, so misses are entries too and a late row finds who waits for it.
 */
export class Entries {
  /** Entries whose content changed in this step. */
  readonly dirty: SlotSet = new SlotSet()
  readonly #ids = new Map<MatchKey, number>()
  readonly #keys: (MatchKey | null)[] = []
  readonly #free: number[] = []
  readonly #maybeUnused: number[] = []
  #holders: Int32Array<ArrayBuffer> = new Int32Array(64)

  /** Number of entries. */
  get size(): number {
    return this.#ids.size
  }

  /** All entries are below. */
  get capacity(): number {
    return this.#keys.length
  }

  /** −1: nobody holds this key. */
  find(key: MatchKey): number {
    return this.#ids.get(key) ?? -1
  }

  /** The entry of the key, held once more. */
  hold(key: MatchKey): number {
    const known = this.#ids.get(key)
    const entry = known ?? this.#create(key)
    this.#holders[entry] = (this.#holders[entry] as number) + 1
    return entry
  }

  /** Held once less; an entry that nobody holds is forgotten at the end of the step. */
  release(entry: number): void {
    const left = (this.#holders[entry] as number) - 1
    this.#holders[entry] = left
    if (left === 0) this.#maybeUnused.push(entry)
  }

  /** Ends the step. `forget` clears what an index keeps per entry: the number is used again. */
  finish(forget: (entry: number) => void): void {
    for (const entry of this.#maybeUnused) {
      const key = this.#keys[entry]
      if (this.#holders[entry] !== 0 || key === null || key === undefined) continue
      this.#ids.delete(key)
      this.#keys[entry] = null
      this.#free.push(entry)
      forget(entry)
    }
    this.#maybeUnused.length = 0
    this.dirty.clear()
  }

  #create(key: MatchKey): number {
    const entry = this.#free.pop() ?? this.#keys.length
    this.#keys[entry] = key
    this.#ids.set(key, entry)
    if (entry >= this.#holders.length) this.#holders = grownInt32(this.#holders, roomFor(this.#holders.length, entry + 1))
    return entry
  }
}
