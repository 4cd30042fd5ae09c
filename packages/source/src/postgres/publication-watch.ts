import type { CatalogueQuery } from './pg-type.ts'
import { ensurePublication, readMemberships, readPublicationSign } from './publication.ts'
import type { CapturedTable } from './table-book.ts'

/**
 * Notices that captured tables were not published for a while: rows written meanwhile are not in the log, so these tables have to be read again. What is missing
 * is published again. Nobody but a person takes tables out, and then the log says nothing about it.
 */
export class PublicationWatch {
  readonly #query: CatalogueQuery
  readonly #name: string
  #sign: string | null = null
  #members: ReadonlyMap<number, string> | null = null

  constructor(query: CatalogueQuery, name: string) {
    this.#query = query
    this.#name = name
  }

  /** One look. `change` may publish more tables; what it does is ours, and noticed as such. Returns the oids of tables whose rows were missed. */
  async look(captured: () => readonly CapturedTable[], change: () => Promise<void>): Promise<readonly number[]> {
    const missed = this.#sign === (await readPublicationSign(this.#query, this.#name)) ? [] : await this.#missed(captured())
    await change()
    if (missed.length > 0) {
      const names = captured().filter((table) => missed.includes(table.oid))
      await ensurePublication(
        this.#query,
        this.#name,
        names.map((table) => table.name),
      )
    }
    const sign = await readPublicationSign(this.#query, this.#name)
    if (sign !== this.#sign) {
      this.#sign = sign
      this.#members = await readMemberships(this.#query, this.#name)
    }
    return missed
  }

  async #missed(captured: readonly CapturedTable[]): Promise<readonly number[]> {
    const before = this.#members
    // The first look: what was missing at the start was found then.
    if (before === null) return []
    const now = await readMemberships(this.#query, this.#name)
    return captured.filter(({ oid }) => before.has(oid) && now?.get(oid) !== before.get(oid)).map(({ oid }) => oid)
  }
}
