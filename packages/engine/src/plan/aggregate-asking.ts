import { matcherOf } from '@sheetflow/formula/criteria'
import type { MatchKey } from '@sheetflow/formula/criteria'
import { ALL_ROWS } from '../operators/aggregate-index.ts'
import type { AggregateIndex } from '../operators/aggregate-index.ts'
import { CriteriaCallers } from '../operators/criteria-callers.ts'
import type { Callers, Question } from '../operators/criteria-callers.ts'
import { FixedCaller } from '../operators/map-nodes.ts'
import { joinKeys } from '../structures/match-key.ts'
import type { OrderedColumn } from '../operators/ordered-column.ts'
import { RangeCallers } from '../operators/range-callers.ts'
import type { Reach, Span } from '../operators/range-callers.ts'
import type { Asked } from './asked.ts'
import { exprKey } from './expr-tools.ts'
import { Needs } from './needs.ts'
import type { Cell, Planner } from './planner.ts'

/** An index, the stage from which its answers are right, and the name by which its callers are shared. */
export interface AskedIndex {
  readonly index: AggregateIndex
  readonly stage: number
  readonly name: string
}

/** Which group a row asks for, and what must happen for that to be looked at again. */
export interface Asking {
  /** −1: no group. `SCANS`: the row has to look at all rows itself, one of its criteria is no equality (`">5"` in a cell). */
  readonly entry: (slot: number) => number
  readonly needs: Needs
}

/** The part of an ordered column that a row asks for. */
export interface SpanQuestion {
  readonly of: OrderedColumn
  readonly reads: readonly Cell[]
  readonly at: (slot: number) => Span
  readonly reach: Reach
  readonly errors: boolean
  /** Equal for questions that are. */
  readonly name: string
}

/** Asks for a whole group: any change in it concerns the row. Rows of which `except` is true ask elsewhere. */
export function askGroup(
  plan: Planner,
  { index, stage, name }: AskedIndex,
  keys: readonly Asked[],
  except: ((slot: number) => boolean) | null,
): Asking {
  if (keys.length === 0) {
    const fixed = new FixedCaller(index.entries, () => ALL_ROWS)
    const needs = Needs.ofTrigger(fixed)
    needs.stage = stage
    return { entry: () => fixed.entry, needs }
  }
  return shared(
    plan,
    `${name}?${keyText(keys)}${except === null ? '' : '!'}`,
    stage,
    keys.map((one) => one.value),
    () => new CriteriaCallers(index, plan.store, questioner(keys, except)),
  )
}

/** Asks for a span of a group: what changes outside of it does not concern the row. */
export function askRange(plan: Planner, { index, stage, name }: AskedIndex, keys: readonly Asked[], span: SpanQuestion): Asking {
  const reads = [...keys.map((one) => one.value), ...span.reads]
  return shared(
    plan,
    `${name}?${keyText(keys)}?${span.reach}?${span.name}`,
    stage,
    reads,
    () => new RangeCallers(index, span.of, { group: questioner(keys, null), span: span.at, reach: span.reach, errors: span.errors }),
  )
}

function shared(plan: Planner, key: string, stage: number, reads: readonly Cell[], make: () => Callers): Asking {
  const cell = plan.shared(key, () => {
    const callers = make()
    const before = new Needs()
    for (const one of reads) before.add(one.needs)
    before.stage = Math.max(before.stage, stage)
    const needs = plan.addNode(callers, before).add(Needs.ofTrigger(callers))
    return { needs, run: (slot) => callers.asked(slot) }
  })
  return { needs: cell.needs, entry: cell.run as (slot: number) => number }
}

function keyText(keys: readonly Asked[]): string {
  return keys.map(({ criterion }) => `${criterion.op}${exprKey(criterion.value)}`).join('&')
}

const SCAN: Question = { kind: 'scan' }

function questioner(keys: readonly Asked[], except: ((slot: number) => boolean) | null): (slot: number) => Question {
  if (keys.length === 0) return () => ({ kind: 'group', key: ALL_ROWS })
  const only = keys.length === 1 ? (keys[0] as Asked) : null
  return (slot) => {
    if (except?.(slot) === true) return { kind: 'none' }
    if (only !== null) {
      const matcher = matcherOf(only.criterion.op, only.value.run(slot), only.column.type)
      return matcher.kind === 'test' ? SCAN : { kind: 'group', key: matcher.key }
    }
    const parts: MatchKey[] = []
    for (const { criterion, column, value } of keys) {
      const matcher = matcherOf(criterion.op, value.run(slot), column.type)
      if (matcher.kind === 'test') return SCAN
      parts.push(matcher.key)
    }
    return { kind: 'group', key: joinKeys(parts) }
  }
}
