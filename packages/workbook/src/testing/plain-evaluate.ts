import { must } from '@sheetflow/core/assert'
import { parseTimestamp } from '@sheetflow/core/calendar'
import { keyText } from '@sheetflow/core/key'
import type { RowJson } from '@sheetflow/core/message'
import type { BoundGraph, BoundTable } from '@sheetflow/formula/bound'
import { localTime } from '@sheetflow/formula/value/zone'
import { recompute } from '@sheetflow/testkit/oracle/oracle'
import { typeOf } from '../compile/table-scope.ts'
import type { EvaluatedRows, Evaluate } from '../test-runner/evaluate.ts'

type Tables = ReadonlyMap<string, Map<string, RowJson>>

/** Recomputes everything from the rows after each step, by the oracle: what a graph means, without any operator. */
export const plainEvaluate: Evaluate = (graph, given, steps, now) => {
  const tables: Tables = new Map(graph.tables.map((table) => [table.id, new Map(given[table.id]?.map((row) => [rowKey(table, row), row]))]))
  const answers = [sheetsOf(graph, tables, now)]
  let time = now
  for (const step of steps) {
    time = step.now ?? time
    for (const change of step.changes)
      apply(must(graph.tables.find((one) => one.id === change.table)), must(tables.get(change.table)), change.rows)
    answers.push(sheetsOf(graph, tables, time))
  }
  return answers
}

function apply(table: BoundTable, rows: Map<string, RowJson>, changes: Parameters<Evaluate>[2][number]['changes'][number]['rows']): void {
  for (const [op, , after, before] of changes) {
    if (op === 't') rows.clear()
    if (before !== null) rows.delete(rowKey(table, before))
    if (after !== null) rows.set(rowKey(table, after), after)
  }
}

function sheetsOf(graph: BoundGraph, tables: Tables, now: string): EvaluatedRows {
  const zone = Object.values(graph.timeZones)[0] ?? 'UTC'
  const local = localTime(must(parseTimestamp('timestamptz', now)), zone)
  const sheets = recompute(graph, Object.fromEntries([...tables].map(([id, rows]) => [id, [...rows.values()]])), local)
  const named = ({ view, columns }: BoundGraph['sheets'][number]): EvaluatedRows[string] =>
    (sheets[view] ?? []).map((row) => Object.fromEntries(columns.map((column, index) => [column.name, row[index] ?? null])))
  return Object.fromEntries(graph.sheets.map((sheet) => [sheet.view, named(sheet)]))
}

function rowKey({ schema }: BoundTable, row: RowJson): string {
  const indexes = schema.key.map((name) => schema.columns.findIndex((column) => column.name === name))
  return keyText(
    indexes.map((index) => typeOf(must(schema.columns[index]))),
    indexes.map((index) => row[index] ?? null),
  )
}
