import { valueKey } from '@sheetflow/core/key'
import { sha256Hex } from '@sheetflow/core/sha256'
import type { BoundGraph, BoundSheet, RelationId, RowsInput } from '@sheetflow/formula/bound'
import { exprKey } from './expr-tools.ts'
import { relationsRead } from './relations-read.ts'

/** Hashes of the sheets of a graph, and of the tables that they are bound to. */
export interface SheetHashes {
  /**
   * Over all that a sheet's content and its schema come from, other sheets included: a view whose hash is the same under a new deployment goes on as it
   * is, any other gets a new generation.
   */
  readonly views: ReadonlyMap<RelationId, string>
  /** Over what is computed alone, whoever may read it: a sheet whose hash is the same is filled with the same rows. */
  readonly programs: ReadonlyMap<RelationId, string>
}

export function sheetHashes(graph: BoundGraph): SheetHashes {
  const views = new Map<RelationId, string>()
  const programs = new Map<RelationId, string>()
  for (const table of graph.tables) {
    const { key, columns } = table.schema
    const hash = sha256Hex(JSON.stringify([table.id, key, columns.map((column) => [column.id, column.name, column.type])]))
    views.set(table.id, hash)
    programs.set(table.id, hash)
  }
  for (const sheet of graph.sheets) {
    const { published, schema } = sheet
    const own = sha256Hex(sheetText(sheet, graph))
    programs.set(sheet.view, sha256Hex(JSON.stringify([own, readHashes(sheet, programs)])))
    views.set(sheet.view, sha256Hex(JSON.stringify([own, readHashes(sheet, views), published, schema])))
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

function readHashes(sheet: BoundSheet, hashes: ReadonlyMap<RelationId, string>): unknown {
  return relationsRead(sheet).map((relation) => [relation, hashes.get(relation) ?? 'own'])
}

function sheetText({ rows, columns, key }: BoundSheet, graph: BoundGraph): string {
  const text = columns.map((column) => [
    column.name,
    column.id,
    column.type,
    column.nullable,
    column.formula === undefined ? null : exprKey(column.formula),
  ])
  return JSON.stringify([rowsText(rows), text, key, graph.timeZones])
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
