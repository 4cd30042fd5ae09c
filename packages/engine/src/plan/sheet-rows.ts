import { must } from '@sheetflow/core/assert'
import { CellError } from '@sheetflow/core/cell-error'
import type { ColumnType } from '@sheetflow/core/type'
import { mergeKeys } from '@sheetflow/formula/merge-key'
import type { BoundRows, BoundSheet, Expr, RowsInput, RowsStep } from '@sheetflow/formula/bound'
import { conversion } from '@sheetflow/formula/value/convert'
import { DerivedRows } from '../operators/derived-rows.ts'
import { DistinctRows } from '../operators/distinct-rows.ts'
import { WhereNode } from '../operators/map-nodes.ts'
import { MergeRows } from '../operators/merge-rows.ts'
import type { MergedRows } from '../operators/merge-rows.ts'
import { TopRows } from '../operators/ordered-rows.ts'
import type { Operator, Relation } from '../operators/relation.ts'
import { RowMap } from '../operators/row-map.ts'
import type { MappedRows } from '../operators/row-map.ts'
import { Sheet } from '../operators/sheet.ts'
import { StackRows } from '../operators/stack-rows.ts'
import type { StackedRows } from '../operators/stack-rows.ts'
import { Needs } from './needs.ts'
import type { Cell } from './planner.ts'
import { RowPlan } from './row-plan.ts'
import type { ProgramSources } from './sources.ts'

/** What a program gives to the rows of one of its sheets. */
export interface SheetRowsHost {
  readonly sources: ProgramSources
  /** Adds an operator behind those that are there. */
  readonly add: (operator: Operator) => void
  /** Told of maps that run conditions. */
  readonly runs: (map: RowMap) => void
  /** The rows of a sheet that has its own: data, or the one of named values. */
  readonly ownRows: () => Relation
  /** Told of rows whose texts are to be forgotten with the program. */
  readonly owns: (rows: DerivedRows) => void
  /** Does anybody read that input column of the sheet? */
  readonly isUsed: (column: number) => boolean
}

/** The sheet with the rows that it is bound to, its computed columns still missing; the operators of the rows are added, it is the last. */
export function sheetRows(bound: BoundSheet, host: SheetRowsHost): Sheet {
  const { view, rows } = bound
  switch (rows.kind) {
    case 'relation':
      return chained(view, { relation: rows.relation, steps: [] }, host)
    case 'filter':
      return chained(view, { relation: rows.relation, steps: [{ kind: 'filter', where: rows.where }] }, host)
    case 'chain':
      return chained(view, rows.input, host)
    case 'data':
    case 'single':
      return added(new Sheet(view, host.ownRows(), false), host)
    case 'distinct':
      return added(new Sheet(view, distinct(bound, rows, host), false), host)
    case 'stack':
      return added(new Sheet(view, stack(bound, rows, host), false), host)
    case 'merge':
      return added(new Sheet(view, merge(bound, rows, host), false), host)
  }
}

/** A column of the rows as formulas over them read it. */
export function inputCell(relation: Relation, index: number): Cell {
  const column = must(relation.columns[index], 'a column of the rows')
  const { now } = column
  return { needs: Needs.ofInput(column), run: (slot) => now.value(slot) }
}

function added(sheet: Sheet, host: SheetRowsHost): Sheet {
  host.add(sheet)
  return sheet
}

/** The last step makes the sheet itself; each before it makes a set of slots of the same store. */
function chained(view: string, input: RowsInput, host: SheetRowsHost): Sheet {
  const last = input.steps.at(-1)
  const relation = inputRows(view, { ...input, steps: input.steps.slice(0, -1) }, host)
  const sheet = new Sheet(view, relation, last !== undefined)
  if (last !== undefined) addStep(sheet, relation, last, host)
  return added(sheet, host)
}

/** The rows that are left after all steps. */
function inputRows(view: string, { relation, steps }: RowsInput, host: SheetRowsHost): Relation {
  let rows = host.sources.relation(relation)
  for (const [i, step] of steps.entries()) {
    const sheet = new Sheet(`${view}#${i + 1}`, rows, true)
    addStep(sheet, rows, step, host)
    rows = added(sheet, host)
  }
  return rows
}

function addStep(sheet: Sheet, input: Relation, step: RowsStep, host: SheetRowsHost): void {
  if (step.kind === 'filter') addFilter(sheet, input, step.where, host)
  else {
    const order = step.order.map(({ column, descending }) => ({ column: must(input.columns[column]), descending }))
    host.add(new TopRows(input, sheet, { order, count: step.count, drops: step.drops === true }))
  }
}

