import { isMap, isSeq, type Node } from 'yaml'
import { formatTimestamp } from '@sheetflow/core/calendar'
import { keyText } from '@sheetflow/core/key'
import { toJson } from '@sheetflow/core/json-codec'
import type { KeyJson, RowChange, RowJson } from '@sheetflow/core/message'
import type { ColumnSchema, TableSchema } from '@sheetflow/core/schema'
import type { JsonValue } from '@sheetflow/core/value'
import { didYouMean } from '@sheetflow/formula/suggest'
import type { FileRange, Findings } from '../diagnostic.ts'
import { readTyped } from '../compile/literal.ts'
import { tableLabel, typeOf } from '../compile/table-scope.ts'
import { entriesOf, isBlank, itemsOf, placeOf, scalarText, type YamlFile } from '../file/yaml-file.ts'
import type { EvaluationStep } from './evaluate.ts'

/** What the rows must be: as written, values still texts. */
export interface Expectation {
  readonly at: FileRange
  readonly rows: readonly { readonly at: FileRange; readonly cells: readonly ExpectedCell[] }[]
}

/** One value that is expected; `text` null is Blank. */
export interface ExpectedCell {
  readonly column: string
  readonly text: string | null
  readonly at: FileRange
}

/** One test of a sheet, ready to run. */
export interface SheetTest {
  readonly name: string
  readonly at: FileRange
  readonly given: Readonly<Record<string, readonly RowJson[]>>
  readonly now: string
  /** After `given`, and after each step. */
  readonly expect: readonly (Expectation | null)[]
  readonly steps: readonly EvaluationStep[]
}

/** The time of tests that do not say one. */
const DEFAULT_NOW = '2026-11-23T12:00:00.000000Z'

/** Reads the `tests:` of a sheet. `tables`: all source tables by id. What is wrong is reported; such tests are left out. */
export function readTests(file: YamlFile, node: Node | null, tables: ReadonlyMap<string, TableSchema>, findings: Findings): SheetTest[] {
  return itemsOf(node).flatMap((test, index) => {
    const before = findings.all.length
    const read = new TestReader(file, tables, findings).read(test, index)
    return findings.all.slice(before).some((one) => one.severity === 'error') ? [] : [read]
  })
}

class TestReader {
  readonly #file: YamlFile
  readonly #tables: ReadonlyMap<string, TableSchema>
  readonly #findings: Findings
  /** Rows as they are at this point of the test, by table and key text. */
  readonly #rows = new Map<string, Map<string, RowJson>>()
  #failed = false

  constructor(file: YamlFile, tables: ReadonlyMap<string, TableSchema>, findings: Findings) {
    this.#file = file
    this.#tables = tables
    this.#findings = findings
  }

