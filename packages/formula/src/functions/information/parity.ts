import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import { toDecimal } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import { VALUE } from '../../value/cell-errors.ts'
import { laneOf } from '../../value/lane.ts'
import { laneReader } from '../../value/readers.ts'
import type { Example, FunctionDefinition, StrictMaker } from '../definition.ts'
import { always } from '../results.ts'

/** Truth values are no numbers here; what stands behind the point does not count. */
function makeParity(odd: boolean): StrictMaker {
  return ({ args }) => {
    const type = args[0]?.type ?? null
    const read = laneOf(type) === null ? () => VALUE : laneReader(type, laneOf(type) === 'double' ? 'double' : 'decimal')
    return (value: Value): boolean | CellError => {
      if (typeof value === 'boolean') return VALUE
      const number = read(value)
      if (isCellError(number)) return number
      return (BigInt(toDecimal(number).rescale(0, 'truncate').units) % 2n !== 0n) === odd
    }
  }
}

function parity(name: string, help: string, odd: boolean, examples: readonly Example[]): FunctionDefinition {
  return {
    name,
    category: 'information',
    help,
    params: [{ name: 'number', kind: 'value' }],
    result: always('bool'),
    evaluation: { mode: 'strict', make: makeParity(odd) },
    volatility: 'pure',
    examples,
  }
}

/** Even or odd. */
export const PARITY: readonly FunctionDefinition[] = [
  parity('ISEVEN', 'TRUE for even numbers; what stands behind the point does not count.', false, [
    { formula: '=ISEVEN([@quantity])', result: 'TRUE' },
    { formula: '=ISEVEN(-3.9)', result: 'FALSE' },
    { formula: '=ISEVEN([@blank])', result: 'TRUE' },
    { formula: '=ISEVEN("a")', result: '#VALUE!' },
  ]),
  parity('ISODD', 'TRUE for odd numbers; what stands behind the point does not count.', true, [
    { formula: '=ISODD([@id])', result: 'TRUE' },
    { formula: '=ISODD(2.9)', result: 'FALSE' },
    { formula: '=ISODD([@blank])', result: 'FALSE' },
    { formula: '=ISODD(TRUE)', result: '#VALUE!' },
  ]),
]
