import { erf, erfc } from '../../numeric/special/error-function.ts'
import { realForm } from '../../value/real.ts'
import type { Example, FunctionDefinition } from '../definition.ts'
import { real } from '../results.ts'
import { engineering, REAL } from './arguments.ts'

const X = { name: 'x', read: REAL } as const

function ofOne(name: string, help: string, of: (x: number) => number, examples: readonly Example[]): FunctionDefinition {
  return engineering({
    name,
    help,
    args: [X],
    result: real,
    make: ({ result }) => {
      const form = realForm(result)
      return (x) => form(of(x))
    },
    examples,
  })
}

/** The integral between two places; far from 0 of what is left, where erf itself is nearly 1. */
function erfBetween(from: number, to: number): number {
  if (from > 0.5 && to > 0.5) return erfc(from) - erfc(to)
  return from < -0.5 && to < -0.5 ? erfc(-to) - erfc(-from) : erf(to) - erf(from)
}

/** The error function and what it leaves. */
export const ERROR_FUNCTIONS: readonly FunctionDefinition[] = [
  engineering({
    name: 'ERF',
    help: 'The error function from 0 to a limit, or between two limits.',
    args: [
      { name: 'lower_limit', read: REAL },
      { name: 'upper_limit', read: REAL, otherwise: null },
    ],
    result: real,
    make: ({ result }) => {
      const form = realForm(result)
      return (lower, upper) => form(upper === null ? erf(lower) : erfBetween(lower, upper))
    },
    examples: [
      { formula: '=ROUND(ERF(0.745), 12)', result: '0.707928920096' },
      { formula: '=ROUND(ERF(1, 2), 12)', result: '0.152621472069' },
      { formula: '=ERF([@blank])', result: '0' },
      { formula: '=ERF("a")', result: '#VALUE!' },
    ],
  }),
  ofOne('ERF.PRECISE', 'The error function from 0 to a limit.', erf, [
    { formula: '=ROUND(ERF.PRECISE(1), 12)', result: '0.84270079295' },
    { formula: '=ERF.PRECISE([@blank])', result: '0' },
    { formula: '=ERF.PRECISE("a")', result: '#VALUE!' },
  ]),
  ofOne('ERFC', 'What the error function leaves from a limit to infinity.', erfc, [
    { formula: '=ROUND(ERFC(1), 12)', result: '0.15729920705' },
    { formula: '=ERFC([@blank])', result: '1' },
    { formula: '=ERFC("a")', result: '#VALUE!' },
  ]),
  ofOne('ERFC.PRECISE', 'What the error function leaves from a limit to infinity.', erfc, [
    { formula: '=ROUND(ERFC.PRECISE(1), 12)', result: '0.15729920705' },
    { formula: '=ERFC.PRECISE([@blank])', result: '1' },
    { formula: '=ERFC.PRECISE("a")', result: '#VALUE!' },
  ]),
]
