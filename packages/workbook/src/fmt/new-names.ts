import { isMap, isSeq, type Node } from 'yaml'
import type { FunctionSignatures } from '@sheetflow/core/function-signature'
import type { TableSchema } from '@sheetflow/core/schema'
import type { ReferenceNode } from '@sheetflow/formula/syntax/node'
import { columnText } from '@sheetflow/formula/service/column-text'
import type { BoundSheet } from '@sheetflow/formula/bound'
import { rowsInputs } from '@sheetflow/formula/rows-inputs'
import { compileGraph } from '../compile/compile-graph.ts'
import { referencesOf } from '../compile/references.ts'
import { equalNames, tableLabel, tablesByName } from '../compile/table-scope.ts'
import { staleNames, type KnownNames } from '../deployment.ts'
import { Findings } from '../diagnostic.ts'
import type { FormulaSource } from '../file/formula-source.ts'
import type { PlacedEntry, SheetFile } from '../file/sheet-file.ts'
import { readWorkbooks, type Workbook } from '../file/workbook-set.ts'
import { entriesOf, itemsOf, rangeOf, type YamlFile } from '../file/yaml-file.ts'
import { applyEdits, type Edit as TextEdit } from './apply-edits.ts'
import { OldNames } from './old-names.ts'

/** An edit, and the file that it is of. */
interface Edit extends TextEdit {
  readonly file: string
}

/** Columns that have another name now: table or sheet id → old name → new name. */
type Renames = ReadonlyMap<string, ReadonlyMap<string, string>>

/**
 * The files with the names that tables, columns and sheets have now (`fmt --renames`): in formulas, `keep`, `publish`, `format`, `hide` and tests, and in
 * the sheets that read such a column from a sheet that keeps it. `running`: the deployment that runs. Comments and layout stay.
 * Null if the files do not compile.
 */
export function takeNewNames(
  files: Readonly<Record<string, string>>,
  tables: ReadonlyMap<string, TableSchema>,
  running: KnownNames,
  functions: FunctionSignatures = {},
): Readonly<Record<string, string>> | null {
  const stale = staleNames(running, tables, files)
  const { graph } = compileGraph({ files, tables, ...stale, functions })
  if (graph === null) return null
  // A table that was renamed is known by both names.
  const named = tablesByName({ tables, tableIds: stale.tableIds })
  const known = new Map(named.flatMap(({ id, now, schema }) => [[now, schema] as const, [id, schema] as const]))
  const renames = new Map<string, ReadonlyMap<string, string>>()
  for (const [id, names] of Object.entries(stale.ids)) {
    for (const { id: old, now, schema } of named) {
      if (id === old || id === now) for (const one of [old, now]) renames.set(one, currentNames(names, schema))
    }
  }
  const workbooks = readWorkbooks(files, new Findings())
  // Sheets stand behind what they read, so what a sheet passes on is known when the next one asks.
  for (const sheet of graph.sheets) {
    const base = renames.get(baseOf(sheet) ?? '')
    const passedOn = [...(base ?? [])].filter(([name]) =>
      sheet.published.some((index) => sheet.columns[index]?.name === name && sheet.columns[index].formula === undefined),
    )
    if (passedOn.length > 0) renames.set(sheet.view, new Map(passedOn))
  }
  const base = new Map(graph.sheets.map((sheet) => [sheet.view, baseOf(sheet)]))
  const edits = workbooks.flatMap((workbook) =>
    editsOf(workbook, new Renamer({ workbook, workbooks, tables: known, renames, base, old: new OldNames({ tables, ...stale }) })),
  )
  return Object.fromEntries(
    Object.entries(files).map(([path, text]) => [
      path,
      applyEdits(
        text,
        edits.filter((edit) => edit.file === path),
      ),
    ]),
  )
}

/** The relation whose column names a sheet uses as its own; null: rows of its own, or of several. */
function baseOf({ rows }: BoundSheet): string | null {
  const [only, ...others] = rowsInputs(rows)
  return only === undefined || others.length > 0 || rows.kind === 'stack' ? null : only.relation
}

function currentNames(names: Readonly<Record<string, number>>, schema: TableSchema | undefined): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const [name, id] of Object.entries(names)) {
    const column = schema?.columns.find((one) => one.id === id)
    if (column !== undefined) found.set(name, column.name)
  }
  return found
}

function editsOf(workbook: Workbook, renamer: Renamer): Edit[] {
  const named = workbook.file.values.flatMap((entry) => (entry.formula === null ? [] : renamer.inFormula(entry.formula, null)))
  return [...named, ...workbook.sheets.flatMap((sheet) => renamer.inSheet(sheet))]
}

interface RenamerOptions {
  readonly workbook: Workbook
  readonly workbooks: readonly Workbook[]
  /** By each name that a table is called by. */
  readonly tables: ReadonlyMap<string, TableSchema>
  readonly renames: Renames
  /** View → what its rows come from. */
  readonly base: ReadonlyMap<string, string | null>
  readonly old: OldNames
}

/** Finds the places of old names in the files of one workbook. */
class Renamer {
  readonly #workbook: Workbook
  readonly #workbooks: readonly Workbook[]
  readonly #tables: ReadonlyMap<string, TableSchema>
  readonly #renames: Renames
  readonly #base: ReadonlyMap<string, string | null>
  readonly #old: OldNames

