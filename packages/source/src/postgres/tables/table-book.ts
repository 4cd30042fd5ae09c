import type { TableSchema } from '@sheetflow/core/schema'
import type { BlobCollector } from '../values/blob-collector.ts'
import type { CatalogueTable } from '../catalogue/catalogue.ts'
import { columnsOfRelation, needsRun } from './layout-change.ts'
import { isPrintedAlike, isReprinted, isRewritten } from './storage-words.ts'
import type { PgType } from '../catalogue/pg-type.ts'
import type { Relation } from '../log/pgoutput.ts'
import type { TableIdentity } from './table-identity.ts'
import { identityText } from './table-identity.ts'
import { chooseKey } from '../catalogue/table-key.ts'
import type { DatePolicies, TableLayout } from './table-layout.ts'
import { catalogueColumns, fitsIdentity, layoutOf, sameLayout } from './table-layout.ts'

/** A table that is captured. Its identity is the source's own (oid): names change. */
export interface CapturedTable {
  readonly oid: number
  readonly name: string
  readonly partitioned: boolean
  /** How its rows are laid out at this place of the log. */
  readonly layout: TableLayout
  /** Was the layout's schema message written? */
  readonly announced: boolean
  readonly storage: string
  /** Low 32 bits of the last transaction that truncated it: a new `storage` may be its work. */
  readonly truncatedBy: number
}

/** What a table became, for those who have to tell the bus. */
export interface BookChange {
  readonly table: CapturedTable
  /** Its name until now, if it has another. */
  readonly renamedFrom: string | null
  /** Its name was another table's until now. That one is forgotten: if it is still there, it comes by as a new one. */
  readonly displaced: boolean
  /** The layout has to be announced. */
  readonly schema: boolean
  /** Its rows have to be read (again). */
  readonly run: boolean
  /** It lies in other files than the bus was told of. */
  readonly relocated: boolean
}

/** A table as the bus was last told of it, maybe by an earlier life. */
export interface KnownTable extends Omit<TableIdentity, 'oid'> {
  readonly name: string
}

/** What the book needs to know of the configuration. */
export interface BookSettings {
  readonly dates: DatePolicies
  readonly keys: Readonly<Record<string, readonly string[]>>
}

/** The captured tables and their layouts, as of the place in the log that was reached. Knows no connection: it is told what the catalogue says. */
export class TableBook {
  readonly #known: Map<number, KnownTable>
  readonly #blobs: BlobCollector
  readonly #settings: BookSettings
  readonly #byOid = new Map<number, CapturedTable>()
  readonly #schemas: Map<string, TableSchema>
  readonly #relations = new Map<number, Relation>()
  readonly #resolved = new Map<number, CapturedTable>()
  readonly #ignored = new Set<number>()
  readonly #toldAt = new Map<number, number>()
  readonly #published: Map<number, string | undefined>
  #told = 0

  /** `schemas`: the last schema message of every table. `known`: tables as they were last told to the bus, by their oid. */
  constructor(blobs: BlobCollector, settings: BookSettings, schemas: readonly TableSchema[], known: ReadonlyMap<number, KnownTable>) {
    this.#known = new Map(known)
    this.#published = new Map([...known].map(([oid, { published }]) => [oid, published]))
    this.#blobs = blobs
    this.#settings = settings
    this.#schemas = new Map(schemas.map((schema) => [schema.table, schema]))
  }

