import { keyText } from '@sheetflow/core/key'
import { decodeOrDead } from '@sheetflow/core/framing/codec'
import { isJsonOf } from '@sheetflow/core/json-codec'
import { isBlobRef, isUnchanged } from '@sheetflow/core/json-special'
import type { KeyJson, RowChange, RowJson, SourceControl } from '@sheetflow/core/message'
import type { Bus, StoredMessage } from '@sheetflow/core/ports/bus'
import type { ColumnSchema, TableSchema } from '@sheetflow/core/schema'
import { sourceStream, sourceSubject, tableSchemaSubject, tableSubject } from '@sheetflow/core/subject'
import type { JsonValue } from '@sheetflow/core/value'
import { rangeOf } from '@sheetflow/engine/ledger/reading-bus'

/** A row of a source's table. */
export interface SourceRow {
  readonly source: string
  /** What the table is called now, and what it was called before. */
  readonly tables: readonly string[]
  readonly schema: TableSchema
  readonly key: KeyJson
}

/** A value that the row had, in a column of this type. */
export interface OldValue {
  readonly column: ColumnSchema
  readonly json: JsonValue
}

/** What stream and archive of its source tell of a row. */
export interface RowTrace {
  /** Messages that say something of it; those in which it is erased already do not. */
  readonly messages: number
  /** What it had, key columns apart, each once; without what other rows of the table have in the same column. */
  readonly values: readonly OldValue[]
  /** Values that other rows have too, or that are no more than a sign, are not among `values`. */
  readonly common: number
  /** Names of big values that it had. */
  readonly blobs: ReadonlySet<string>
  /** Where it was deleted, or seen to be gone; null: it was not, or nothing was ever said of it. */
  readonly goneAt: number | null
  /** Where the last word on it stands; null: nothing is said of it. */
  readonly lastAt: number | null
  /** Keys that it may have had before or after: the row was deleted and another one created in its place. */
  readonly renamed: readonly KeyJson[]
  /** That row has values of this one which were not sent again; while they are needed, this one cannot be erased. */
  readonly lentTo: KeyJson | null
}

/** Is it this row? */
export function isRow(row: SourceRow): (table: string, of: KeyJson) => boolean {
  const which = whichRow(row)
  return (table, of) => which(table, of) === true
}

/** Is it this row? Null: of its table, but the key is none of it (ADR 025), so any row may be meant. */
export function whichRow({ tables, schema, key }: SourceRow): (table: string, of: KeyJson) => boolean | null {
  const types = schema.key.flatMap((name) => schema.columns.filter((column) => column.name === name))
  const names = new Set(tables)
  const wanted = keyText(types, key)
  return (table, of) => {
    if (!names.has(table)) return false
    if (of.length !== types.length || of.some((part) => typeof part === 'object' && part !== null)) return null
    if (types.every((type, i) => isJsonOf(type, of[i] ?? null))) return keyText(types, of) === wanted
    // Of a time in which the key had another type, or of nobody's.
    return of.every((part, i) => bareText(part) === bareText(key[i]))
  }
}

/** `7` for 7 and for "7". */
function bareText(part: JsonValue | undefined): string {
  return typeof part === 'string' ? part : (JSON.stringify(part) ?? '')
}

/** Reads all that there is of the row's table, twice: first what the row had, then what others have of it too. */
export async function traceRow(bus: Bus, row: SourceRow): Promise<RowTrace> {
  const tracer = new Tracer(row)
  for await (const message of messagesOf(bus, row)) tracer.push(message)
  for await (const message of messagesOf(bus, row)) tracer.compare(message)
  return tracer
}

async function* messagesOf(bus: Bus, { source, tables }: SourceRow): AsyncGenerator<StoredMessage> {
  const stream = sourceStream(source)
  const { first, last } = await rangeOf(bus, stream)
  if (last < first) return
  const subjects = [
    sourceSubject(source, '_ctl'),
    ...tables.flatMap((table) => [tableSubject(source, table), tableSchemaSubject(source, table)]),
  ]
  for await (const messages of bus.read(stream, { from: first, subjects, untilNow: true })) yield* messages
}

class Tracer implements RowTrace {
  messages = 0
  common = 0
  goneAt: number | null = null
  lastAt: number | null = null
  lentTo: KeyJson | null = null
  readonly blobs = new Set<string>()
  readonly renamed: KeyJson[] = []
  readonly #row: SourceRow
  readonly #isRow: (table: string, key: KeyJson) => boolean
  /** `column id/JSON` → value. */
  readonly #values = new Map<string, OldValue>()
  readonly #schemas = new Map<string, TableSchema>()
  /** Where the last run of the table began. */
  #runFrom = 0

