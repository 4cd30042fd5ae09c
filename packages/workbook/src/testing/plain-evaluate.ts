import { must } from '@sheetflow/core/assert'
import { isCellError } from '@sheetflow/core/cell-error'
import { parseTimestamp } from '@sheetflow/core/calendar'
import { compareValues } from '@sheetflow/core/compare'
import { fromJson, toJson } from '@sheetflow/core/json-codec'
import { keyText } from '@sheetflow/core/key'
import type { RowJson } from '@sheetflow/core/message'
import type { JsonValue, Value } from '@sheetflow/core/value'
import type { BoundGraph, BoundSheet, BoundTable } from '@sheetflow/formula/bound'
import { PlainHost } from '@sheetflow/formula/calculator/plain-host'
import type { PlainTable } from '@sheetflow/formula/calculator/plain-table'
import { compileColumn, compileExpr } from '@sheetflow/formula/compile/compile-expr'
import { localTime } from '@sheetflow/formula/value/zone'
import { typeOf } from '../compile/table-scope.ts'
import type { EvaluatedRows, Evaluate } from '../test-runner/evaluate.ts'

/** Recomputes everything from the rows after each step: what a graph means, without any operator. Named values are left out. */
export const plainEvaluate: Evaluate = (graph, given, steps, now) => {
  const tables = new Map(graph.tables.map((table) => [table.id, new Map<string, RowJson>()]))
  const put = (table: BoundTable, row: RowJson): void => void tables.get(table.id)?.set(rowKey(table, row), row)
  for (const table of graph.tables) for (const row of given[table.id] ?? []) put(table, row)
  const answers = [evaluate(graph, tables, now)]
  let time = now
  for (const step of steps) {
    time = step.now ?? time
    for (const change of step.changes) {
      const table = must(graph.tables.find((one) => one.id === change.table))
      for (const [op, , after, before] of change.rows) {
        if (op === 't') tables.get(table.id)?.clear()
        if (before !== null) tables.get(table.id)?.delete(rowKey(table, before))
        if (after !== null) put(table, after)
      }
    }
    answers.push(evaluate(graph, tables, time))
  }
  return answers
}

function evaluate(graph: BoundGraph, tables: ReadonlyMap<string, ReadonlyMap<string, RowJson>>, now: string): EvaluatedRows {
  const plain = new Map<string, PlainTable>()
  for (const { id, schema } of graph.tables) {
    const columns = schema.columns.map((column) => ({ name: column.name, type: typeOf(column), nullable: column.null }))
    const rows = [...(tables.get(id)?.values() ?? [])].map((row) =>
      columns.map((column, index) => fromJson(column.type, row[index] ?? null)),
    )
    plain.set(id, { id, columns, key: schema.key.map((name) => columns.findIndex((one) => one.name === name)), rows })
  }
  const answer: Record<string, Readonly<Record<string, JsonValue>>[]> = {}
  for (const sheet of graph.sheets) {
    const zone = graph.timeZones[sheet.view.split('.')[0] ?? ''] ?? 'UTC'
    const today = localTime(must(parseTimestamp('timestamptz', now)), zone).days
    const table = evaluateSheet(sheet, plain, today)
    plain.set(sheet.view, table)
    answer[sheet.view] = table.rows.map((row) =>
      Object.fromEntries(sheet.columns.map((column, index) => [column.name, toJson(column.type, row[index] ?? null)])),
    )
  }
  return answer
}

function evaluateSheet(sheet: BoundSheet, plain: ReadonlyMap<string, PlainTable>, today: number): PlainTable {
  const host = new PlainHost((id) => must(plain.get(id)), today)
  const formulas = sheet.columns.map((column) => (column.formula === undefined ? null : compileColumn(column.formula, column.name, host)))
  const rows = inputRows(sheet, plain, host).map((input) => {
    const row: Value[] = [...input]
    const known = new Set(input.keys())
    const get = (column: number): Value => {
      if (!known.has(column)) {
        row[column] = formulas[column]?.({ get }) ?? null
        known.add(column)
      }
      return row[column] ?? null
    }
    sheet.columns.forEach((_, index) => get(index))
    return row
  })
  rows.sort((a, b) => sheet.key.reduce((order, key) => (order === 0 ? compareValues(a[key] ?? null, b[key] ?? null) : order), 0))
  return { id: sheet.view, columns: sheet.columns, key: sheet.key, rows }
}

function inputRows(sheet: BoundSheet, plain: ReadonlyMap<string, PlainTable>, host: PlainHost): readonly (readonly Value[])[] {
  const { rows } = sheet
  switch (rows.kind) {
    case 'data':
      return rows.rows
    case 'single':
      return [[]]
    case 'relation':
      return must(plain.get(rows.relation)).rows
    case 'filter': {
      const where = compileExpr(rows.where, host)
      return must(plain.get(rows.relation)).rows.filter((row) => {
        const holds = where({ get: (column) => row[column] ?? null })
        return !isCellError(holds) && holds === true
      })
    }
  }
}

function rowKey({ schema }: BoundTable, row: RowJson): string {
  const indexes = schema.key.map((name) => schema.columns.findIndex((column) => column.name === name))
  return keyText(
    indexes.map((index) => typeOf(must(schema.columns[index]))),
    indexes.map((index) => row[index] ?? null),
  )
}
