import type { ColumnType } from '@sheetflow/core/type'
import type { EqualityKey } from './access-path.ts'
import { equalityKeyOf } from './sort-key.ts'
import type { KeyReader } from './sort-key.ts'

/** Items by the value of one column. Most values lead to one item, which then stands by itself: a list would be one more place to look at. */
export class EqualityColumn<E extends object> {
  readonly keyOf: KeyReader<EqualityKey>
  readonly #byKey = new Map<EqualityKey, E | E[]>()

  constructor(type: ColumnType, index: number) {
    this.keyOf = equalityKeyOf(type, index)
  }

  /** Values that lead somewhere. */
  get size(): number {
    return this.#byKey.size
  }

  find(key: EqualityKey): E | readonly E[] | undefined {
    return this.#byKey.get(key)
  }

  count(key: EqualityKey): number {
    const found = this.#byKey.get(key)
    return found === undefined ? 0 : Array.isArray(found) ? found.length : 1
  }

  add(key: EqualityKey, item: E): void {
    const found = this.#byKey.get(key)
    if (found === undefined) this.#byKey.set(key, item)
    else if (Array.isArray(found)) found.push(item)
    else this.#byKey.set(key, [found, item])
  }

  remove(key: EqualityKey, item: E): void {
    const found = this.#byKey.get(key)
    if (found === item) this.#byKey.delete(key)
    if (!Array.isArray(found)) return
    const left = found.filter((other) => other !== item)
    const [only] = left
    if (left.length === 1 && only !== undefined) this.#byKey.set(key, only)
    // An item with the same value twice goes twice.
    else if (left.length === 0) this.#byKey.delete(key)
    else this.#byKey.set(key, left)
  }
}