  read(test: Node, index: number): SheetTest {
    const field = (name: string): Node | null => entriesOf(test).find((entry) => entry.name === name)?.value ?? null
    const given = this.#readGiven(field('given'))
    const steps = itemsOf(field('steps'))
    const read = steps.map((step) => this.#readStep(step))
    const expect = [test, ...steps].map((one) => this.#readExpect(one))
    if (!this.#failed && expect.every((one) => one === null))
      this.#fail(test, 'this test compares nothing', 'write under "expect:" the rows that the sheet has then; [] for none')
    return {
      name: scalarText(field('name')) ?? `test ${index + 1}`,
      at: placeOf(this.#file, test),
      given,
      now: this.#readNow(field('now')) ?? DEFAULT_NOW,
      expect,
      steps: read,
    }
  }

  #readGiven(node: Node | null): Readonly<Record<string, readonly RowJson[]>> {
    const given: Record<string, readonly RowJson[]> = {}
    for (const { key, name, value } of entriesOf(node)) {
      const table = this.#table(name, key)
      if (table === null) continue
      if (!isSeq(value)) this.#fail(value ?? key, `the rows of ${table.label} are a list`, 'write [{column: value, …}], or [] for none')
      given[table.id] = itemsOf(value).map((node) => {
        const row = this.#readRow(table, node, null)
        const { key, text } = keyOf(table.schema, row)
        const rows = this.#rowsOf(table.id)
        if (rows.has(text) && !key.includes(null)) this.#fail(node, `${table.label} has a row with this key already`, 'give each key once')
        rows.set(text, row)
        return row
      })
    }
    return given
  }

  #readStep(step: Node): EvaluationStep {
    const changes = itemsOf(stepField(step, 'then')).flatMap((change) =>
      entriesOf(change).flatMap((entry) => this.#readChange(entry.name, entry.value)),
    )
    const now = this.#readNow(stepField(step, 'now'))
    return { changes, ...(now === null ? {} : { now }) }
  }

  #readChange(verb: string, node: Node | null): EvaluationStep['changes'][number][] {
    if (verb === 'truncate') {
      const names = isSeq(node) ? node.items : [node]
      return names.flatMap((one) => {
        const table = this.#table(scalarText(one) ?? '', one as Node)
        if (table === null) return []
        this.#rowsOf(table.id).clear()
        return [{ table: table.id, rows: [['t', null, null, null] as const] }]
      })
    }
    return entriesOf(node).flatMap(({ key, name, value }) => {
      const table = this.#table(name, key)
      if (table === null) return []
      if (!isMap(value) && !isSeq(value))
        this.#fail(value ?? key, `"${verb}" takes rows of ${table.label}`, 'write {column: value, …}, or a list of these')
      const rows = isMap(value) ? [value] : itemsOf(value)
      return [{ table: table.id, rows: rows.map((row) => this.#changeOf(verb, table, row)) }]
    })
  }

  #changeOf(verb: string, table: Table, node: Node): RowChange {
    const rows = this.#rowsOf(table.id)
    const written = this.#readRow(table, node, null)
    const { key, text } = keyOf(table.schema, written)
    const before = rows.get(text) ?? null
    if (verb === 'insert') {
      if (before !== null) this.#fail(node, `${table.label} has a row with this key already`, 'update it, or insert another key')
      rows.set(text, written)
      return ['c', key, written, null]
    }
    if (before === null) this.#fail(node, `${table.label} has no row with this key`, 'give the whole key of a row that is there')
    if (verb === 'delete') {
      rows.delete(text)
      return ['d', key, null, before]
    }
    const after = this.#readRow(table, node, before)
    rows.set(text, after)
    return ['u', key, after, before]
  }

  /** A row in the order of the schema; columns that are not written are as `base` has them, or Blank. */
  #readRow({ schema, label }: Table, node: Node, base: RowJson | null): RowJson {
    const row: JsonValue[] = schema.columns.map((_, index) => base?.[index] ?? null)
    for (const { key, name, value } of entriesOf(node)) {
      const index = schema.columns.findIndex((column) => column.name === name)
      const column = schema.columns[index]
      if (column === undefined) {
        this.#fail(
          key,
          `${label} has no column "${name}"`,
          didYouMean(
            name,
            schema.columns.map((one) => one.name),
          ),
        )
        continue
      }
      row[index] = this.#readCell(column, value)
    }
    return row
  }

  #readCell(column: ColumnSchema, node: Node | null): JsonValue {
    if (isBlank(node)) return null
    const text = scalarText(node) ?? ''
    const value = readTyped(typeOf(column), text)
    if (value === undefined) this.#fail(node, `"${text}" is no ${column.type}`, `"${column.name}" is of type ${column.type}`)
    return value === undefined ? null : toJson(typeOf(column), value)
  }

  /** Null: nothing is expected there. */
  #readExpect(of: Node): Expectation | null {
    const entry = entriesOf(of).find(({ name }) => name === 'expect')
    const node = entry?.value ?? null
    if (!isSeq(node)) {
      if (entry !== undefined) this.#fail(node ?? entry.key, '"expect" takes a list of rows', 'write [] for no rows')
      return null
    }
    const rows = itemsOf(node).map((row) => ({
      at: placeOf(this.#file, row),
      cells: entriesOf(row).map(({ key, name, value }) => ({
        column: name,
        text: isBlank(value) ? null : (scalarText(value) ?? ''),
        at: placeOf(this.#file, key),
      })),
    }))
    return { at: placeOf(this.#file, node), rows }
  }

  #readNow(node: Node | null): string | null {
    const text = scalarText(node)
    if (text === null) return null
    const moment = readTyped({ type: 'timestamptz' }, text)
    if (typeof moment === 'object' && moment !== null && 'days' in moment) return formatTimestamp('timestamptz', moment)
    this.#fail(node, `"${text}" is no time`, 'write it as 2026-11-23T10:00:00Z')
    return null
  }

  #table(name: string, node: Node): Table | null {
    const found = [...this.#tables].find(([id]) => id === name || tableLabel(id) === name)
    if (found !== undefined) return { id: found[0], label: tableLabel(found[0]), schema: found[1] }
    this.#fail(
      node,
      `there is no table "${name}"`,
      didYouMean(name, [...this.#tables.keys()].map(tableLabel)) ?? 'tests give rows of source tables: source!table',
    )
    return null
  }

  #rowsOf(table: string): Map<string, RowJson> {
    const rows = this.#rows.get(table) ?? new Map<string, RowJson>()
    this.#rows.set(table, rows)
    return rows
  }

  #fail(node: Node | null, message: string, fix?: string): void {
    this.#failed = true
    this.#findings.error('workbook/shape', placeOf(this.#file, node), message, fix === undefined ? {} : { fix })
  }
}

interface Table {
  readonly id: string
  readonly label: string
  readonly schema: TableSchema
}

function stepField(step: Node, name: string): Node | null {
  return entriesOf(step).find((entry) => entry.name === name)?.value ?? null
}

function keyOf(schema: TableSchema, row: RowJson): { readonly key: KeyJson; readonly text: string } {
  const indexes = schema.key.map((name) => schema.columns.findIndex((column) => column.name === name))
  const key = indexes.map((index) => row[index] ?? null)
  const types = indexes.flatMap((index) => {
    const column = schema.columns[index]
    return column === undefined ? [] : [typeOf(column)]
  })
  return { key, text: keyText(types, key) }
}