  tables(): readonly CapturedTable[] {
    return [...this.#byOid.values()]
  }

  get(oid: number): CapturedTable | undefined {
    return this.#byOid.get(oid)
  }

  byName(name: string): CapturedTable | undefined {
    for (const table of this.#byOid.values()) if (table.name === name) return table
    return undefined
  }

  /** The table whose rows come now under this oid, if its layout is known to be the log's. */
  resolved(oid: number): CapturedTable | undefined {
    return this.#resolved.get(oid)
  }

  /** Is it known not to be captured? */
  ignores(oid: number): boolean {
    return this.#ignored.has(oid)
  }

  /** Rows of this table are passed over until the log says something new about it. */
  ignore(oid: number): void {
    this.#ignored.add(oid)
  }

  /** The log's last word on a table's layout. */
  relation(oid: number): Relation | undefined {
    return this.#relations.get(oid)
  }

  /** A Relation message. True: the layout is the one we have, rows can go on. */
  heard(relation: Relation): boolean {
    this.#relations.set(relation.oid, relation)
    this.#ignored.delete(relation.oid)
    const table = this.#byOid.get(relation.oid)
    if (table === undefined || !table.announced || !sameLayout(table.layout, relation)) {
      this.#resolved.delete(relation.oid)
      return false
    }
    this.#resolved.set(relation.oid, table)
    return true
  }

  /** The table as the catalogue has it now. `undefined`: it cannot be captured (`chooseKey` says why). */
  fromCatalogue(now: CatalogueTable): BookChange | undefined {
    const choice = chooseKey(now, this.#settings.keys[now.name])
    const before = this.#byOid.get(now.oid)
    const key = 'key' in choice ? choice.key : before?.layout.schema.key
    if (key === undefined) return undefined
    const columns = catalogueColumns(now)
    const prefilled = (id: number): boolean => now.columns.find((column) => column.attnum === id)?.prefilled ?? true
    return this.#change({ oid: now.oid, name: now.name, key }, columns, now, prefilled)
  }

  /** How often the log has told of a table so far. */
  get told(): number {
    return this.#told
  }

  /** Has the log told of this table since `told` was so much? Then a look at the catalogue that began before may be older than what the log told. */
  toldSince(oid: number, told: number): boolean {
    return (this.#toldAt.get(oid) ?? 0) > told
  }

  /** The table as the log says. `now`: what the catalogue says of it, if it is still there; `types`: those of the log's columns. */
  fromLog(relation: Relation, now: CatalogueTable | undefined, types: ReadonlyMap<number, PgType>): BookChange | undefined {
    this.#toldAt.set(relation.oid, ++this.#told)
    const name = `${relation.namespace}.${relation.name}`
    const before = this.#byOid.get(relation.oid)
    const announced = this.#announced(before ?? this.#known.get(relation.oid), name)
    const columns = columnsOfRelation(relation.columns, now?.columns ?? [], announced, types)
    const has = (key: readonly string[]): boolean => key.length > 0 && key.every((k) => columns.some((column) => column.name === k))
    const choice = now === undefined ? undefined : chooseKey(now, this.#settings.keys[name])
    const candidates = [
      choice !== undefined && 'key' in choice ? choice.key : [],
      announced?.key ?? [],
      relation.columns.filter((c) => c.key).map((c) => c.name),
    ]
    const key = candidates.find((candidate) => has(candidate) && fitsIdentity(candidate, relation))
    if (key === undefined) return undefined
    const prefilled = (id: number): boolean => now?.columns.find((column) => column.attnum === id)?.prefilled ?? true
    const change = this.#change({ oid: relation.oid, name, key }, columns, now, prefilled)
    this.#resolved.set(relation.oid, change.table)
    return change
  }

  /** The layout's schema message is written. */
  announced(oid: number): void {
    const table = this.#byOid.get(oid)
    if (table === undefined) return
    this.#schemas.set(table.name, table.layout.schema)
    this.#replace({ ...table, announced: true })
  }

  /** The log tells of a truncation. */
  truncated(oid: number, xid: number): void {
    this.#toldAt.set(oid, ++this.#told)
    const table = this.#byOid.get(oid)
    if (table !== undefined) this.#replace({ ...table, truncatedBy: xid })
  }

  /** The name under which the bus was last told of a table. */
  knownName(oid: number): string | undefined {
    return this.#known.get(oid)?.name
  }

  /** The table that the bus was last told to have this name, also if it was an earlier life that told it. */
  holder(name: string): number | undefined {
    const told = this.byName(name)
    if (told !== undefined) return told.oid
    for (const [oid, known] of this.#known) if (known.name === name && !this.#byOid.has(oid)) return oid
    return undefined
  }

  /** The text of `TableIdentity` by which the source knows the table of this name. */
  identity(name: string): string | undefined {
    const table = this.byName(name)
    return table === undefined ? undefined : identityText({ ...table, published: this.#published.get(table.oid) })
  }

  /** Nothing was missed up to these places in the publication (`readMemberships`), or is read again from now on. */
  publishedAt(places: ReadonlyMap<number, string>): void {
    for (const [oid, place] of places) this.#published.set(oid, place)
  }

  forget(oid: number): void {
    this.#byOid.delete(oid)
    this.#resolved.delete(oid)
  }

  #announced(before: Pick<KnownTable, 'name'> | undefined, name: string): TableSchema | undefined {
    return before === undefined ? undefined : (this.#schemas.get(before.name) ?? this.#schemas.get(name))
  }

  #change(
    head: { readonly oid: number; readonly name: string; readonly key: readonly string[] },
    columns: Parameters<typeof layoutOf>[1],
    now: CatalogueTable | undefined,
    prefilled: (id: number) => boolean,
  ): BookChange {
    const before = this.#byOid.get(head.oid)
    const known = before ?? this.#known.get(head.oid)
    const holder = this.holder(head.name)
    const displaced = holder !== undefined && holder !== head.oid
    if (displaced) {
      this.forget(holder)
      this.#known.delete(holder)
    }
    const renamedFrom = known !== undefined && known.name !== head.name ? known.name : null
    const announced = this.#announced(known, head.name)
    // A new or renamed table goes on counting where a table of its name stopped.
    const last = this.#schemas.get(head.name)
    const layout = layoutOf(head, columns, last, this.#blobs, this.#settings.dates)
    const schema = renamedFrom !== null || announced?.hash !== layout.schema.hash || announced.id !== layout.schema.id
    const storage = now?.storage ?? known?.storage ?? ''
    const alike = before !== undefined && before.layout.schema.hash === layout.schema.hash && renamedFrom === null
    // The layout's writers know the fields of composite types.
    const same = alike && isPrintedAlike(before.storage, storage)
    const table: CapturedTable = {
      oid: head.oid,
      name: head.name,
      partitioned: now?.partitioned ?? before?.partitioned ?? false,
      layout: same ? before.layout : layout,
      announced: !schema,
      storage,
      truncatedBy: before?.truncatedBy ?? -1,
    }
    const moved = known !== undefined && isRewritten(known.storage, storage, now?.filled ?? '') && now?.xmin !== before?.truncatedBy
    const rewritten = moved || (known !== undefined && isReprinted(known.storage, storage))
    const run = rewritten || announced === undefined || (schema && needsRun(announced, layout.schema, prefilled))
    if (!alike) this.#resolved.delete(head.oid)
    this.#replace(table)
    const relocated = known !== undefined && known.storage !== storage
    return { table, renamedFrom, displaced, schema, run, relocated }
  }

  #replace(table: CapturedTable): void {
    this.#byOid.set(table.oid, table)
    if (this.#resolved.has(table.oid)) this.#resolved.set(table.oid, table)
  }
}
