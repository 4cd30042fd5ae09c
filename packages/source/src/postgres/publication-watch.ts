import { isSheetflowError } from '@sheetflow/core/errors'
import type { CatalogueQuery } from './pg-type.ts'
import { ensurePublication, readMemberships, readPublicationSign } from './publication.ts'

/** A captured table by its name of now. */
export interface PublishedTable {
  readonly oid: number
  readonly name: string
}

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

  /**
   * One look: `captured` are the tables that have to be there, `fresh` those that are to be added. Returns the oids of captured tables whose rows
   * were missed. Null: one of the tables was dropped or renamed meanwhile, nothing was added, and the next look begins where this one did.
   */
  async look(captured: readonly PublishedTable[], fresh: readonly PublishedTable[]): Promise<readonly number[] | null> {
    const missed = this.#sign === (await readPublicationSign(this.#query, this.#name)) ? [] : await this.#missed(captured)
    const wanted = [...missed, ...fresh].map((table) => table.name)
    if (wanted.length > 0 && !(await this.#publish(wanted))) {
      this.#sign = null
      return null
    }
    const sign = await readPublicationSign(this.#query, this.#name)
    if (sign !== this.#sign) {
      this.#sign = sign
      this.#members = await readMemberships(this.#query, this.#name)
    }
    return missed.map((table) => table.oid)
  }

  async #missed(captured: readonly PublishedTable[]): Promise<readonly PublishedTable[]> {
    const before = this.#members
    // The first look: what was missing at the start was found then.
    if (before === null) return []
    const now = await readMemberships(this.#query, this.#name)
    return captured.filter(({ oid }) => now?.get(oid) === undefined || now.get(oid) !== before.get(oid))
  }

  /** False: one of the tables was dropped or renamed since we looked. */
  async #publish(tables: readonly string[]): Promise<boolean> {
    try {
      await ensurePublication(this.#query, this.#name, tables)
      return true
    } catch (error) {
      if (isSheetflowError(error) && GONE.has(String(error.details['sqlState']))) return false
      throw error
    }
  }
}

/** No such table, no such schema. */
const GONE: ReadonlySet<string> = new Set(['42P01', '3F000'])
