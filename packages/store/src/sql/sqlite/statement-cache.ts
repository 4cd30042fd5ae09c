import type { DatabaseSync, StatementSync } from 'node:sqlite'

const MAX_STATEMENTS = 500

/** Prepared statements of one connection by their text; the least recently used one goes. */
export class StatementCache {
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(db: DatabaseSync) {
    this.#db = db
  }

  get(text: string): StatementSync {
    const known = this.#statements.get(text)
    if (known !== undefined) {
      this.#statements.delete(text)
      this.#statements.set(text, known)
      return known
    }
    const [oldest] = this.#statements.keys()
    if (this.#statements.size >= MAX_STATEMENTS && oldest !== undefined) this.#statements.delete(oldest)
    const statement = this.#db.prepare(text)
    this.#statements.set(text, statement)
    return statement
  }
}
