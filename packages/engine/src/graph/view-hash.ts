import { valueKey } from '@sheetflow/core/key'
import { sha256Hex } from '@sheetflow/core/sha256'
import type { BoundGraph, BoundSheet, Expr, RowsInput } from '@sheetflow/formula/bound'
import { partsOf } from '@sheetflow/formula/cost'
import { rowsInputs } from '@sheetflow/formula/rows-inputs'
import { exprKey } from '../program/expr-tools.ts'

/**
 * For each sheet a hash over all that its content and its schema come from, other sheets included: a view whose hash is the same under a new
 * deployment goes on as it is, any other gets a new generation.
 */
export function viewHashes(graph: BoundGraph): ReadonlyMap<string, string> {
  const hashes = new Map<string, string>()
  for (const table of graph.tables) {
    const { key, columns } = table.schema
    hashes.set(table.id, sha256Hex(JSON.stringify([table.id, key, columns.map((column) => [column.id, column.name, column.type])])))
  }
  for (const sheet of graph.sheets) hashes.set(sheet.view, sha256Hex(sheetText(sheet, graph, hashes)))
  return hashes
}

/** Tables that each sheet reads, through other sheets too. */
export function viewTables(graph: BoundGraph): ReadonlyMap<string, ReadonlySet<string>> {
  const tables = new Map<string, ReadonlySet<string>>()
  for (const table of graph.tables) tables.set(table.id, new Set([table.id]))
  for (const sheet of graph.sheets) {
    const own = new Set<string>()
    for (const relation of relationsOf(sheet)) if (relation !== sheet.view) for (const table of tables.get(relation) ?? []) own.add(table)
    tables.set(sheet.view, own)
  }
  return tables
}

function sheetText(sheet: BoundSheet, graph: BoundGraph, hashes: ReadonlyMap<string, string>): string {
  const { rows, columns, key, published, schema } = sheet
  const read = relationsOf(sheet).map((relation) => [relation, hashes.get(relation) ?? 'own'])
  const text = columns.map((column) => [
    column.name,
    column.id,
    column.type,
    column.nullable,
    column.formula === undefined ? null : exprKey(column.formula),
  ])
  return JSON.stringify([rowsText(rows), text, key, published, schema, read, graph.timeZones])
}

function rowsText(rows: BoundSheet['rows']): unknown {
  switch (rows.kind) {
    case 'relation':
      return ['relation', rows.relation]
    case 'filter':
      return ['filter', rows.relation, exprKey(rows.where)]
    case 'data':
      return ['data', rows.rows.map((row) => row.map(valueKey))]
    case 'single':
      return ['single']
    case 'chain':
      return ['chain', inputText(rows.input)]
    case 'distinct':
      return ['distinct', inputText(rows.input), rows.columns]
    case 'stack':
      return ['stack', rows.parts.map((part) => [inputText(part.input), part.label, part.columns])]
    case 'merge':
      return ['merge', inputText(rows.left), inputText(rows.right), rows.on, rows.keepsLeft, rows.columns]
  }
}

function inputText({ relation, steps }: RowsInput): unknown {
  return [
    relation,
    steps.map((step) =>
      step.kind === 'filter' ? exprKey(step.where) : [step.order, step.count, ...(step.drops === true ? ['drops'] : [])],
    ),
  ]
}

/** What is known of a sheet stays known: it is asked for by hashes and by tables. */
const RELATIONS = new WeakMap<BoundSheet, readonly string[]>()

/** Relations that a sheet reads, each once, in order of first mention. */
function relationsOf(sheet: BoundSheet): readonly string[] {
  const known = RELATIONS.get(sheet)
  if (known !== undefined) return known
  const found = relationsRead(sheet)
  RELATIONS.set(sheet, found)
  return found
}

function relationsRead({ rows, columns }: BoundSheet): string[] {
  const found = new Set<string>()
  for (const { relation, steps } of rowsInputs(rows)) {
    found.add(relation)
    for (const step of steps) if (step.kind === 'filter') addRelations(step.where, found)
  }
  for (const { formula } of columns) if (formula !== undefined) addRelations(formula, found)
  return [...found]
}

function addRelations(expr: Expr, found: Set<string>): void {
  if (expr.kind === 'named') found.add(expr.view)
  if (expr.kind === 'lookup' || expr.kind === 'aggregate' || expr.kind === 'columns') found.add(expr.relation)
  for (const part of partsOf(expr)) addRelations(part, found)
}
