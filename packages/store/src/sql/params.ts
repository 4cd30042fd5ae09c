/** What may be bound to a parameter. */
export type SqlValue = null | number | bigint | string | Uint8Array

/**
 * The bound values of one statement. Values never stand in SQL text: `add` gives the placeholder to write instead.
 * Placeholders are numbered (`?3`), so that text may be composed in any order and a value be used twice.
 */
export class Params {
  readonly #values: SqlValue[] = []

  /** Binds a value; the placeholder. */
  add(value: SqlValue): string {
    return `?${this.#values.push(value)}`
  }

  /** All values, by number. */
  get values(): readonly SqlValue[] {
    return this.#values
  }
}
