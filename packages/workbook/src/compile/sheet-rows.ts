import { bindRows } from '@sheetflow/formula/bind/bind-rows'
import { droppedColumn } from '@sheetflow/formula/bind/dropped'
import type { RowsFormula } from '@sheetflow/formula/bind/bind-rows'
import { groupScope, isLayoutProblem, layoutRows } from '@sheetflow/formula/bind/rows-layout'
import type { LayoutProblem, RowsLayout } from '@sheetflow/formula/bind/rows-layout'
import type { Scope, ScopeGroup, ScopeRelation } from '@sheetflow/formula/bind/scope'
import type { BoundRows, CostClass } from '@sheetflow/formula/bound'
import { rowsInputs } from '@sheetflow/formula/rows-inputs'
import { formulaFinding, type FormulaSource } from '../file/formula-source.ts'
import type { SheetFile } from '../file/sheet-file.ts'
import type { SheetColumn } from './columns.ts'
import { readDataRows } from './data-rows.ts'
import type { GraphContext } from './graph-context.ts'
import { equalNames } from './table-scope.ts'

/** Where the rows of a sheet come from, resolved. */
export interface Rows {
  readonly bound: BoundRows
  /** Columns of the input, in its order. */
  readonly input: readonly SheetColumn[]
  /** Names of the input's columns that formulas may use → index; null: those of `input`. */
  readonly relation: ScopeRelation | null
  readonly key: readonly number[]
  /** Does the sheet show all of its columns if it does not say which? */
  readonly showsAll: boolean
  /** In a sheet of GROUPBY: what `[x]` is. */
  readonly group: ScopeGroup | null
  /** Columns that cannot be there, by name in small letters. */
  readonly missing: RowsLayout['missing']
  /** Of rows that are made of others: is the column of that name gone at the source? */
  readonly isLost: RowsLayout['isLost']
}

/** Binds `rows:`, or reads `data:`; null after an error. `names`: what the formula may name. */
export function bindSheetRows(file: SheetFile, graph: GraphContext, names: Scope): Rows | null {
  const { rows, data, at, map } = file
  const { findings } = graph
  if (rows === null) {
    if (data !== null || file.types.length > 0) {
      const read = readDataRows(file, findings)
      return read === null ? null : { ...read, showsAll: true, group: null, missing: new Map(), isLost: () => false }
    }
    if (!file.hasRows)
      findings.error('workbook/shape', at, 'the sheet says nothing about its rows', {
        fix: 'begin with "rows: =source!table", or give key, types and data',
      })
    return null
  }
  if (data !== null) findings.error('workbook/shape', rows.at, 'a sheet has `rows` or `data`, not both', { fix: 'remove one of them' })
  const bound = graph.reading(rows.at, () => bindRows(rows.parsed, names))
  for (const one of bound.diagnostics) findings.add(formulaFinding(rows, one))
  if (bound.rows === null) return null
  if (map !== null && bound.rows.kind !== 'stack')
    findings.error('workbook/shape', map.at, '`map` says which columns of stacked tables go together', {
      fix: 'use it with "rows: =VSTACK(…)", or remove it',
    })
  return laidOut(file, graph, rows, bound.rows)
}

function laidOut(file: SheetFile, graph: GraphContext, source: FormulaSource, rows: RowsFormula): Rows | null {
  const inputs = inputColumns(graph, source, rows)
  if (inputs === null) return null
  const map = new Map((file.map?.columns ?? []).map(({ name, by }) => [name, new Map(by.map((one) => [one.name, one.text]))]))
  const layout = graph.reading(source.at, () => layoutRows(rows, { columnsOf: (relation) => inputs.get(relation.id) ?? [], map }))
  if (isLayoutProblem(layout)) {
    report(graph, source, layout)
    return null
  }
  warnLostMap(file, graph, rows)
  return {
    bound: layout.bound,
    input: layout.columns.map(({ name, type, nullable, gone = false }) => ({ name, type, nullable, formula: null, gone })),
    relation: rows.kind === 'chain' ? rows.input.relation : null,
    key: layout.key,
    showsAll: false,
    group: rows.kind === 'distinct' ? groupScope(rows, layout) : null,
    missing: layout.missing,
    isLost: layout.isLost,
  }
}

/** Warns of what `map` names and the source has dropped. */
function warnLostMap(file: SheetFile, graph: GraphContext, rows: RowsFormula): void {
  for (const { name: label, text, textAt } of (file.map?.columns ?? []).flatMap((column) => column.by)) {
    const of = chainsOf(rows).find(({ relation }) => equalNames(relation.label, label))
    if (of?.relation.column(text)?.kind !== 'dropped') continue
    const { message, ...advice } = droppedColumn(label, text)
    graph.findings.warning('formula/unknown-name', textAt, message, advice)
  }
}

/** All columns of the relations that the rows come from; null after an error there, or if they lead back here. */
function inputColumns(graph: GraphContext, source: FormulaSource, rows: RowsFormula): ReadonlyMap<string, readonly SheetColumn[]> | null {
  const found = new Map<string, readonly SheetColumn[]>()
  for (const { relation } of chainsOf(rows)) {
    const columns = graph.columnsOf(relation.id)
    if (columns === null) return null
    if ('cycle' in columns) {
      graph.findings.error('formula/cycle', source.at, `these sheets read each other: ${columns.cycle.join(' → ')}`, {
        why: 'a sheet is computed behind all that it reads',
        fix: 'take the rows from a table of a source',
      })
      return null
    }
    found.set(relation.id, columns)
  }
  return found
}

function chainsOf(rows: RowsFormula): readonly { readonly relation: ScopeRelation }[] {
  switch (rows.kind) {
    case 'chain':
    case 'distinct':
      return [rows.input]
    case 'stack':
      return rows.parts
    case 'merge':
      return [rows.left, rows.right]
  }
}

function report(graph: GraphContext, source: FormulaSource, { message, why, fix }: LayoutProblem): void {
  graph.findings.error('formula/type', source.at, message, { fix, ...(why === undefined ? {} : { why }) })
}

/** Reports the use of a column that cannot be there; false: it is not one. */
export function reportMissing(graph: GraphContext, file: SheetFile, rows: Rows, name: string): boolean {
  const problem = rows.missing.get(name.toLowerCase())
  if (problem !== undefined && file.rows !== null) report(graph, file.rows, problem)
  return problem !== undefined
}

/** What it costs to know which rows the sheet has when one row below changes. */
export function costOfRows(rows: BoundRows): CostClass {
  if (rows.kind === 'merge') return { class: 'fan-out', table: rows.right.relation }
  const isOrdered = rowsInputs(rows).some((input) => input.steps.some((step) => step.kind === 'top'))
  return { class: isOrdered ? 'log' : 'constant' }
}
