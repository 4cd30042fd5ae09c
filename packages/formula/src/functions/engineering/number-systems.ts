import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import type { Value } from '@sheetflow/core/value'
import { NUM } from '../../value/cell-errors.ts'
import { always } from '../results.ts'
import type { Example, FunctionDefinition } from '../definition.ts'
import { DIGITS, engineering, WHOLE, type ArgumentReader } from './arguments.ts'

/** A number system: whole numbers of ten digits, the negative ones as two's complements. */
interface System {
  readonly base: number
  /** 2^9, 2^29, 2^39: numbers are below, and not below its negative. */
  readonly half: number
  readonly digits: RegExp
  readonly label: string
}

const BIN: System = { base: 2, half: 2 ** 9, digits: /^[01]{1,10}$/, label: 'binary' }
const OCT: System = { base: 8, half: 2 ** 29, digits: /^[0-7]{1,10}$/, label: 'octal' }
const HEX: System = { base: 16, half: 2 ** 39, digits: /^[0-9a-f]{1,10}$/i, label: 'hexadecimal' }

function numberOf(digits: string, { base, half, digits: allowed }: System): number | CellError {
  if (digits === '') return 0
  if (!allowed.test(digits)) return NUM
  const number = Number.parseInt(digits, base)
  return number < half ? number : number - 2 * half
}

/** With `places` digits, of negative numbers always ten; null: as many as are needed. */
function digitsOf(number: number, { base, half }: System, places: number | null): Value {
  if (number < -half || number >= half) return NUM
  if (places !== null && (places < 1 || places > 10)) return NUM
  if (number < 0) return (number + 2 * half).toString(base).toUpperCase()
  const digits = number.toString(base).toUpperCase()
  if (places === null) return digits
  return digits.length > places ? NUM : digits.padStart(places, '0')
}

const PLACES = { name: 'places', read: WHOLE as ArgumentReader<number | null>, otherwise: null } as const

function fromDecimal(name: string, to: System, examples: readonly Example[]): FunctionDefinition {
  return engineering({
    name,
    help: `A whole number in ${to.label} digits; negative ones as two's complement of ten digits.`,
    args: [{ name: 'number', read: WHOLE }, PLACES],
    result: always('text'),
    make: () => (number, places) => digitsOf(number, to, places),
    examples,
  })
}

function toDecimal(name: string, from: System, examples: readonly Example[]): FunctionDefinition {
  return engineering({
    name,
    help: `The number that ${from.label} digits stand for; ten digits that begin high are negative.`,
    args: [{ name: 'digits', read: DIGITS }],
    result: always('int'),
    make: () => (digits) => numberOf(digits, from),
    examples,
  })
}

function between(name: string, from: System, to: System, examples: readonly Example[]): FunctionDefinition {
  return engineering({
    name,
    help: `The ${to.label} digits of a number in ${from.label} ones.`,
    args: [{ name: 'digits', read: DIGITS }, PLACES],
    result: always('text'),
    make: () => (digits, places) => {
      const number = numberOf(digits, from)
      return isCellError(number) ? number : digitsOf(number, to, places)
    },
    examples,
  })
}

/** Conversions between number systems. */
export const NUMBER_SYSTEMS: readonly FunctionDefinition[] = [
  toDecimal('BIN2DEC', BIN, [
    { formula: '=BIN2DEC(1100100)', result: '100' },
    { formula: '=BIN2DEC("1111111111")', result: '-1' },
    { formula: '=BIN2DEC([@blank])', result: '0' },
    { formula: '=BIN2DEC(2)', result: '#NUM!' },
  ]),
  between('BIN2OCT', BIN, OCT, [
    { formula: '=BIN2OCT(1001, 3)', result: '"011"' },
    { formula: '=BIN2OCT([@blank])', result: '"0"' },
    { formula: '=BIN2OCT(2)', result: '#NUM!' },
  ]),
  between('BIN2HEX', BIN, HEX, [
    { formula: '=BIN2HEX(11111011, 4)', result: '"00FB"' },
    { formula: '=BIN2HEX([@blank])', result: '"0"' },
    { formula: '=BIN2HEX(1110, 0)', result: '#NUM!' },
  ]),
  fromDecimal('DEC2BIN', BIN, [
    { formula: '=DEC2BIN(9, 4)', result: '"1001"' },
    { formula: '=DEC2BIN(-100)', result: '"1110011100"' },
    { formula: '=DEC2BIN([@blank])', result: '"0"' },
    { formula: '=DEC2BIN(512)', result: '#NUM!' },
  ]),
  fromDecimal('DEC2OCT', OCT, [
    { formula: '=DEC2OCT(58, 3)', result: '"072"' },
    { formula: '=DEC2OCT([@blank])', result: '"0"' },
    { formula: '=DEC2OCT(TRUE)', result: '#VALUE!' },
  ]),
  fromDecimal('DEC2HEX', HEX, [
    { formula: '=DEC2HEX(100, 4)', result: '"0064"' },
    { formula: '=DEC2HEX(-54)', result: '"FFFFFFFFCA"' },
    { formula: '=DEC2HEX([@blank])', result: '"0"' },
    { formula: '=DEC2HEX(64, 1)', result: '#NUM!' },
  ]),
  toDecimal('OCT2DEC', OCT, [
    { formula: '=OCT2DEC(54)', result: '44' },
    { formula: '=OCT2DEC([@blank])', result: '0' },
    { formula: '=OCT2DEC(8)', result: '#NUM!' },
  ]),
  between('OCT2BIN', OCT, BIN, [
    { formula: '=OCT2BIN(3, 3)', result: '"011"' },
    { formula: '=OCT2BIN([@blank])', result: '"0"' },
    { formula: '=OCT2BIN(1000)', result: '#NUM!' },
  ]),
  between('OCT2HEX', OCT, HEX, [
    { formula: '=OCT2HEX(100, 4)', result: '"0040"' },
    { formula: '=OCT2HEX([@blank])', result: '"0"' },
    { formula: '=OCT2HEX(9)', result: '#NUM!' },
  ]),
  toDecimal('HEX2DEC', HEX, [
    { formula: '=HEX2DEC("A5")', result: '165' },
    { formula: '=HEX2DEC("FFFFFFFF5B")', result: '-165' },
    { formula: '=HEX2DEC([@blank])', result: '0' },
    { formula: '=HEX2DEC("G")', result: '#NUM!' },
  ]),
  between('HEX2BIN', HEX, BIN, [
    { formula: '=HEX2BIN("F", 8)', result: '"00001111"' },
    { formula: '=HEX2BIN([@blank])', result: '"0"' },
    { formula: '=HEX2BIN("200")', result: '#NUM!' },
  ]),
  between('HEX2OCT', HEX, OCT, [
    { formula: '=HEX2OCT("F", 3)', result: '"017"' },
    { formula: '=HEX2OCT([@blank])', result: '"0"' },
    { formula: '=HEX2OCT("G")', result: '#NUM!' },
  ]),
]
