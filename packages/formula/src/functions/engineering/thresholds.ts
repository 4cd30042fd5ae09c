import type { AnyNumber } from '@sheetflow/core/number'
import { compareNumbers } from '@sheetflow/core/number'
import { laneReader } from '../../value/readers.ts'
import type { Example, FunctionDefinition } from '../definition.ts'
import { always } from '../results.ts'
import { engineering, withoutBooleans, type ArgumentReader } from './arguments.ts'

const EXACT: ArgumentReader<AnyNumber> = withoutBooleans((type) => laneReader(type, 'decimal'))

/** 1 or 0, whether two numbers stand in an order; exact. */
function comparing(
  name: string,
  help: string,
  names: readonly [string, string],
  holds: (order: number) => boolean,
  examples: readonly Example[],
): FunctionDefinition {
  return engineering({
    name,
    help,
    args: [
      { name: names[0], read: EXACT },
      { name: names[1], read: EXACT, otherwise: 0 },
    ],
    result: always('int'),
    make: () => (a, b) => (holds(compareNumbers(a, b)) ? 1 : 0),
    examples,
  })
}

/** Comparisons that give numbers, to be summed. */
export const THRESHOLDS: readonly FunctionDefinition[] = [
  comparing('DELTA', 'Whether two numbers are equal (or one is 0): 1, else 0.', ['number', 'other'], (order) => order === 0, [
    { formula: '=DELTA(5, 5)', result: '1' },
    { formula: '=DELTA(0.1+0.2, 0.3)', result: '1' },
    { formula: '=DELTA([@blank])', result: '1' },
    { formula: '=DELTA("a", 1)', result: '#VALUE!' },
  ]),
  comparing('GESTEP', 'Whether a number is not below a step (or 0): 1, else 0.', ['number', 'step'], (order) => order >= 0, [
    { formula: '=GESTEP(5, 4)', result: '1' },
    { formula: '=GESTEP(-1)', result: '0' },
    { formula: '=GESTEP([@blank])', result: '1' },
    { formula: '=GESTEP(TRUE, 1)', result: '#VALUE!' },
  ]),
]
