import type { FunctionSignatures } from '@sheetflow/core/function-signature'
import type { TableSchema } from '@sheetflow/core/schema'
import type { ColumnType } from '@sheetflow/core/type'
import type { BoundSheet } from '@sheetflow/formula/bound'
import type { NamedLookup, RelationLookup } from '@sheetflow/formula/bind/scope'
import { didYouMean } from '@sheetflow/formula/suggest'
import { isTimeZone } from '@sheetflow/formula/value/zone'
import type { FileRange, Findings } from '../diagnostic.ts'
import type { Workbook } from '../file/workbook-set.ts'
import type { SheetColumn } from './columns.ts'
import type { GraphContext, SheetRelation } from './graph-context.ts'
import type { CompileInput, CompileOutput } from './input.ts'
import { sheetsLeafFirst } from './sheets-leaf-first.ts'
import { withPivot } from './pivot.ts'
import { SheetCompiler } from './sheet-compiler.ts'
import { equalNames, splitId, tableLabel, tablesByName, TableScope, typeOf, type Drift } from './table-scope.ts'
import { parseTypeName, TYPE_NAMES } from './type-name.ts'
import { ValuesCompiler } from './values-compiler.ts'

/** All workbooks of a graph while they are compiled: what each name means, and what is being bound at the moment. */
export class GraphCompiler implements GraphContext {
  readonly findings: Findings
  readonly functions: FunctionSignatures
  readonly #tables: ReadonlyMap<string, TableScope>
  readonly #workbooks: readonly Workbook[]
  readonly #sheets = new Map<string, SheetCompiler>()
  readonly #published = new Set<string>()
  readonly #values = new Map<string, ValuesCompiler>()
  readonly #claims = new Map<string, ReadonlyMap<string, ColumnType>>()
  /** What names of tables were found to mean. */
  readonly #found = new Map<string, readonly TableScope[]>()
  /** Old names of sheets, in small letters → those of now. */
  readonly #sheetNames: ReadonlyMap<string, string>
  /** Names of sheets that are gone, in small letters → names of new ones. */
  readonly #goneSheets: ReadonlyMap<string, readonly string[]>
  readonly #stack: string[] = []
  readonly #reading: FileRange[] = []

  constructor(workbooks: readonly Workbook[], input: CompileInput, findings: Findings) {
    this.findings = findings
    this.functions = input.functions ?? {}
    this.#workbooks = workbooks
    this.#tables = new Map(
      tablesByName(input).map(({ id, now, schema }) => [
        id,
        new TableScope(id, now, schema, input.ids?.[id] ?? input.ids?.[now], (drift) => this.#reportDrift(drift)),
      ]),
    )
    this.#goneSheets = new Map(Object.entries(input.goneSheets ?? {}).map(([old, fresh]) => [old.toLowerCase(), fresh]))
    this.#sheetNames = new Map(Object.entries(input.sheetNames ?? {}).map(([old, now]) => [old.toLowerCase(), now]))
    for (const { name, file, sheets } of workbooks) {
      this.#values.set(name, new ValuesCompiler(file, this))
      this.#claims.set(name, this.#readClaims(file.user))
      if (file.timeZone !== null && !isTimeZone(file.timeZone.name)) {
        findings.error('workbook/shape', file.timeZone.at, `"${file.timeZone.name}" is no time zone`, {
          fix: 'write one as Europe/Warsaw or UTC',
        })
      }
      for (const sheet of sheets) {
        this.#sheets.set(`${name}.${sheet.name}`, new SheetCompiler(withPivot(sheet, findings), this))
        if (sheet.read !== null) this.#published.add(`${name}.${sheet.name}`)
      }
    }
  }

