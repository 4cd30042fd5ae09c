import type { Place } from '../excel/book.ts'
import { assert } from '@sheetflow/core/assert'
import type { Value } from '@sheetflow/core/value'
import type { BoundColumn, BoundGraph, BoundSheet } from '@sheetflow/formula/bound'
import type { PlainTable } from '@sheetflow/formula/calculator/plain-table'
import { compileGraph } from '../compile/compile-graph.ts'
import { typeOf } from '../compile/table-scope.ts'
import type { WorkbookDiagnostic } from '../diagnostic.ts'
import { addressOf } from '../excel/address.ts'
import { isSame, shownValue } from '../excel/same-value.ts'
import { computeSheets, readsToday } from './compute.ts'
import type { Draft, DraftColumn, DraftTable, DraftValue } from './draft.ts'
import { entryAt } from './entry-at.ts'
import { dropName } from './plan-formulas.ts'
import type { ExpectedRows, Rendered } from './render.ts'
import { excelValue, typedValue } from './typed-cells.ts'
import { yamlCell } from './write-sheet.ts'

/**
 * Takes formulas back until the files compile and every formula gives what Excel had computed (those that read the day apart): first what does not compile, then
 * what differs. Ends, because each round takes at least one back. Gives the rows that come out.
 */
export function proveDraft(draft: Draft, workbook: string, render: () => Rendered, today: number): ExpectedRows {
  for (;;) {
    const now = render()
    const { graph, diagnostics } = compileGraph({ files: now.files, tables: now.tables })
    const errors = diagnostics.filter((one) => one.severity === 'error')
    if (graph === null) {
      takeBackBroken(draft, workbook, now.files, errors)
      continue
    }
    const trial = new Trial(draft, workbook, now, graph)
    trial.run(today)
    if (!trial.tookBack) return trial.expected
  }
}

function takeBackBroken(draft: Draft, workbook: string, files: Rendered['files'], errors: readonly WorkbookDiagnostic[]): void {
  let done = false
  const accepted = draft.wholeColumns
  for (const { file, line, code, message, fix = 'write it otherwise' } of errors) {
    const table = draft.tables.find((one) => file === `${workbook}/${one.name}.sheet.yaml`)
    const entry = entryAt(files[file] ?? '', line)
    const column = table?.columns.find((one) => one.formula !== null && one.name === entry)
    const value = table === undefined ? draft.values.find((one) => one.formula !== null && one.name === entry) : undefined
    if (table !== undefined && column !== undefined) {
      if (code === 'formula/cost' && !table.wholeTable) table.wholeTable = true
      else if (code !== 'formula/cost') takeBackColumn(draft, table, column, message, fix)
      done = true
    } else if (value !== undefined) {
      if (code === 'formula/cost' && !accepted) draft.wholeColumns = true
      else takeBackValue(draft, value, message, fix)
      done = true
    } else if (table !== undefined && !done && code === 'formula/cycle') {
      const others = draft.tables.filter((one) => one !== table)
      const readers = table.columns.filter(({ formula }) => others.some((one) => formula?.includes(`${one.name}[`) === true))
      for (const one of readers) takeBackColumn(draft, table, one, message, fix)
      done = readers.length > 0
    }
  }
  if (!done) takeBackAll(draft, errors[0])
}

/** What nobody can place cannot be mended one by one: then all is data. */
function takeBackAll(draft: Draft, error: WorkbookDiagnostic | undefined): void {
  const { message, fix } = { message: 'the files do not compile', fix: 'write it otherwise', ...error }
  const columns = draft.tables.flatMap((table) => table.columns.filter((one) => one.formula !== null).map((column) => ({ table, column })))
  const values = draft.values.filter((one) => one.formula !== null)
  assert(columns.length + values.length > 0, `data alone does not compile: ${message}`)
  for (const { table, column } of columns) takeBackColumn(draft, table, column, message, fix)
  for (const value of values) takeBackValue(draft, value, message, fix)
}

function takeBackColumn(draft: Draft, { region }: DraftTable, column: DraftColumn, reason: string, fix: string): void {
  const { sheet, top, bottom } = region.area
  column.formula = null
  const place = { sheet, row: top, column: column.at }
  draft.problem(place, bottom, draft.cell(place)?.formula ?? null, reason, fix)
}

function takeBackValue(draft: Draft, value: DraftValue, reason: string, fix: string): void {
  if (value.place === null) {
    dropName(draft, value, (value.formula ?? '').slice(1), `the name ${value.name}: ${reason}`, fix)
    return
  }
  value.formula = null
  draft.problem(value.place, value.place.row, draft.cell(value.place)?.formula ?? null, reason, fix)
}

