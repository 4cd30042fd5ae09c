import { must } from '@sheetflow/core/assert'
import { toJson } from '@sheetflow/core/json-codec'
import { sha256Hex } from '@sheetflow/core/sha256'
import type { ColumnType } from '@sheetflow/core/type'
import type { BoundGraph, BoundSheet, RelationId, RowsInput } from '@sheetflow/formula/bound'
import { exprKey } from './expr-tools.ts'
import { relationsRead } from './relations-read.ts'

/** By what sheets of one deployment, and the tables that they are bound to, are known again in another. */
export interface SheetHashes {
  /**
   * Over all that a sheet's content and its schema come from, other sheets included: a view whose hash is the same under a new deployment goes on as it
   * is, any other gets a new generation.
   */
  readonly views: ReadonlyMap<RelationId, string>
  /**
   * What is computed alone, whoever may read it: a sheet whose text is the same computes the same of relations that are. No hash: it leaves the memory of the
   * graph nowhere.
   */
  readonly programs: ReadonlyMap<RelationId, string>
}

/** `language`: `Deployment.language`, by which the same formula may mean something else. */
export function sheetHashes(graph: BoundGraph, language: number): SheetHashes {
  const views = new Map<RelationId, string>()
  const programs = new Map<RelationId, string>()
  for (const table of graph.tables) {
    const { key, columns } = table.schema
    const text = JSON.stringify([table.id, key, columns.map((column) => [column.id, column.name, typeText(column)])])
    programs.set(table.id, text)
    views.set(table.id, sha256Hex(text))
  }
  for (const sheet of graph.sheets) {
    const { published, schema } = sheet
    const own = sheetText(sheet, graph)
    programs.set(sheet.view, own)
    const read = relationsRead(sheet).map((relation) => [relation, views.get(relation) ?? 'own'])
    views.set(sheet.view, sha256Hex(own + JSON.stringify([read, published, schema, language])))
  }
  return { views, programs }
}

/** Tables that each sheet reads, through other sheets too. */
export function viewTables(graph: BoundGraph): ReadonlyMap<RelationId, ReadonlySet<RelationId>> {
  const tables = new Map<RelationId, ReadonlySet<RelationId>>()
  for (const table of graph.tables) tables.set(table.id, new Set([table.id]))
  for (const sheet of graph.sheets) {
    const own = new Set<RelationId>()
    for (const relation of relationsRead(sheet)) if (relation !== sheet.view) for (const table of tables.get(relation) ?? []) own.add(table)
    tables.set(sheet.view, own)
  }
  return tables
}

function sheetText({ rows, columns, key }: BoundSheet, graph: BoundGraph): string {
  const text = columns.map((column) => [
    column.name,
    column.id,
    column.type,
    column.nullable,
    column.formula === undefined ? null : exprKey(column.formula),
  ])
  return JSON.stringify([rowsText(rows, columns), text, key, graph.timeZones])
}

/** A column of a table keeps its cells whatever its scale. */
function typeText(type: ColumnType): unknown {
  return type.type === 'list' ? ['list', typeText(type.of)] : type.type
}

function rowsText(rows: BoundSheet['rows'], columns: BoundSheet['columns']): unknown {
  switch (rows.kind) {
    case 'relation':
      return ['relation', rows.relation]
    case 'filter':
      return ['filter', rows.relation, exprKey(rows.where)]
    case 'data':
      // As readers see them: 1.50 is equal to 1.5, but shown otherwise.
      return ['data', rows.rows.map((row) => row.map((value, i) => toJson(must(columns[i]).type, value)))]
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
