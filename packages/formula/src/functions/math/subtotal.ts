import { isCellError } from '@sheetflow/core/cell-error'
import type { Decimal } from '@sheetflow/core/decimal'
import type { Value } from '@sheetflow/core/value'
import { VALUE } from '../../value/cell-errors.ts'
import { laneOf } from '../../value/lane.ts'
import { laneReader } from '../../value/readers.ts'
import { ANY } from '../../value/type-rules.ts'
import type { CallTypes, FunctionDefinition, StrictMaker } from '../definition.ts'
import { quotient } from '../results.ts'
import { FIRST_WITH_K, LAST_OF_SUBTOTAL, summarize, SUMMARIES, type SummaryLane } from './summaries.ts'

/** 101 to 111 leave hidden rows out in Excel; no row of a table is hidden. */
const WITHOUT_HIDDEN = 100

const readK = laneReader(ANY, 'decimal')

/** Only the values say in what lane is computed. */
function ofValues(first: number): (types: CallTypes) => ReturnType<typeof quotient> {
  return (types) => {
    const found = quotient({ ...types, args: types.args.slice(first) })
    return 'problem' in found && found.argument !== null ? { ...found, argument: found.argument + first } : found
  }
}

function laneOfResult(type: Parameters<typeof laneOf>[0]): SummaryLane {
  return laneOf(type) === 'double' ? 'double' : 'decimal'
}

const makeSubtotal: StrictMaker = ({ result }) => {
  const lane = laneOfResult(result.type)
  return (given: number, values: readonly Value[]) => {
    const number = given > WITHOUT_HIDDEN ? given - WITHOUT_HIDDEN : given
    const how = number > LAST_OF_SUBTOTAL ? undefined : SUMMARIES.get(number)
    return how === undefined ? VALUE : summarize(how, values, lane)
  }
}

/** Options that leave errors out; the others differ in what Excel hides, and nothing is hidden here. */
const WITHOUT_ERRORS: ReadonlySet<number> = new Set([2, 3, 6, 7])
const LAST_OPTION = 7

/** The arguments of a call that takes `k`. */
const COUNT_WITH_K = 4

const makeAggregate: StrictMaker = ({ args, result }) => {
  const lane = laneOfResult(result.type)
  return (number: number, option: number, list: readonly Value[]) => {
    const how = SUMMARIES.get(number)
    const takesK = number >= FIRST_WITH_K
    if (how === undefined || option < 0 || option > LAST_OPTION || (takesK && args.length !== COUNT_WITH_K)) return VALUE
    const values = takesK ? list.slice(0, -1) : list
    const k = takesK ? readK(list.at(-1) ?? null) : undefined
    if (isCellError(k)) return k
    const counted = WITHOUT_ERRORS.has(option) ? values.filter((value) => !isCellError(value)) : values
    return summarize(how, counted, lane, k as Decimal | undefined)
  }
}

/** Functions chosen by a number. */
export const SUBTOTALS: readonly FunctionDefinition[] = [
  {
    name: 'SUBTOTAL',
    category: 'math',
    help: 'AVERAGE, COUNT, COUNTA, MAX, MIN, PRODUCT, STDEV.S, STDEV.P, SUM, VAR.S or VAR.P, by a number from 1 to 11 (or 101 to 111).',
    params: [
      { name: 'function', kind: 'integer' },
      { name: 'value', kind: 'values' },
    ],
    repeat: 1,
    result: ofValues(1),
    evaluation: { mode: 'strict', make: makeSubtotal },
    volatility: 'pure',
    examples: [
      { formula: '=SUBTOTAL(9, {1,2,"a"}, [@blank], 4)', result: '7' },
      { formula: '=SUBTOTAL(101, 1, 2)', result: '1.5' },
      { formula: '=SUBTOTAL(11, {2,4,4,4,5,5,7,9})', result: '4' },
      { formula: '=SUBTOTAL(12, 1, 2)', result: '#VALUE!' },
      { formula: '=SUBTOTAL(9, 1, #N/A)', result: '#N/A' },
    ],
  },
  {
    name: 'AGGREGATE',
    category: 'math',
    help: 'As SUBTOTAL, with MEDIAN, MODE.SNGL, LARGE, SMALL, PERCENTILE.INC, QUARTILE.INC, PERCENTILE.EXC and QUARTILE.EXC as 12 to 19; the options 2, 3, 6 and 7 leave errors out.',
    params: [
      { name: 'function', kind: 'integer' },
      { name: 'options', kind: 'integer' },
      { name: 'value', kind: 'values' },
    ],
    repeat: 1,
    result: ofValues(2),
    evaluation: { mode: 'strict', make: makeAggregate },
    volatility: 'pure',
    examples: [
      { formula: '=AGGREGATE(9, 6, {1,#N/A,3})', result: '4' },
      { formula: '=AGGREGATE(14, 6, {5,1,#DIV/0!,3}, 2)', result: '3' },
      { formula: '=AGGREGATE(12, 4, 1, 2, [@blank])', result: '1.5' },
      { formula: '=AGGREGATE(9, 4, {1,#N/A,3})', result: '#N/A' },
      { formula: '=AGGREGATE(14, 4, {1,2}, 3)', result: '#NUM!' },
    ],
  },
]
