import type { CatalogueTable } from '../catalogue/catalogue.ts'
import { readCatalogue } from '../catalogue/catalogue.ts'
import type { Findings } from '../catalogue/catalogue-watch.ts'
import type { EventWriter } from '../log/event-writer.ts'
import { namesFreeFirst } from './layout-change.ts'
import type { CatalogueQuery } from '../catalogue/pg-type.ts'
import { loadTypes } from '../catalogue/pg-type.ts'
import type { PostgresSettings } from '../settings.ts'
import { tableFilter } from '../settings.ts'
import { untilVisible } from '../snapshot/gate.ts'
import type { SnapshotProgress } from '../snapshot/progress.ts'
import type { SnapshotWork } from '../snapshot/snapshot-work.ts'
import type { BookChange, TableBook } from './table-book.ts'
import { chooseKey } from '../catalogue/table-key.ts'

/** One that waits for a standby is not waited for longer: the column gets an id of its own and the table is read again. */
const VISIBLE_MS = 1_000

/** What is told of changes of tables, and who is asked about them. */
export interface TableChangeParts {
  readonly settings: PostgresSettings
  readonly query: CatalogueQuery
  readonly book: TableBook
  readonly progress: SnapshotProgress
  readonly writer: EventWriter
  readonly snapshot: SnapshotWork
}

/**
 * Tells the bus what becomes of tables, at the place of the log where it is known: a row whose layout is not ours asks at once (`lookUp`), what brings no rows
 * is found by the catalogue watch and told when its heartbeat comes by (`apply`).
 */
export class TableChanges {
  readonly #parts: TableChangeParts
  readonly #wanted: (table: string) => boolean

  constructor(parts: TableChangeParts) {
    this.#parts = parts
    this.#wanted = tableFilter(parts.settings.tables)
  }

  /** The log goes on, in transaction `xid32`, with a table of another layout than ours: the catalogue knows its ids and types. */
  async lookUp(oid: number, xid32: number, signal: AbortSignal): Promise<void> {
    const { query, book, settings } = this.#parts
    const relation = book.relation(oid)
    if (relation === undefined || !this.#wanted(`${relation.namespace}.${relation.name}`)) return book.ignore(oid)
    // The transaction itself may have changed the table: before it is visible the catalogue does not know.
    await untilVisible(query, xid32, VISIBLE_MS, signal)
    const [now] = await readCatalogue(query, [oid])
    const types = await loadTypes(
      query,
      relation.columns.map((column) => column.typeOid),
    )
    const change = book.fromLog(relation, now, types)
    if (change !== undefined) return this.#announce(change)
    book.ignore(oid)
    settings.log?.warn('source.refused', {
      source: settings.name,
      table: `${relation.namespace}.${relation.name}`,
      why: 'its rows have no key',
    })
  }

  /**
   * What the catalogue watch found; called between two transactions. Returns the tables of which the log has told since the look began: the look may be older,
   * so it is not acted upon, and they have to be looked at again.
   */
  apply(findings: Findings): readonly number[] {
    const { book } = this.#parts
    book.publishedAt(findings.places)
    const overtaken = (oid: number): boolean => book.toldSince(oid, findings.told)
    for (const oid of findings.gone) if (!overtaken(oid)) this.#drop(oid)
    this.#applyChanged(
      findings.changed.filter((table) => !overtaken(table.oid)),
      findings.missed,
    )
    return [...findings.gone, ...findings.changed.map((table) => table.oid)].filter(overtaken)
  }

  #applyChanged(changed: readonly CatalogueTable[], missedOids: readonly number[]): void {
    const { book, writer, settings, snapshot } = this.#parts
    const changes: BookChange[] = []
    let relocated = false
    for (const table of namesFreeFirst(changed, (name) => book.holder(name))) {
      const change = this.#wanted(table.name) ? book.fromCatalogue(table) : undefined
      if (change === undefined) this.#drop(table.oid)
      else if (change.schema || change.run) changes.push(change)
      else relocated ||= change.relocated
    }
    const missed = missedOids.map((oid) => book.get(oid)?.name).filter((name) => name !== undefined)
    if (changes.length === 0 && missed.length === 0) {
      // The log told of the truncation; the next life has to know that the new files are its work.
      if (relocated) writer.control({ kind: 'gate' })
      return
    }
    settings.log?.info('source.tables', { source: settings.name, tables: changes.map((change) => change.table.name), missed })
    writer.standalone(`ctl-${String(writer.nextNumber())}`, () => {
      for (const change of changes) this.#announce({ ...change, run: false })
      const read = changes.filter((change) => change.run).map((change) => change.table.name)
      snapshot.begin([...new Set([...read, ...missed])])
    })
  }

  /** Of tables that changed those that are new, asked for and able to be captured: they have to be published before the heartbeat that tells of them. */
  fresh(changed: readonly CatalogueTable[]): readonly CatalogueTable[] {
    const { settings, book } = this.#parts
    const fresh = changed.filter((table) => this.#wanted(table.name) && book.get(table.oid) === undefined)
    const able = fresh.filter((table) => 'key' in chooseKey(table, settings.keys?.[table.name]))
    for (const table of fresh) if (!able.includes(table)) settings.log?.warn('source.refused', { source: settings.name, table: table.name })
    return able
  }

  #announce(change: BookChange): void {
    const { writer, snapshot, progress, book } = this.#parts
    const { table } = change
    if (change.renamedFrom !== null) {
      if (change.displaced) this.#dropName(table.name)
      snapshot.discard(change.renamedFrom)
      progress.rename(change.renamedFrom, table.name)
      writer.control({ kind: 'rename', table: change.renamedFrom, to: table.name })
    }
    if (change.schema) {
      snapshot.discard(table.name)
      writer.schema(table.layout.schema)
      book.announced(table.oid)
    }
    if (change.run) snapshot.begin([table.name])
  }

  #drop(oid: number): void {
    const { book } = this.#parts
    const name = book.get(oid)?.name ?? book.knownName(oid)
    book.forget(oid)
    if (name !== undefined && book.byName(name) === undefined) this.#dropName(name)
  }

  #dropName(name: string): void {
    const { progress, snapshot, writer } = this.#parts
    if (!progress.knows(name)) return
    snapshot.discard(name)
    progress.drop(name)
    writer.control({ kind: 'drop', table: name })
  }
}