/** One computation of the files, compared with what Excel had. */
class Trial {
  readonly expected: Map<DraftTable, (readonly [string, string])[][]> = new Map()
  tookBack = false
  readonly #draft: Draft
  readonly #workbook: string
  readonly #now: Rendered
  readonly #graph: BoundGraph
  /** Columns whose values change with the day, as `view,index`. */
  readonly #daily = new Set<string>()

  constructor(draft: Draft, workbook: string, now: Rendered, graph: BoundGraph) {
    this.#draft = draft
    this.#workbook = workbook
    this.#now = now
    this.#graph = graph
  }

  run(today: number): void {
    const tables = this.#graph.tables.map(({ id, schema }): [string, PlainTable] => {
      const rows = this.#now.rows.entries().find(([table]) => id.endsWith(`!public.${table.name}`))?.[1].rows ?? []
      const columns = schema.columns.map((column) => ({ name: column.name, type: typeOf(column), nullable: column.null }))
      return [id, { id, columns, key: schema.key.map((name) => columns.findIndex((column) => column.name === name)), rows }]
    })
    computeSheets(this.#graph, new Map(tables), today, (sheet, column, values) => this.#settle(sheet, column, values))
  }

  /** Compares a column; what differs is taken back, and others read what Excel had. So they do where a large table was computed in part. */
  #settle(sheet: BoundSheet, index: number, values: ReadonlyMap<number, Value>): readonly Value[] {
    const column = sheet.columns[index]
    if (column?.formula === undefined) return []
    const { name, type } = column
    const { epoch } = this.#draft.book
    const table = this.#draft.tables.find((one) => sheet.view === `${this.#workbook}.${one.name}`)
    const draftColumn = table?.columns.find((one) => one.name === name)
    const value = table === undefined ? this.#draft.values.find((one) => one.name === name) : undefined
    const places = table !== undefined && draftColumn !== undefined ? placesOf(table, draftColumn) : value?.place ? [value.place] : []
    const had = places.map((place) => this.#draft.cell(place)?.value ?? null)
    const isDaily = readsToday(column.formula, (view, at) => this.#daily.has(`${view},${at}`), sheet.view)
    if (isDaily) this.#daily.add(`${sheet.view},${index}`)
    const wrong = isDaily ? undefined : values.entries().find(([row, one]) => !isSame(had[row] ?? null, excelValue(type, one, epoch)))
    if (wrong === undefined || places.length === 0) {
      if (table !== undefined && !isDaily) this.#expect(table, column, values)
      const count = Math.max(places.length, values.size)
      return Array.from({ length: count }, (_, row) => values.get(row) ?? typedValue(type, had[row] ?? null, epoch))
    }
    const [row, got] = wrong
    const cell = places[row] === undefined ? '' : addressOf(places[row].row, places[row].column)
    const shown = { got: shownValue(excelValue(type, got, epoch)) || 'Blank', had: shownValue(had[row] ?? null) || 'nothing' }
    const reason = `it gives ${shown.got} in ${cell}, where Excel has ${shown.had}`
    const fix = 'compare both by hand; sheetflow import --check computes the cell alone'
    this.tookBack = true
    if (table !== undefined && draftColumn !== undefined) takeBackColumn(this.#draft, table, draftColumn, reason, fix)
    else if (value !== undefined) takeBackValue(this.#draft, value, reason, fix)
    return had.map((one) => typedValue(type, one, epoch))
  }

  #expect(table: DraftTable, column: BoundColumn, values: ReadonlyMap<number, Value>): void {
    const data = this.#now.rows.get(table)
    const key = data?.columns.findIndex((one) => one.name === data.key) ?? -1
    const keyType = data?.columns[key]?.type
    if (data === undefined || keyType === undefined) return
    const rows =
      this.expected.get(table) ?? data.rows.map((row): (readonly [string, string])[] => [[data.key, yamlCell(keyType, row[key] ?? null)]])
    const type = column.type.type === 'decimal' ? ({ type: 'decimal' } as const) : column.type
    for (const [at, value] of values) rows[at]?.push([column.name, yamlCell(type, value)])
    this.expected.set(table, rows)
  }
}

function placesOf({ region: { area } }: DraftTable, { at }: DraftColumn): readonly Place[] {
  return Array.from({ length: area.bottom - area.top + 1 }, (_, index) => ({ sheet: area.sheet, row: area.top + index, column: at }))
}
