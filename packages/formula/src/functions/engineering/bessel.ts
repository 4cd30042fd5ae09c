import { besselI, besselK } from '../../numeric/bessel/modified.ts'
import { besselJ, besselY } from '../../numeric/bessel/oscillating.ts'
import { NUM } from '../../value/cell-errors.ts'
import { realForm } from '../../value/real.ts'
import type { Example, FunctionDefinition } from '../definition.ts'
import { real } from '../results.ts'
import { engineering, REAL, WHOLE } from './arguments.ts'

/** Beyond this the work would grow without bound; Excel gives up far earlier. */
const LARGEST_ORDER = 100_000

function bessel(
  name: string,
  help: string,
  of: (order: number, x: number) => number,
  isInDomain: (x: number) => boolean,
  examples: readonly Example[],
): FunctionDefinition {
  return engineering({
    name,
    help,
    args: [
      { name: 'x', read: REAL },
      { name: 'order', read: WHOLE },
    ],
    result: real,
    make: ({ result }) => {
      const form = realForm(result)
      return (x, order) => (order < 0 || order > LARGEST_ORDER || !isInDomain(x) ? NUM : form(of(order, x)))
    },
    examples,
  })
}

/** I and J of negative x: odd orders change sign. */
function mirrored(of: (order: number, x: number) => number): (order: number, x: number) => number {
  return (order, x) => (x < 0 && order % 2 === 1 ? -of(order, -x) : of(order, Math.abs(x)))
}

function isAny(): boolean {
  return true
}

function isPositive(x: number): boolean {
  return x > 0
}

/** Bessel functions of whole order. */
export const BESSEL: readonly FunctionDefinition[] = [
  bessel('BESSELI', 'The modified Bessel function In(x).', mirrored(besselI), isAny, [
    { formula: '=ROUND(BESSELI(1.5, 1), 12)', result: '0.981666428578' },
    { formula: '=BESSELI([@blank], 0)', result: '1' },
    { formula: '=BESSELI(1, -1)', result: '#NUM!' },
  ]),
  bessel('BESSELJ', 'The Bessel function Jn(x).', mirrored(besselJ), isAny, [
    { formula: '=ROUND(BESSELJ(1.9, 2), 12)', result: '0.329925727692' },
    { formula: '=BESSELJ([@blank], 1)', result: '0' },
    { formula: '=BESSELJ("a", 1)', result: '#VALUE!' },
  ]),
  bessel('BESSELK', 'The modified Bessel function Kn(x), of x above 0.', besselK, isPositive, [
    { formula: '=ROUND(BESSELK(1.5, 1), 12)', result: '0.277387800457' },
    { formula: '=ROUND(BESSELK(2, [@blank]), 12)', result: '0.11389387275' },
    { formula: '=BESSELK(0, 1)', result: '#NUM!' },
  ]),
  bessel('BESSELY', 'The Bessel function Yn(x), of x above 0.', besselY, isPositive, [
    { formula: '=ROUND(BESSELY(2.5, 1), 12)', result: '0.145918137967' },
    { formula: '=ROUND(BESSELY(1, [@blank]), 12)', result: '0.088256964216' },
    { formula: '=BESSELY(-1, 1)', result: '#NUM!' },
  ]),
]
