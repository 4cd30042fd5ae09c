import { isCellError } from '@sheetflow/core/cell-error'
import type { Value } from '@sheetflow/core/value'
import { DIV0, NUM, VALUE } from '../../value/cell-errors.ts'
import type { Grid } from '../../value/grid.ts'
import { cellReader } from '../../value/list-readers.ts'
import { realForm } from '../../value/real.ts'
import { power } from '../chain.ts'
import type { FunctionDefinition, StrictMaker } from '../definition.ts'
import { quotient, real } from '../results.ts'
import { realFunction } from './real-function.ts'
import { numberButNoBoolean } from '../toolpak.ts'

const POWER: FunctionDefinition = {
  name: 'POWER',
  category: 'math',
  help: 'Raises to a power, as ^ does.',
  params: [
    { name: 'number', kind: 'number' },
    { name: 'power', kind: 'number' },
  ],
  fraction: true,
  result: quotient,
  evaluation: {
    mode: 'strict',
    make: power,
  },
  volatility: 'pure',
  examples: [
    { formula: '=POWER(5, 2)', result: '25' },
    { formula: '=POWER(4, -0.5)', result: '0.5' },
    { formula: '=POWER([@blank], 3)', result: '0' },
    { formula: '=POWER(0, -1)', result: '#DIV/0!' },
  ],
}

/** The logarithm; the bases 10 and 2 have functions of their own, which are exact at whole powers. */
function logarithm(number: number, base: number): number {
  if (base === 10) return Math.log10(number)
  return base === 2 ? Math.log2(number) : Math.log(number) / Math.log(base)
}

const LOG: FunctionDefinition = {
  name: 'LOG',
  category: 'math',
  help: 'The logarithm to a base, 10 if left out.',
  params: [
    { name: 'number', kind: 'real' },
    { name: 'base', kind: 'real', optional: true, fallback: 10 },
  ],
  result: real,
  evaluation: {
    mode: 'strict',
    make: ({ result }) => {
      const form = realForm(result)
      return (number: number, base: number) => {
        if (number <= 0 || base <= 0) return NUM
        return base === 1 ? DIV0 : form(logarithm(number, base))
      }
    },
  },
  volatility: 'pure',
  examples: [
    { formula: '=LOG(1000)', result: '3' },
    { formula: '=LOG(8, 2)', result: '3' },
    { formula: '=LOG(5, 1)', result: '#DIV/0!' },
    { formula: '=LOG([@blank])', result: '#NUM!' },
  ],
}

/** A logarithm of Excel: of 0 and below it is `#NUM!`. */
function positive(compute: (number: number) => number): (number: number) => number {
  return (number) => (number > 0 ? compute(number) : NaN)
}

const SQRTPI: FunctionDefinition = {
  name: 'SQRTPI',
  category: 'math',
  help: 'The square root of so many times π.',
  params: [{ name: 'number', kind: 'value' }],
  result: real,
  evaluation: {
    mode: 'strict',
    make: ({ args, result }) => {
      const [form, read] = [realForm(result), numberButNoBoolean(args[0], 'double')]
      return (value: Value) => {
        const number = read(value)
        return isCellError(number) ? number : form(Math.sqrt(Number(number) * Math.PI))
      }
    },
  },
  volatility: 'pure',
  examples: [
    { formula: '=ROUND(SQRTPI(2), 6)', result: '2.506628' },
    { formula: '=SQRTPI([@blank])', result: '0' },
    { formula: '=SQRTPI(-1)', result: '#NUM!' },
    { formula: '=SQRTPI(TRUE)', result: '#VALUE!' },
  ],
}

const makeSeries: StrictMaker = ({ args, result }) => {
  const form = realForm(result)
  const [readX, readPower, readStep] = [0, 1, 2].map((index) => numberButNoBoolean(args[index], 'double'))
  const readCell = cellReader(args[3]?.type ?? null, 'double')
  return (x: Value, power: Value, step: Value, coefficients: Grid) => {
    const numbers: number[] = []
    for (const [read, value] of [
      [readX, x],
      [readPower, power],
      [readStep, step],
    ] as const) {
      const number = read?.(value) ?? VALUE
      if (isCellError(number)) return number
      numbers.push(Number(number))
    }
    const terms: number[] = []
    for (const cell of coefficients.cells) {
      const number = cell === null ? 0 : (readCell(cell) ?? VALUE)
      if (isCellError(number)) return number
      terms.push(Number(number))
    }
    const sum = seriesSum(numbers, terms)
    return sum === null ? NUM : form(sum)
  }
}

/** The sum of `term · x^power`, the power growing by a step. Of zero only the first power counts: `0^0` is no number. */
function seriesSum([x = 0, first = 0, step = 0]: readonly number[], terms: readonly number[]): number | null {
  if (x === 0) return first === 0 ? null : 0
  return terms.reduce((sum, term, index) => sum + term * x ** (first + index * step), 0)
}

const SERIESSUM: FunctionDefinition = {
  name: 'SERIESSUM',
  category: 'math',
  help: 'The sum of a power series: each coefficient times x to a power that grows by a step.',
  params: [
    { name: 'x', kind: 'value' },
    { name: 'first_power', kind: 'value' },
    { name: 'step', kind: 'value' },
    { name: 'coefficients', kind: 'array' },
  ],
  result: real,
  evaluation: { mode: 'strict', make: makeSeries },
  volatility: 'pure',
  examples: [
    { formula: '=SERIESSUM(2, 0, 1, {1,1,1})', result: '7' },
    { formula: '=SERIESSUM(10, 1, 2, {3,0.5})', result: '530' },
    { formula: '=SERIESSUM([@blank], 1, 1, {1,2})', result: '0' },
    { formula: '=SERIESSUM(2, 0, 1, {1,"a"})', result: '#VALUE!' },
  ],
}

/** Powers, roots and logarithms. */
export const EXPONENTIALS: readonly FunctionDefinition[] = [
  POWER,
  realFunction('EXP', 'Raises e, the base of the natural logarithm, to a power.', Math.exp, [
    { formula: '=ROUND(EXP(1), 6)', result: '2.718282' },
    { formula: '=EXP([@blank])', result: '1' },
    { formula: '=EXP(1000)', result: '#NUM!' },
  ]),
  realFunction('LN', 'The natural logarithm.', positive(Math.log), [
    { formula: '=LN(EXP(3))', result: '3' },
    { formula: '=ROUND(LN(86), 6)', result: '4.454347' },
    { formula: '=LN([@blank])', result: '#NUM!' },
  ]),
  LOG,
  realFunction('LOG10', 'The logarithm to base 10.', positive(Math.log10), [
    { formula: '=LOG10(0.001)', result: '-3' },
    { formula: '=LOG10([@blank])', result: '#NUM!' },
    { formula: '=LOG10("a")', result: '#VALUE!' },
  ]),
  SQRTPI,
  SERIESSUM,
]
