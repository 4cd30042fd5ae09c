import type { CatalogueTable, TableSign } from './catalogue.ts'
import { readCatalogue, readSigns } from './catalogue.ts'
import { HEARTBEAT_PREFIX } from '../log/log-reader.ts'
import type { Lsn } from '../log/lsn.ts'
import { lsnFromSql, NO_LSN } from '../log/lsn.ts'
import type { CatalogueQuery } from './pg-type.ts'
import type { PublicationLook } from '../publication/publication-watch.ts'
import type { DbSnapshot } from '../snapshot/visibility.ts'
import { parseSnapshot } from '../snapshot/visibility.ts'

/** What changed in the catalogue between two looks. It holds for every place of the log behind the look. */
export interface Findings {
  /** `TableBook.told` when the look began: what the log has told since is newer than the look may be. */
  readonly told: number
  /** Tables that are new or not what they were, as they are now. */
  readonly changed: readonly CatalogueTable[]
  /** Oids of tables that are gone. */
  readonly gone: readonly number[]
  /** Oids of tables that were not published for a while: what was written meanwhile is not in the log. */
  readonly missed: readonly number[]
  /** `PublicationLook.places` */
  readonly places: ReadonlyMap<number, string>
}

/** How the source is, as of the last beat. */
export interface SourceHealth {
  /** End of the source's log. */
  readonly end: Lsn
  /** Bytes of log that the source keeps for our slot. */
  readonly retainedBytes: number
  /** Bytes that may still be written before the slot is in danger; null: no limit. */
  readonly safeBytes: number | null
}

/**
 * Looks at the catalogue at each beat, then writes a heartbeat into the log. When the heartbeat comes by in the stream, everything that led to the findings
 * has come by too, so there is the place to act on them: DDL that streams no rows (drop, rename, rewrite, an attached partition) gets a place in the order.
 */
export class CatalogueWatch {
  readonly #query: CatalogueQuery
  readonly #life: string
  readonly #waiting = new Map<string, Findings>()
  readonly #slot: string
  readonly #sentAt = new Map<string, number>()
  #signs: ReadonlyMap<number, TableSign>
  #again = new Set<number>()
  #beat = 0
  #lagMs = 0
  #health: SourceHealth = { end: NO_LSN, retainedBytes: 0, safeBytes: null }

  constructor(query: CatalogueQuery, life: string, slot: string, known: readonly CatalogueTable[]) {
    this.#query = query
    this.#life = life
    this.#slot = slot
    this.#signs = new Map(known.map((table) => [table.oid, table]))
  }

  /**
   * One look and one heartbeat. `told`: `TableBook.told` of now. Before the heartbeat is written `prepare` is given all tables that could be captured and those
   * that changed, and answers how they are published, or null: what was looked at is gone already, all of it has to be found again. Returns what a statement of now
   * sees.
   */
  async beat(
    told: number,
    prepare: (tables: readonly TableSign[], changed: readonly CatalogueTable[]) => Promise<PublicationLook | null>,
  ): Promise<DbSnapshot> {
    const again = this.#again
    this.#again = new Set()
    const signs = new Map((await readSigns(this.#query)).map((sign) => [sign.oid, sign]))
    const oids = [...signs.values()]
      .filter((sign) => again.has(sign.oid) || !sameSign(this.#signs.get(sign.oid), sign))
      .map(({ oid }) => oid)
    const gone = [...new Set([...this.#signs.keys(), ...again])].filter((oid) => !signs.has(oid))
    const name = `${this.#life}:${String(++this.#beat)}`
    const found = oids.length === 0 ? [] : await readCatalogue(this.#query, oids)
    const published = await prepare([...signs.values()], found)
    if (published === null) this.lookAgain(again)
    else {
      const { missed, places, refused, arrived } = published
      const changed = found.filter((table) => !refused.some(({ oid }) => oid === table.oid))
      if (changed.length > 0 || gone.length > 0 || missed.length > 0) this.#waiting.set(name, { told, changed, gone, missed, places })
      this.#signs = signs
      this.lookAgain(arrived)
    }
    this.#sentAt.set(name, performance.now())
    const [row] = await this.#query<BeatRow>(BEAT_SQL, [HEARTBEAT_PREFIX, name, this.#slot])
    this.#health = {
      end: lsnFromSql(row?.lsn ?? '0/0'),
      retainedBytes: Number(row?.retained ?? 0),
      safeBytes: row === undefined || row.safe === null ? null : Number(row.safe),
    }
    return parseSnapshot(row?.snapshot ?? '')
  }

  /** The next beat finds these tables, changed or gone, also if they are as they were at the last look. */
  lookAgain(oids: Iterable<number>): void {
    for (const oid of oids) this.#again.add(oid)
  }

  get health(): SourceHealth {
    return this.#health
  }

  /** How long a transaction takes from the source to us: that of the last heartbeat, or the age of one that is still on its way. */
  get lagMs(): number {
    const [oldest] = this.#sentAt.values()
    return Math.round(Math.max(this.#lagMs, oldest === undefined ? 0 : performance.now() - oldest))
  }

  /** Was this heartbeat written by this life? */
  isOurs(heartbeat: string): boolean {
    return heartbeat.startsWith(`${this.#life}:`)
  }

  /** The heartbeat came by: what was found before it was written. */
  arrived(heartbeat: string): Findings | undefined {
    const sentAt = this.#sentAt.get(heartbeat)
    if (sentAt !== undefined) this.#lagMs = performance.now() - sentAt
    this.#sentAt.delete(heartbeat)
    const findings = this.#waiting.get(heartbeat)
    this.#waiting.delete(heartbeat)
    return findings
  }
}

interface BeatRow {
  readonly snapshot: string
  readonly lsn: string
  readonly retained: string | null
  readonly safe: string | null
}

const BEAT_SQL = `
  select pg_current_snapshot()::text as snapshot, pg_logical_emit_message(true, $1, $2)::text as lsn,
         (select pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) from pg_replication_slots where slot_name = $3)::text as retained,
         (select safe_wal_size from pg_replication_slots where slot_name = $3)::text as safe`

function sameSign(a: TableSign | undefined, b: TableSign): boolean {
  return a !== undefined && a.name === b.name && a.storage === b.storage && a.xmin === b.xmin && a.shape === b.shape
}
