import { must } from '@sheetflow/core/assert'
import { isCellError } from '@sheetflow/core/cell-error'
import { MISSING } from '@sheetflow/formula/compile/compile-host'
import type { ExprOf } from '@sheetflow/formula/compile/compile-host'
import { LookupIndex } from '../operators/lookup-index.ts'
import { CallerNode, CallerTrigger, FixedCaller } from '../operators/map-nodes.ts'
import { writeCell } from '../operators/write-cell.ts'
import { lookupKey } from '@sheetflow/formula/criteria'
import type { DirectWrite } from '../operators/map-nodes.ts'
import { ERROR } from '../state/lane.ts'
import type { Column } from '../state/column.ts'
import { exprKey } from './expr-tools.ts'
import { Needs } from './needs.ts'
import type { Cell, LookupCell, Planner } from './planner.ts'

/** The entry that a row asks for, and what must happen for that to be looked at again. */
interface Asking {
  readonly entry: (slot: number) => number
  readonly needs: Needs
}

/** Where a lookup finds its row, and what must happen for that to be looked at again. */
export interface FoundCell {
  /** The slot found for the row in a slot, −1: none. */
  readonly find: (slot: number) => number
  readonly needs: Needs
}

/** The value of the row that is found for what is searched. An error is not looked up: it is the result. */
export function readFound(search: Cell, find: FoundCell['find'], result: Column): LookupCell['run'] {
  return (slot) => {
    const searched = search.run(slot)
    if (isCellError(searched)) return searched
    const found = find(slot)
    return found < 0 ? MISSING : result.value(found)
  }
}

/** XLOOKUP, exact: the row holds an entry of the key's index, the value is read from the row found there. */
export function planLookup(plan: Planner, expr: ExprOf<'lookup'>): LookupCell {
  const { index, stage, name } = indexFor(plan, expr, [expr.key, expr.result])
  const result = must(plan.relation(expr.relation).columns[expr.result], 'the result column is one of the relation')
  index.watch(result)
  const search = inputSearched(plan, expr) ?? plan.part(expr.search)
  const asking = ask(plan, expr, { index, search, stage, name })
  const { now } = result
  const write: DirectWrite = (slot, to) => {
    const entry = asking.entry(slot)
    const found = entry < 0 ? -1 : index.found(entry)
    // Errors take the name of the column.
    if (found < 0 || now.state(found) === ERROR) return false
    return writeCell(now, found, to)
  }
  return {
    needs: new Needs().add(asking.needs).add(search.needs),
    direct: { type: result.type, write },
    run: (slot) => {
      const entry = asking.entry(slot)
      const found = entry < 0 ? -1 : index.found(entry)
      if (found >= 0) return result.value(found)
      // An error is not looked up: it is the result.
      const searched = entry < 0 ? search.run(slot) : null
      return isCellError(searched) ? searched : MISSING
    },
  }
}

/** The same for who reads the row found by himself. `watched`: the result, if a change there is to be told. */
export function planFound(plan: Planner, expr: ExprOf<'lookup'>, search: Cell, watched: Column | null): FoundCell {
  const { index, stage, name } = indexFor(plan, expr, watched === null ? [expr.key] : [expr.key, expr.result])
  if (watched !== null) index.watch(watched)
  const asking = ask(plan, expr, { index, search, stage, name })
  const find = (slot: number): number => {
    const entry = asking.entry(slot)
    return entry < 0 ? -1 : index.found(entry)
  }
  return { needs: asking.needs, find }
}

/**
 * The index, and the stage from which its answers are right. An index over the own sheet is the formula's own: it must run between the stage
 * that fills its columns and the one that asks.
 */
function indexFor(
  plan: Planner,
  expr: ExprOf<'lookup'>,
  read: readonly number[],
): { readonly index: LookupIndex; readonly stage: number; readonly name: string } {
  const name = `${expr.relation}[${expr.key}]`
  if (!plan.isOwn(expr.relation)) return { index: plan.sources.lookupIndex(expr.relation, expr.key), stage: 0, name }
  const stage = Math.max(...read.map((column) => plan.column(column).needs.stage))
  const relation = plan.relation(expr.relation)
  const index = new LookupIndex(relation, must(relation.columns[expr.key]), lookupKey)
  // Its callers hold entries of this very index: they are not shared with those of another over the same column.
  return { name: `${name}→${plan.addOwnIndex(stage, index)}`, index, stage: stage + 1 }
}

/** What is searched, if it is an input column of the row: a cell that can be read at any time, and no formula that may fail. */
function inputSearched(plan: Planner, { search }: ExprOf<'lookup'>): Cell | null {
  if (search.kind !== 'column') return null
  const cell = plan.column(search.column)
  const { inputs, nodes, triggers } = cell.needs
  return inputs.size === 1 && nodes.size === 0 && triggers.size === 0 ? cell : null
}

/** What is asked of which index, and the stage from which it is right. */
interface Question {
  readonly index: LookupIndex
  readonly search: Cell
  readonly stage: number
  /** Of the index. */
  readonly name: string
}

function ask(plan: Planner, expr: ExprOf<'lookup'>, { index, search, stage, name }: Question): Asking {
  if (search.needs.sameForAll) {
    const fixed = new FixedCaller(index.entries, () => lookupKey(search.run(0)))
    const needs = Needs.ofTrigger(fixed)
    needs.stage = stage
    return { entry: () => fixed.entry, needs }
  }
  const caller = plan.shared(`${name}?${exprKey(expr.search)}`, () => {
    const node = new CallerNode(index.entries, plan.store, {
      key: (slot) => lookupKey(search.run(slot)),
      isPlain: inputSearched(plan, expr) !== null,
      peek: (entry) => index.peek(entry),
    })
    const before = new Needs().add(search.needs)
    before.stage = Math.max(before.stage, stage)
    const needs = plan.addNode(node, before).add(Needs.ofTrigger(new CallerTrigger(index.entries, node.lists)))
    return { needs, run: (slot) => node.lists.entry(slot) }
  })
  return { needs: caller.needs, entry: (slot) => caller.run(slot) as number }
}
