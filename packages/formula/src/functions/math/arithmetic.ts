import { Decimal } from '@sheetflow/core/decimal'
import type { AnyNumber } from '@sheetflow/core/number'
import { modulo, NEGATE } from '../../value/arithmetic.ts'
import { inLane } from '../../value/in-lane.ts'
import { realForm } from '../../value/real.ts'
import { withoutNoise } from '../../value/without-noise.ts'
import type { FunctionDefinition } from '../definition.ts'
import { real, widestNumber } from '../results.ts'

const DIGITS_LIMIT = 400

/** ROUND, ROUNDUP and ROUNDDOWN: over decimals, whatever the lane, so that no binary noise decides. */
function rounding(
  name: string,
  help: string,
  round: (value: Decimal, places: number) => Decimal,
  examples: FunctionDefinition['examples'],
): FunctionDefinition {
  return {
    name,
    category: 'math',
    help,
    params: [
      { name: 'number', kind: 'number' },
      { name: 'digits', kind: 'integer', optional: true, fallback: 0 },
    ],
    result: widestNumber(0),
    evaluation: {
      mode: 'strict',
      make:
        ({ lane }) =>
        (number: AnyNumber, digits: number) => {
          if (typeof number === 'number' && digits >= 0 && Number.isInteger(number)) return number
          const places = Math.max(-DIGITS_LIMIT, Math.min(DIGITS_LIMIT, digits))
          return inLane(round(withoutNoise(number), places), lane)
        },
    },
    volatility: 'pure',
    examples,
  }
}

/** Away from zero wherever anything falls away. */
function roundUp(value: Decimal, places: number): Decimal {
  const down = value.round(places, 'truncate')
  if (down.eq(value)) return down
  const step = places >= 0 ? Decimal.of(1, places) : (Decimal.of(1, 0).mul(Decimal.of(10n ** BigInt(-places), 0)) ?? Decimal.ZERO)
  return (value.sign() < 0 ? down.sub(step) : down.add(step)) ?? down
}

const ABS: FunctionDefinition = {
  name: 'ABS',
  category: 'math',
  help: 'The number without its sign.',
  params: [{ name: 'number', kind: 'number' }],
  result: widestNumber(),
  evaluation: {
    mode: 'strict',
    make:
      ({ lane }) =>
      (number: AnyNumber) =>
        number instanceof Decimal ? number.abs() : number < 0 ? NEGATE[lane](number) : number,
  },
  volatility: 'pure',
  examples: [
    { formula: '=ABS(-[@price])', result: '9.5' },
    { formula: '=ABS([@blank])', result: '0' },
    { formula: '=ABS("a")', result: '#VALUE!' },
  ],
}

/** The greatest whole number that is not above. */
function floor(number: AnyNumber): AnyNumber {
  if (typeof number === 'bigint') return number
  if (typeof number === 'number') return Math.floor(number) + 0
  const cut = number.rescale(0, 'truncate')
  return number.sign() < 0 && !cut.eq(number) ? (cut.sub(Decimal.of(1, 0)) ?? cut) : cut
}

const INT: FunctionDefinition = {
  name: 'INT',
  category: 'math',
  help: 'Rounds down to a whole number.',
  params: [{ name: 'number', kind: 'number' }],
  result: widestNumber(),
  evaluation: { mode: 'strict', make: () => floor },
  volatility: 'pure',
  examples: [
    { formula: '=INT([@price])', result: '9' },
    { formula: '=INT(-9.5)', result: '-10' },
    { formula: '=INT([@blank])', result: '0' },
    { formula: '=INT("a")', result: '#VALUE!' },
  ],
}

const MOD: FunctionDefinition = {
  name: 'MOD',
  category: 'math',
  help: 'The rest of a division, with the sign of the divisor; exact.',
  params: [
    { name: 'number', kind: 'number' },
    { name: 'divisor', kind: 'number' },
  ],
  result: widestNumber(),
  evaluation: { mode: 'strict', make: ({ lane }) => modulo(lane) },
  volatility: 'pure',
  examples: [
    { formula: '=MOD(7, 3)', result: '1' },
    { formula: '=MOD(-7, 3)', result: '2' },
    { formula: '=MOD(0.3, 0.1)', result: '0' },
    { formula: '=MOD([@blank], 3)', result: '0' },
    { formula: '=MOD(7, 0)', result: '#DIV/0!' },
  ],
}

const SQRT: FunctionDefinition = {
  name: 'SQRT',
  category: 'math',
  help: 'The square root.',
  params: [{ name: 'number', kind: 'real' }],
  result: real,
  evaluation: {
    mode: 'strict',
    make: ({ result }) => {
      const form = realForm(result)
      return (number: number) => form(Math.sqrt(number))
    },
  },
  volatility: 'pure',
  examples: [
    { formula: '=SQRT(16)', result: '4' },
    { formula: '=SQRT({4,9})', result: '{2,3}' },
    { formula: '=SQRT([@blank])', result: '0' },
    { formula: '=SQRT(-1)', result: '#NUM!' },
  ],
}

/** Arithmetic beyond the operators. */
export const ARITHMETIC: readonly FunctionDefinition[] = [
  ABS,
  INT,
  MOD,
  SQRT,
  rounding(
    'ROUND',
    'Rounds half away from zero to so many digits behind (or, negative, before) the point.',
    (value, places) => value.round(places, 'half-away'),
    [
      { formula: '=ROUND(2.345, 2)', result: '2.35' },
      { formula: '=ROUND(-2.5, 0)', result: '-3' },
      { formula: '=ROUND(1234, -2)', result: '1200' },
      { formula: '=ROUND([@blank], 2)', result: '0' },
      { formula: '=ROUND("a", 2)', result: '#VALUE!' },
    ],
  ),
  rounding('ROUNDUP', 'Rounds away from zero to so many digits.', roundUp, [
    { formula: '=ROUNDUP(2.341, 2)', result: '2.35' },
    { formula: '=ROUNDUP(-1.1, 0)', result: '-2' },
    { formula: '=ROUNDUP([@blank], 2)', result: '0' },
    { formula: '=ROUNDUP(#N/A, 2)', result: '#N/A' },
  ]),
  rounding('ROUNDDOWN', 'Cuts off behind so many digits.', (value, places) => value.round(places, 'truncate'), [
    { formula: '=ROUNDDOWN(2.349, 2)', result: '2.34' },
    { formula: '=ROUNDDOWN(-1.9, 0)', result: '-1' },
    { formula: '=ROUNDDOWN([@blank], 2)', result: '0' },
    { formula: '=ROUNDDOWN(#N/A, 2)', result: '#N/A' },
  ]),
  rounding('TRUNC', 'Cuts off the fraction, or what stands behind so many digits.', (value, places) => value.round(places, 'truncate'), [
    { formula: '=TRUNC(-8.9)', result: '-8' },
    { formula: '=TRUNC([@price]*1.11, 1)', result: '10.5' },
    { formula: '=TRUNC([@blank])', result: '0' },
    { formula: '=TRUNC("a")', result: '#VALUE!' },
  ]),
]