  /** Binds everything. In the order of the files; `orderSheets` brings them in that of the graph. */
  finish(): { readonly sheets: readonly BoundSheet[]; readonly places: ReadonlyMap<string, FileRange> } {
    const sheets: BoundSheet[] = []
    const places = new Map<string, FileRange>()
    for (const id of sheetsLeafFirst(this.#workbooks)) this.#sheets.get(id)?.finish()
    for (const { name, file } of this.#workbooks) {
      const values = this.#values.get(name)
      values?.checkNames()
      values?.checkFunctions()
      const bound = values?.finish()
      places.set(`${name}.${name}_values`, file.at)
      if (bound !== undefined && bound !== null) sheets.push(bound)
    }
    for (const [id, sheet] of this.#sheets) {
      places.set(id, sheet.at)
      const bound = sheet.finish()
      if (bound !== null) sheets.push(bound)
    }
    return { sheets, places }
  }

  /** Schemas of source tables by id. */
  tableSchema(id: string): TableSchema | undefined {
    return this.#tables.get(id)?.schema
  }

  /**
   * What the names that the files use stand for: of these tables, which they read, and of those of which they use columns that are gone and nothing else. Without the latter
   * the next deployment would not know that there ever were such columns.
   */
  usedNames(tables: readonly string[]): Pick<CompileOutput, 'ids' | 'tableIds' | 'used'> {
    const read = new Set(tables)
    const used = [...this.#tables.values()].filter(({ id, hasLost }) => hasLost || read.has(id)).sort((a, b) => (a.id < b.id ? -1 : 1))
    return {
      ids: Object.fromEntries(used.map((table) => [table.usedName, table.usedIds()])),
      tableIds: Object.fromEntries(used.flatMap((table) => (table.schema.id === undefined ? [] : [[table.usedName, table.schema.id]]))),
      used: Object.fromEntries(used.map((table) => [table.usedName, table.usedTable()])),
    }
  }

  claimsOf(workbook: string): ReadonlyMap<string, ColumnType> {
    return this.#claims.get(workbook) ?? new Map()
  }

  // ── names ───────────────────────────────────────────────────────────────────────────────────────────────

  relation(workbook: string, source: string | null, table: string): RelationLookup {
    const sheet = this.#sheetNamed(source ?? workbook, table) ?? this.#oldSheet(source ?? workbook, table)
    if (sheet !== undefined) return { kind: 'relation', relation: sheet }
    if (source === null) return this.#goneSheet(workbook, table)
    const found = this.#tablesNamed(source, table)
    const chosen = found.length > 1 ? (found.find((one) => splitId(one.id)[1] === `public.${table}`) ?? null) : (found[0] ?? null)
    if (chosen !== null) {
      if (!isTable(chosen.now, source, table)) this.#reportOldName(chosen.oldName(), tableLabel(chosen.now))
      return { kind: 'relation', relation: chosen }
    }
    return found.length > 1 ? { kind: 'ambiguous', labels: found.map((one) => one.id) } : this.#goneSheet(source, table)
  }

  #goneSheet(workbook: string, name: string): RelationLookup {
    const fresh = this.#goneSheets.get(`${workbook}.${name}`.toLowerCase())
    return fresh === undefined ? null : { kind: 'gone', ...whatBecameOf(fresh) }
  }

  /** A sheet that has another name now. */
  #oldSheet(workbook: string, name: string): SheetCompiler | undefined {
    const found = this.#sheets.get(this.#sheetNames.get(`${workbook}.${name}`.toLowerCase()) ?? '')
    if (found !== undefined) this.#reportOldName(name, found.name)
    return found
  }

  relationNames(workbook: string): readonly string[] {
    const sheets = [...this.#sheets.values()].map((sheet) => (sheet.workbook === workbook ? sheet.name : `${sheet.workbook}!${sheet.name}`))
    return [...sheets, ...[...this.#tables.keys()].map(tableLabel)]
  }

  sheet(id: string): SheetRelation | undefined {
    return this.#sheets.get(id)
  }

  isPublished(id: string): boolean {
    return this.#published.has(id)
  }

  columnsOf(id: string): readonly SheetColumn[] | { readonly cycle: readonly string[] } | null {
    const circle = this.#stack.indexOf(rowsLabel(id))
    if (circle >= 0)
      return { cycle: [...this.#stack.slice(circle), rowsLabel(id)].filter(isRowsLabel).map((label) => label.slice(ROWS.length)) }
    const table = this.#tables.get(id)
    if (table !== undefined)
      return table.schema.columns.map((column, index) => ({
        name: table.names[index] ?? column.name,
        type: typeOf(column),
        nullable: column.null,
        formula: null,
      }))
    return (
      this.#sheets
        .get(id)
        ?.finish()
        ?.columns.map(({ name, type, nullable }) => ({ name, type, nullable, formula: null })) ?? null
    )
  }

  #sheetNamed(workbook: string, name: string): SheetCompiler | undefined {
    // Names of ours are in small letters.
    return this.#sheets.get(`${workbook}.${name}`.toLowerCase())
  }

  /** Source tables that a formula may mean by `source!table`. */
  #tablesNamed(source: string, table: string): readonly TableScope[] {
    const name = `${source}!${table}`.toLowerCase()
    const known = this.#found.get(name)
    if (known !== undefined) return known
    const found = [...this.#tables.values()].filter((one) => isTable(one.id, source, table) || isTable(one.now, source, table))
    this.#found.set(name, found)
    return found
  }

  named(workbook: string, name: string): NamedLookup {
    return this.#values.get(workbook)?.named(name, false) ?? null
  }

  isLive(view: string, column: number): boolean {
    return [...this.#values.values()].find((values) => values.view === view)?.isLive(column) ?? true
  }

  names(workbook: string): readonly string[] {
    return this.#values.get(workbook)?.names() ?? []
  }

  timeZone(workbook: string): string {
    return this.#workbooks.find((one) => one.name === workbook)?.file.timeZone?.name ?? 'UTC'
  }

  claim(workbook: string, name: string): ColumnType | undefined {
    return this.#claims.get(workbook)?.get(name)
  }

  claimNames(workbook: string): readonly string[] {
    return [...(this.#claims.get(workbook)?.keys() ?? [])]
  }

  #readClaims(entries: Workbook['file']['user']): ReadonlyMap<string, ColumnType> {
    const claims = new Map<string, ColumnType>()
    for (const { name, text, textAt } of entries) {
      const type = parseTypeName(text)
      if (type === null)
        this.findings.error('workbook/shape', textAt, `"${text}" is no type`, {
          fix: didYouMean(text, TYPE_NAMES) ?? `the types are ${TYPE_NAMES.join(' ')}`,
        })
      else claims.set(name, type)
    }
    return claims
  }

  // ── the way ─────────────────────────────────────────────────────────────────────────────────────────────

  enter<T>(label: string, bind: () => T): { readonly done: T } | { readonly cycle: readonly string[] } {
    const at = this.#stack.indexOf(label)
    if (at >= 0) return { cycle: [...this.#stack.slice(at), label] }
    this.#stack.push(label)
    const done = bind()
    this.#stack.pop()
    return { done }
  }

  reading<T>(at: FileRange, bind: () => T): T {
    this.#reading.push(at)
    const done = bind()
    this.#reading.pop()
    return done
  }

  #reportDrift({ table, from, to }: Drift): void {
    this.#warnDrift(`${table}[${from}] is called "${to}" at the source now`)
  }

  #reportOldName(from: string, to: string): void {
    this.#warnDrift(`${from} is called ${to} now`)
  }

  #warnDrift(message: string): void {
    const at = this.#reading.at(-1)
    if (at !== undefined) this.findings.warning('workbook/drift', at, message, { fix: '`sheetflow fmt --renames` rewrites the files' })
  }
}

const ROWS = 'rows of '

/** The label under which the rows of a sheet are bound. */
function rowsLabel(id: string): string {
  return ROWS + id
}

function isRowsLabel(label: string): boolean {
  return label.startsWith(ROWS)
}

/** Does `source!table` mean the table with that id (`shop!public.orders`)? The schema may be left out. */
function isTable(id: string, source: string, table: string): boolean {
  const [itsSource, itsTable] = splitId(id)
  if (!equalNames(itsSource, source)) return false
  return equalNames(itsTable, table) || equalNames(itsTable.slice(itsTable.indexOf('.') + 1), table)
}

/** Of a sheet that the running deployment has. `fresh`: sheets that it has not. */
function whatBecameOf(fresh: readonly string[]): { readonly why: string; readonly fix: string } {
  if (fresh.length === 0)
    return { why: 'the running deployment has it, and its file is gone', fix: 'leave it out here, or take the file back' }
  const names = fresh.join(' or ')
  return {
    why: `the running deployment has it, and its file is gone; ${fresh.join(', ')} ${fresh.length === 1 ? 'is' : 'are'} new, and too different to be that sheet with a new name`,
    fix: `if it is that sheet, deploy it under its new name first and change it after that, which keeps what was typed into it; else write ${names} here`,
  }
}