  constructor({ workbook, workbooks, tables, renames, base, old }: RenamerOptions) {
    this.#workbook = workbook
    this.#workbooks = workbooks
    this.#tables = tables
    this.#renames = renames
    this.#base = base
    this.#old = old
  }

  inSheet(sheet: SheetFile): Edit[] {
    const base = this.#base.get(`${sheet.workbook}.${sheet.name}`) ?? null
    const formulas = [
      sheet.rows,
      ...sheet.columns.map((column) => column.formula),
      ...(sheet.read ?? []).map((rule) => (rule.rows === 'all' ? null : rule.rows)),
    ]
    const names = [
      ...(sheet.keep === 'all' ? [] : sheet.keep),
      ...sheet.index,
      ...sheet.search,
      ...sheet.format,
      ...(sheet.read ?? []).flatMap((rule) => rule.hide),
    ]
    const own = sheet.columns.map((column) => column.name)
    return [
      ...formulas.flatMap((formula) => (formula === null ? [] : this.inFormula(formula, base, own))),
      ...(sheet.map?.columns ?? []).flatMap(({ by }) => by.flatMap((one) => this.#inMap(one))),
      ...names.flatMap(({ name, at }) => this.#edit(at.file, at, own.includes(name) ? null : this.#renamed(base, name))),
      ...itemsOf(sheet.tests).flatMap((test) => this.#inTest(sheet.file, test, base, own)),
    ]
  }

  /** What a table calls a column of a stack. */
  #inMap({ name: label, at: place, text, textAt }: PlacedEntry): Edit[] {
    const at = label.indexOf('!')
    const [source, table] = at < 0 ? [null, label] : [label.slice(0, at), label.slice(at + 1)]
    return [
      ...this.#edit(place.file, place, this.#old.newLabel(this.#workbook.name, label)),
      ...this.#edit(textAt.file, textAt, this.#renamed(this.#relationNamed(source, table), text)),
    ]
  }

  /** `own`: columns that the sheet computes itself; their names stay. */
  inFormula(formula: FormulaSource, base: string | null, own: readonly string[] = []): Edit[] {
    const isValue = (name: string): boolean => this.#workbook.file.values.some((one) => equalNames(one.name, name))
    const tables = this.#old.inFormula(formula, this.#workbook.name, isValue)
    const columns = referencesOf(formula.parsed.node).flatMap((reference) => {
      const { table, column } = reference
      if (column === null) return []
      const isOwn = table === null
      if (isOwn && own.some((name) => equalNames(name, column.name))) return []
      const name = this.#renamed(isOwn ? base : this.#relation(reference), column.name)
      return name === null ? [] : this.#edit(formula.at.file, formula.place(column), columnText(formula.parsed.text, column, name))
    })
    return [...columns, ...tables.flatMap((one) => this.#edit(formula.at.file, formula.place(one), one.text))]
  }

  /** Rows that a test gives have the columns of their tables, rows that it expects those of the sheet. */
  #inTest(file: YamlFile, node: Node, base: string | null, own: readonly string[]): Edit[] {
    return entriesOf(node).flatMap(({ name, value }) => {
      if (name === 'expect') return itemsOf(value).flatMap((row) => this.#inKeys(file, row, base, own))
      if (name === 'given') return this.#byTable(file, value)
      if (name === 'steps' || name === 'then') return itemsOf(value).flatMap((one) => this.#inTest(file, one, base, own))
      return name === 'insert' || name === 'update' || name === 'delete' ? this.#byTable(file, value) : []
    })
  }

  #byTable(file: YamlFile, node: Node | null): Edit[] {
    return entriesOf(node).flatMap(({ key, name, value }) => {
      const table = [...this.#tables.keys()].find((id) => id === name || tableLabel(id) === name) ?? null
      const rows = isSeq(value) ? itemsOf(value) : isMap(value) ? [value] : []
      return [
        ...this.#edit(file.path, rangeOf(key), this.#old.newLabel(this.#workbook.name, name)),
        ...rows.flatMap((row) => this.#inKeys(file, row, table, [])),
      ]
    })
  }

  #inKeys(file: YamlFile, row: Node, relation: string | null, own: readonly string[]): Edit[] {
    return entriesOf(row).flatMap(({ key, name }) =>
      this.#edit(file.path, rangeOf(key), own.includes(name) ? null : this.#renamed(relation, name)),
    )
  }

  #renamed(relation: string | null, name: string): string | null {
    const names = relation === null ? undefined : this.#renames.get(relation)
    return [...(names ?? [])].find(([old]) => equalNames(old, name))?.[1] ?? null
  }

  /** The table or sheet that a reference names. */
  #relation({ source, table }: ReferenceNode): string | null {
    return this.#relationNamed(source?.name ?? null, table?.name ?? '')
  }

  #relationNamed(source: string | null, name: string): string | null {
    const book = source ?? this.#workbook.name
    const sheets = this.#workbooks.find((one) => equalNames(one.name, book))?.sheets ?? []
    const sheet = sheets.find((one) => equalNames(one.name, name))
    if (sheet !== undefined) return `${sheet.workbook}.${sheet.name}`
    return [...this.#tables.keys()].find((id) => equalNames(tableLabel(id), `${book}!${name}`) || equalNames(id, `${book}!${name}`)) ?? null
  }

  #edit(file: string, { start, end }: { readonly start: number; readonly end: number }, text: string | null): Edit[] {
    return text === null ? [] : [{ file, start, end, text }]
  }
}
