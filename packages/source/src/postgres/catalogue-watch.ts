import type { CatalogueTable, TableSign } from './catalogue.ts'
import { readCatalogue, readSigns } from './catalogue.ts'
import { HEARTBEAT_PREFIX } from './log-reader.ts'
import type { CatalogueQuery } from './pg-type.ts'
import type { DbSnapshot } from './snapshot/visibility.ts'
import { parseSnapshot } from './snapshot/visibility.ts'

/** What changed in the catalogue between two looks. It holds for every place of the log behind the look. */
export interface Findings {
  /** Tables that are new or not what they were, as they are now. */
  readonly changed: readonly CatalogueTable[]
  /** Oids of tables that are gone. */
  readonly gone: readonly number[]
}

/**
 * Looks at the catalogue at each beat, then writes a heartbeat into the log. When the heartbeat comes by in the stream, everything that led to the findings
 * has come by too, so there is the place to act on them: DDL that streams no rows (drop, rename, rewrite, an attached partition) gets a place in the order.
 */
export class CatalogueWatch {
  readonly #query: CatalogueQuery
  readonly #life: string
  readonly #waiting = new Map<string, Findings>()
  #signs: ReadonlyMap<number, TableSign>
  #beat = 0

  constructor(query: CatalogueQuery, life: string, known: readonly CatalogueTable[]) {
    this.#query = query
    this.#life = life
    this.#signs = new Map(known.map((table) => [table.oid, table]))
  }

  /** One look and one heartbeat. `prepare` is run on tables that are new before the heartbeat is written. Returns what a statement of now sees. */
  async beat(prepare: (changed: readonly CatalogueTable[]) => Promise<void>): Promise<DbSnapshot> {
    const signs = new Map((await readSigns(this.#query)).map((sign) => [sign.oid, sign]))
    const changed = [...signs.values()].filter((sign) => !sameSign(this.#signs.get(sign.oid), sign)).map((sign) => sign.oid)
    const gone = [...this.#signs.keys()].filter((oid) => !signs.has(oid))
    const name = `${this.#life}:${String(++this.#beat)}`
    if (changed.length > 0 || gone.length > 0) {
      const tables = changed.length === 0 ? [] : await readCatalogue(this.#query, changed)
      await prepare(tables)
      this.#waiting.set(name, { changed: tables, gone })
    }
    this.#signs = signs
    const [row] = await this.#query<{ snapshot: string }>(
      'select pg_current_snapshot()::text as snapshot, pg_logical_emit_message(true, $1, $2)::text as lsn',
      [HEARTBEAT_PREFIX, name],
    )
    return parseSnapshot(row?.snapshot ?? '')
  }

  /** Was this heartbeat written by this life? */
  isOurs(heartbeat: string): boolean {
    return heartbeat.startsWith(`${this.#life}:`)
  }

  /** The heartbeat came by: what was found before it was written. */
  arrived(heartbeat: string): Findings | undefined {
    const findings = this.#waiting.get(heartbeat)
    this.#waiting.delete(heartbeat)
    return findings
  }
}

function sameSign(a: TableSign | undefined, b: TableSign): boolean {
  return a !== undefined && a.name === b.name && a.storage === b.storage && a.xmin === b.xmin && a.shape === b.shape
}
