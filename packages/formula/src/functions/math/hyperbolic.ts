import type { CellError } from '@sheetflow/core/cell-error'
import { DIV0, NUM } from '../../value/cell-errors.ts'
import type { FunctionDefinition } from '../definition.ts'
import { realFunction } from './real-function.ts'

/** Beyond it Excel's newer hyperbolic functions are `#NUM!`. */
const LIMIT = 2 ** 27

/** One divided by a hyperbolic function; where that is zero `#DIV/0!`. */
function reciprocal(compute: (number: number) => number): (number: number) => number | CellError {
  return (number) => {
    if (Math.abs(number) >= LIMIT) return NUM
    const value = compute(number)
    return value === 0 ? DIV0 : 1 / value
  }
}

/** `½·ln((x+1)/(x−1))`, by `log1p`, as good near 1 as far away. Between −1 and 1 no number. */
function acoth(number: number): number {
  const size = Math.abs(number)
  return size <= 1 ? NaN : (Math.sign(number) * Math.log1p(2 / (size - 1))) / 2
}

/** Hyperbolic functions. */
export const HYPERBOLIC: readonly FunctionDefinition[] = [
  realFunction('SINH', 'The hyperbolic sine.', Math.sinh, [
    { formula: '=ROUND(SINH(1), 6)', result: '1.175201' },
    { formula: '=SINH([@blank])', result: '0' },
    { formula: '=SINH(1000)', result: '#NUM!' },
  ]),
  realFunction('COSH', 'The hyperbolic cosine.', Math.cosh, [
    { formula: '=ROUND(COSH(4), 6)', result: '27.308233' },
    { formula: '=COSH([@blank])', result: '1' },
    { formula: '=COSH(1000)', result: '#NUM!' },
  ]),
  realFunction('TANH', 'The hyperbolic tangent.', Math.tanh, [
    { formula: '=ROUND(TANH(0.5), 6)', result: '0.462117' },
    { formula: '=TANH([@blank])', result: '0' },
    { formula: '=TANH("a")', result: '#VALUE!' },
  ]),
  realFunction('COTH', 'The hyperbolic cotangent: 1/TANH.', reciprocal(Math.tanh), [
    { formula: '=ROUND(COTH(2), 3)', result: '1.037' },
    { formula: '=ROUND(COTH(-2), 3)', result: '-1.037' },
    { formula: '=COTH([@blank])', result: '#DIV/0!' },
  ]),
  realFunction('SECH', 'The hyperbolic secant: 1/COSH.', reciprocal(Math.cosh), [
    { formula: '=ROUND(SECH(1), 6)', result: '0.648054' },
    { formula: '=SECH([@blank])', result: '1' },
    { formula: '=SECH(134217728)', result: '#NUM!' },
  ]),
  realFunction('CSCH', 'The hyperbolic cosecant: 1/SINH.', reciprocal(Math.sinh), [
    { formula: '=ROUND(CSCH(1.5), 4)', result: '0.4696' },
    { formula: '=ROUND(CSCH(-1), 6)', result: '-0.850918' },
    { formula: '=CSCH([@blank])', result: '#DIV/0!' },
  ]),
  realFunction('ASINH', 'The number whose hyperbolic sine this is.', Math.asinh, [
    { formula: '=ROUND(ASINH(-2.5), 6)', result: '-1.647231' },
    { formula: '=ASINH([@blank])', result: '0' },
    { formula: '=ASINH("a")', result: '#VALUE!' },
  ]),
  realFunction('ACOSH', 'The number, 0 or greater, whose hyperbolic cosine this is.', Math.acosh, [
    { formula: '=ACOSH(1)', result: '0' },
    { formula: '=ROUND(ACOSH(10), 6)', result: '2.993223' },
    { formula: '=ACOSH([@blank])', result: '#NUM!' },
  ]),
  realFunction('ATANH', 'The number whose hyperbolic tangent this is.', Math.atanh, [
    { formula: '=ROUND(ATANH(-0.1), 6)', result: '-0.100335' },
    { formula: '=ATANH([@blank])', result: '0' },
    { formula: '=ATANH(1)', result: '#NUM!' },
  ]),
  realFunction('ACOTH', 'The number whose hyperbolic cotangent this is.', acoth, [
    { formula: '=ROUND(ACOTH(6), 3)', result: '0.168' },
    { formula: '=ACOTH(1)', result: '#NUM!' },
    { formula: '=ACOTH([@blank])', result: '#NUM!' },
  ]),
]