  constructor(row: SourceRow) {
    this.#row = row
    this.#isRow = isRow(row)
    this.#schemas.set(placeOf(row.schema), row.schema)
  }

  get values(): readonly OldValue[] {
    return [...this.#values.values()]
  }

  /** What cannot be read says nothing here; the rules of the streams tell of it. */
  push(stored: StoredMessage): void {
    const decoded = decodeOrDead(stored)
    if (decoded.kind === 'schema') this.#schemas.set(placeOf(decoded.message), decoded.message)
    if (decoded.kind === 'control' && decoded.message.kind !== 'view' && decoded.message.kind !== 'letters')
      this.#control(decoded.message, stored.offset)
    if (decoded.kind !== 'rows') return
    const { table, rows } = decoded.message
    let found = false
    for (const [i, change] of rows.entries()) {
      const [op, key, after, before] = change
      if (op === 't') this.goneAt = stored.offset
      if (key === null || !this.#isRow(table, key)) continue
      this.lastAt = stored.offset
      this.goneAt = op === 'd' ? stored.offset : null
      if (after !== null || before !== null) found = true
      for (const cells of [after, before]) if (cells !== null) this.#keep(this.#columns(decoded.message), cells)
      this.#neighbours(rows, i)
    }
    if (found) this.messages += 1
  }

  /** Forgets values that other rows have too. */
  compare(stored: StoredMessage): void {
    const decoded = decodeOrDead(stored)
    if (decoded.kind !== 'rows') return
    const columns = this.#columns(decoded.message)
    for (const [, key, after, before] of decoded.message.rows) {
      if (key === null || this.#isRow(decoded.message.table, key)) continue
      for (const cells of [after, before]) {
        for (const [i, json] of (cells ?? []).entries()) {
          const column = columns[i]
          if (column !== undefined && this.#values.delete(valueId(column, json))) this.common += 1
        }
      }
    }
  }

  #control(control: SourceControl, offset: number): void {
    const ours = (tables: readonly string[]): boolean => tables.some((table) => this.#row.tables.includes(table))
    if (control.kind === 'drop' && ours([control.table])) this.goneAt = offset
    if (control.kind === 'start' && ours(control.tables)) this.#runFrom = offset
    // A run that read the whole table has not met it.
    if (control.kind === 'loaded' && ours(control.tables) && (this.lastAt ?? 0) < this.#runFrom) this.goneAt ??= offset
  }

  /** `d` and `c` side by side may be one row with a new key (FORMATS 4). */
  #neighbours(rows: readonly RowChange[], i: number): void {
    const [op] = rows[i] ?? []
    const other = op === 'd' ? rows[i + 1] : rows[i - 1]
    const isPair = other !== undefined && other[1] !== null && other[0] === (op === 'd' ? 'c' : 'd') && (op === 'c' || op === 'd')
    if (!isPair || other[1] === null) return
    this.renamed.push(other[1])
    if (op === 'd' && other[2]?.some(isUnchanged) === true) this.lentTo = other[1]
  }

  #keep(columns: readonly ColumnSchema[], cells: RowJson): void {
    for (const [i, json] of cells.entries()) {
      const column = columns[i]
      if (column === undefined) continue
      if (isBlobRef(json)) this.blobs.add(json.b)
      if (!this.#row.schema.key.includes(column.name)) this.#values.set(valueId(column, json), { column, json })
    }
  }

  /** Columns of a schema that is trimmed are those of now, if there are as many. */
  #columns({
    table,
    schema,
    rows,
  }: {
    readonly table: string
    readonly schema: number
    readonly rows: readonly RowChange[]
  }): readonly ColumnSchema[] {
    const known = this.#schemas.get(placeOf({ table, schema }))
    if (known !== undefined) return known.columns
    const { columns } = this.#row.schema
    return rows.some(([, , after, before]) => (after ?? before)?.length === columns.length) ? columns : []
  }
}

function placeOf({ table, schema }: { readonly table: string; readonly schema: number }): string {
  return `${table} ${schema}`
}

function valueId({ id }: ColumnSchema, json: JsonValue): string {
  return `${id}/${JSON.stringify(json)}`
}
