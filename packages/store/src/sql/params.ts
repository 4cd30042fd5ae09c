/** What may be bound to a parameter. */
export type SqlValue = null | number | bigint | string | Uint8Array

/**
 * The bound values of one statement. Values never stand in SQL text: `add` gives the placeholder to write instead.
 * Placeholders are numbered, so that text may be composed in any order and a value be used twice.
 */
export class Params {
  readonly #values: SqlValue[] = []
  readonly #placeholder: (n: number) => string
  readonly #first: number

  /** @param first number of the first value, for text that becomes a part of a greater statement */
  constructor(placeholder: (n: number) => string, first: number = 1) {
    this.#placeholder = placeholder
    this.#first = first
  }

  /** Binds a value; the placeholder. */
  add(value: SqlValue): string {
    return this.#placeholder(this.#values.push(value) - 1 + this.#first)
  }

  /** All values, in the order of their numbers. */
  get values(): readonly SqlValue[] {
    return this.#values
  }
}
