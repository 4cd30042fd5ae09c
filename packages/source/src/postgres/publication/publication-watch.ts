import { isSheetflowError } from '@sheetflow/core/errors'
import type { CatalogueQuery } from '../catalogue/pg-type.ts'
import { ensurePublication, readMemberships, readPublication, readPublicationSign } from './publication.ts'
import type { Publishable, Unpublished } from './publishable.ts'
import { unpublishable } from './publishable.ts'

/** A captured table by its name of now. */
export interface PublishedTable {
  readonly oid: number
  readonly name: string
}

/** `readMemberships` */
type Memberships = ReadonlyMap<number, string> | null

/** What a look saw. */
export interface PublicationLook {
  /** Oids of captured tables of which not everything was published, now or since the look before. */
  readonly missed: readonly number[]
  /** Oid → place in the publication, as the look left it. */
  readonly places: ReadonlyMap<number, string>
  /** Of the fresh tables those that cannot be published. */
  readonly refused: readonly Unpublished[]
  /** Oids of tables that could not be published before, and that somebody has published since. */
  readonly arrived: readonly number[]
}

/**
 * Notices that captured tables were not published for a while: rows written meanwhile are not in the log, so these tables have to be read again. What is missing
 * is published again. Nobody but a person takes tables out, and then the log says nothing about it.
 *
 * Others may change the publication between any two of our statements. So what a look compares with the look before is what the next one begins from, and is never
 * read a second time; only what we publish ourselves is looked at once more, and what has changed beside it was missed as well.
 */
export class PublicationWatch {
  readonly #query: CatalogueQuery
  readonly #name: string
  /** Of `#members` or of a moment before them; null: of no moment. */
  #sign: string | null = null
  #members: Memberships = null
  readonly #refused: Set<number>

  /** `refused`: tables that could not be published at the start. */
  constructor(query: CatalogueQuery, name: string, refused: readonly Unpublished[] = []) {
    this.#query = query
    this.#name = name
    this.#refused = new Set(refused.map(({ oid }) => oid))
  }

  /** The first look, which makes the publication where there is none: of what was before it knows nothing. Errors as of `ensurePublication`. */
  async begin(tables: readonly PublishedTable[]): Promise<PublicationLook> {
    return await this.#look(tables, [])
  }

  /**
   * One look: `captured` are the tables that have to be there, `fresh` those that are to be added. Null: a table or the publication was made, dropped or renamed meanwhile, and the next look begins where this one did.
   */
  async look(captured: readonly PublishedTable[], fresh: readonly Publishable[]): Promise<PublicationLook | null> {
    try {
      return await this.#look(captured, fresh)
    } catch (error) {
      if (isSheetflowError(error) && OVERTAKEN.has(String(error.details['sqlState']))) return null
      throw error
    }
  }

  async #look(captured: readonly PublishedTable[], fresh: readonly Publishable[]): Promise<PublicationLook> {
    let sign = await readPublicationSign(this.#query, this.#name)
    if (sign !== null && sign === this.#sign && fresh.length === 0)
      return { missed: [], places: this.#members ?? new Map(), refused: [], arrived: [] }
    let members = await readMemberships(this.#query, this.#name)
    const missed = new Set(captured.filter(changed(this.#members, members)))
    const refused = fresh.length === 0 ? [] : unpublishable(this.#name, await readPublication(this.#query, this.#name), fresh)
    for (const { oid } of refused) this.#refused.add(oid)
    let wanted: readonly PublishedTable[] = [...missed, ...fresh.filter((table) => !refused.some(({ oid }) => oid === table.oid))]
    while (members === null || wanted.length > 0) {
      const before = members
      await ensurePublication(
        this.#query,
        this.#name,
        wanted.map((table) => table.name),
      )
      sign = null
      members = await readMemberships(this.#query, this.#name)
      wanted = captured.filter((table) => !missed.has(table) && changed(before, members)(table))
      for (const table of wanted) missed.add(table)
    }
    this.#sign = sign
    this.#members = members
    return { missed: [...missed].map((table) => table.oid), places: members, refused, arrived: this.#arrived(members) }
  }

  #arrived(members: ReadonlyMap<number, string>): readonly number[] {
    const arrived = [...this.#refused].filter((oid) => members.has(oid))
    for (const oid of arrived) this.#refused.delete(oid)
    return arrived
  }
}

/** Was a table left out between two moments, or is it now? Nothing is known of the first one: is it left out now? */
function changed(before: Memberships, now: Memberships): (table: PublishedTable) => boolean {
  return ({ oid }) => {
    const sign = now?.get(oid)
    return sign === undefined || (before !== null && sign !== before.get(oid))
  }
}

/** No such table, no such schema; no such publication any more, or one already, or the table is in it already. */
const OVERTAKEN: ReadonlySet<string> = new Set(['42P01', '3F000', '42704', '42710'])
