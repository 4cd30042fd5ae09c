import type { Value } from '@sheetflow/core/value'
import { NUM } from '../../value/cell-errors.ts'
import type { Example, FunctionDefinition } from '../definition.ts'
import { always } from '../results.ts'

/** Bits of whole numbers below 2^48; what is none, or negative, is `#NUM!`. */

const LIMIT = 2 ** 48

function isBits(number: number): boolean {
  return Number.isInteger(number) && number >= 0 && number < LIMIT
}

function bitFunction(name: string, help: string, of: (a: bigint, b: bigint) => bigint, examples: readonly Example[]): FunctionDefinition {
  return {
    name,
    category: 'engineering',
    help,
    params: [
      { name: 'number', kind: 'real' },
      { name: 'other', kind: 'real' },
    ],
    result: always('int'),
    evaluation: {
      mode: 'strict',
      make:
        () =>
        (a: number, b: number): Value =>
          isBits(a) && isBits(b) ? Number(of(BigInt(a), BigInt(b))) : NUM,
    },
    volatility: 'pure',
    examples,
  }
}

function shift(name: string, help: string, left: boolean, examples: readonly Example[]): FunctionDefinition {
  return {
    name,
    category: 'engineering',
    help,
    params: [
      { name: 'number', kind: 'real' },
      { name: 'places', kind: 'integer' },
    ],
    result: always('int'),
    evaluation: {
      mode: 'strict',
      make:
        () =>
        (number: number, places: number): Value => {
          if (!isBits(number) || Math.abs(places) > 53) return NUM
          const shifted = Math.floor(number * 2 ** (left ? places : -places))
          return shifted < LIMIT ? shifted : NUM
        },
    },
    volatility: 'pure',
    examples,
  }
}

/** Functions of single bits. */
export const BITS: readonly FunctionDefinition[] = [
  bitFunction('BITAND', 'The bits that are set in both numbers.', (a, b) => a & b, [
    { formula: '=BITAND(13, 25)', result: '9' },
    { formula: '=BITAND(13, [@blank])', result: '0' },
    { formula: '=BITAND(-1, 1)', result: '#NUM!' },
  ]),
  bitFunction('BITOR', 'The bits that are set in either number.', (a, b) => a | b, [
    { formula: '=BITOR(23, 10)', result: '31' },
    { formula: '=BITOR(23, [@blank])', result: '23' },
    { formula: '=BITOR(1.5, 1)', result: '#NUM!' },
  ]),
  bitFunction('BITXOR', 'The bits that are set in one of the numbers and not in the other.', (a, b) => a ^ b, [
    { formula: '=BITXOR(5, 3)', result: '6' },
    { formula: '=BITXOR(5, [@blank])', result: '5' },
    { formula: '=BITXOR(281474976710656, 1)', result: '#NUM!' },
  ]),
  shift('BITLSHIFT', 'The bits moved to the left by so many places, to the right by a negative number.', true, [
    { formula: '=BITLSHIFT(4, 2)', result: '16' },
    { formula: '=BITLSHIFT(4, [@blank])', result: '4' },
    { formula: '=BITLSHIFT(1, 48)', result: '#NUM!' },
  ]),
  shift('BITRSHIFT', 'The bits moved to the right by so many places, to the left by a negative number.', false, [
    { formula: '=BITRSHIFT(13, 2)', result: '3' },
    { formula: '=BITRSHIFT(13, [@blank])', result: '13' },
    { formula: '=BITRSHIFT(1, 54)', result: '#NUM!' },
  ]),
]