function addFilter(sheet: Sheet, input: Relation, where: Expr, host: SheetRowsHost): void {
  const plan = new RowPlan({
    of: sheet.view.replace(/#\d+$/, ''),
    place: `rows of ${sheet.view}`,
    own: null,
    store: input.store,
    sources: host.sources,
    column: (index) => inputCell(input, index),
  })
  const condition = plan.part(where)
  plan.addNode(new WhereNode(sheet, condition.run), condition.needs)
  const rows: MappedRows = {
    // A store's changes are another set while a program is filled: ask each time.
    get changes() {
      return input.changes
    },
    get size() {
      return input.store.size
    },
    isLive: (slot: number) => input.isLive(slot),
    wasLive: (slot: number) => input.wasLive(slot),
    grow: (size: number) => sheet.grow(size),
  }
  const map = new RowMap(rows, plan.planned(), plan.pass)
  host.runs(map)
  for (const stage of map.stages(`rows of ${sheet.view}`)) host.add(stage)
}

function distinct(bound: BoundSheet, rows: BoundRows & { kind: 'distinct' }, host: SheetRowsHost): Relation {
  const input = inputRows(bound.view, rows.input, host)
  const from = rows.columns.map((column) => must(input.columns[column], 'columns of groups are kept'))
  const derived = derivedRows(bound, input, host)
  host.add(new DistinctRows(input, from, derived))
  return derived
}

function stack(bound: BoundSheet, rows: BoundRows & { kind: 'stack' }, host: SheetRowsHost): Relation {
  const inputs = rows.parts.map((part, i) => inputRows(`${bound.view}#${i + 1}`, part.input, host))
  const derived = derivedRows(bound, must(inputs[0]), host)
  const parts = rows.parts.map(({ label, columns }, i): StackedRows => {
    const input = must(inputs[i])
    const cells = columns.flatMap((column, at) => {
      const [from, to] = [typeof column === 'number' ? input.columns[column] : undefined, derived.columns[at + 1]]
      return from === undefined || to === undefined ? [] : [{ at: at + 1, from, to, convert: conversion(from.type, to.type) }]
    })
    const errors = columns.flatMap((column, at) => {
      const to = derived.columns[at + 1]
      return column === null || typeof column === 'number' || to === undefined ? [] : [{ to, error: new CellError('#REF!', column.lost) }]
    })
    return { input, label, cells, errors, key: bound.key.slice(1).map((index) => cells.findIndex((cell) => cell.at === index)) }
  })
  host.add(new StackRows(parts, derived))
  return derived
}

function merge(bound: BoundSheet, rows: BoundRows & { kind: 'merge' }, host: SheetRowsHost): Relation {
  const [left, right] = [inputRows(`${bound.view}#left`, rows.left, host), inputRows(`${bound.view}#right`, rows.right, host)]
  const derived = derivedRows(bound, left, host)
  const side = (input: Relation, which: 'left' | 'right', columns: readonly number[], first: number): MergedRows => ({
    input,
    on: rows.on.map((pair) => {
      const [leftKey, rightKey] = mergeKeys(pair.beside)
      return { column: must(input.columns[pair[which]]), keyOf: which === 'left' ? leftKey : rightKey }
    }),
    cells: columns.flatMap((column, i) => {
      const [from, to] = [input.columns[column], derived.columns[first + i]]
      return from === undefined || to === undefined ? [] : [{ from, to }]
    }),
  })
  const leftSide = side(left, 'left', rows.columns.left, 0)
  const rightSide = side(right, 'right', rows.columns.right, rows.columns.left.length)
  const rightKeyLength = bound.key.filter((index) => index >= rows.columns.left.length).length
  host.add(new MergeRows(leftSide, rightSide, rows.keepsLeft, derived, rightKeyLength))
  return derived
}

/** Rows with the input columns of the sheet, those that somebody reads. */
function derivedRows({ columns, key }: BoundSheet, input: Relation, host: SheetRowsHost): DerivedRows {
  const inputs = columns.filter((column) => column.formula === undefined)
  const types = inputs.map(({ type }, index): ColumnType | null => (host.isUsed(index) ? type : null))
  const derived = new DerivedRows(types, key, input.store.pool)
  host.owns(derived)
  return derived
}
