import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import type { Value } from '@sheetflow/core/value'
import {
  add,
  argument,
  cos,
  cosh,
  cot,
  divide,
  exp,
  ln,
  modulus,
  multiply,
  polar,
  printComplex,
  sin,
  sinh,
  subtract,
  tan,
  type Complex,
  type Point,
} from '../../numeric/complex/complex.ts'
import { DIV0, NUM, VALUE } from '../../value/cell-errors.ts'
import { generalNumber } from '../../value/general-text.ts'
import { realForm } from '../../value/real.ts'
import type { Example, FunctionDefinition, StrictMaker } from '../definition.ts'
import { always, real } from '../results.ts'
import { COMPLEX, complexOf, engineering, REAL, TEXT } from './arguments.ts'

/** Complex numbers, which are texts: `"3+4i"`. Their parts are doubles, written with 15 digits. */

const TEXT_RESULT = always('text')
const NUMBER = { name: 'complex_number', read: COMPLEX } as const

function written({ re, im }: Point, unit: Complex['unit']): Value {
  return Number.isFinite(re) && Number.isFinite(im) ? printComplex({ re, im, unit }, generalNumber) : NUM
}

/** The letter that two numbers share; `#VALUE!` if they differ. */
function sharedUnit(a: Complex['unit'], b: Complex['unit']): Complex['unit'] | CellError {
  return a !== null && b !== null && a !== b ? VALUE : (a ?? b)
}

/** A complex function of one complex number. */
function complexFunction(name: string, help: string, of: (a: Point) => Point, examples: readonly Example[]): FunctionDefinition {
  return engineering({ name, help, args: [NUMBER], result: TEXT_RESULT, make: () => (a) => written(of(a), a.unit), examples })
}

/** A real number that belongs to a complex one. */
function partOf(name: string, help: string, of: (a: Point) => number | CellError, examples: readonly Example[]): FunctionDefinition {
  return engineering({
    name,
    help,
    args: [NUMBER],
    result: real,
    make: ({ result }) => {
      const form = realForm(result)
      return (a) => {
        const number = of(a)
        return isCellError(number) ? number : form(number)
      }
    },
    examples,
  })
}

/** A complex function of two complex numbers. */
function complexOperator(
  name: string,
  help: string,
  names: readonly [string, string],
  of: (a: Point, b: Point) => Point,
  examples: readonly Example[],
): FunctionDefinition {
  return engineering({
    name,
    help,
    args: [
      { name: names[0], read: COMPLEX },
      { name: names[1], read: COMPLEX },
    ],
    result: TEXT_RESULT,
    make: () => (a, b) => {
      const unit = sharedUnit(a.unit, b.unit)
      return isCellError(unit) ? unit : written(of(a, b), unit)
    },
    examples,
  })
}

/** IMSUM and IMPRODUCT: over values and arrays, Blank left out. */
function complexTotal(name: string, help: string, of: (a: Point, b: Point) => Point, examples: readonly Example[]): FunctionDefinition {
  const make: StrictMaker = () => (values: readonly Value[]) => {
    let total: Complex | null = null
    for (const value of values) {
      if (value === null) continue
      const next = complexOf(value)
      if (isCellError(next)) return next
      const unit: Complex['unit'] | CellError = sharedUnit(total?.unit ?? null, next.unit)
      if (isCellError(unit)) return unit
      total = total === null ? next : { ...of(total, next), unit }
    }
    return total === null ? '0' : written(total, total.unit)
  }
  return {
    name,
    category: 'engineering',
    help,
    params: [{ name: 'complex_number', kind: 'values' }],
    repeat: 1,
    result: TEXT_RESULT,
    evaluation: { mode: 'strict', make },
    volatility: 'pure',
    examples,
  }
}

const ONE: Point = { re: 1, im: 0 }

function power(base: Point, exponent: number): Point {
  if (base.re === 0 && base.im === 0) return exponent > 0 ? base : { re: Number.NaN, im: 0 }
  return polar(modulus(base) ** exponent, argument(base) * exponent)
}

function scaled({ re, im }: Point, by: number): Point {
  return { re: re / by, im: im / by }
}

/** What a function of one number shows: its value, of Blank, and that a text which is no number is `#NUM!`. */
function shown(name: string, formula: string, result: string, ofBlank: string): readonly Example[] {
  return [
    { formula: `=${name}("${formula}")`, result: `"${result}"` },
    { formula: `=${name}([@blank])`, result: ofBlank.startsWith('#') ? ofBlank : `"${ofBlank}"` },
    { formula: `=${name}("a")`, result: '#NUM!' },
  ]
}

/** Functions of complex numbers. */
export const COMPLEX_NUMBERS: readonly FunctionDefinition[] = [
  engineering({
    name: 'COMPLEX',
    help: 'The complex number of a real and an imaginary part, as text with "i" or "j".',
    args: [
      { name: 'real_part', read: REAL },
      { name: 'imaginary_part', read: REAL },
      { name: 'suffix', read: TEXT, otherwise: 'i' },
    ],
    result: TEXT_RESULT,
    make: () => (re, im, suffix) => (suffix === 'i' || suffix === 'j' ? written({ re, im }, suffix) : VALUE),
    examples: [
      { formula: '=COMPLEX(3, 4)', result: '"3+4i"' },
      { formula: '=COMPLEX([@blank], -1, "j")', result: '"-j"' },
      { formula: '=COMPLEX(1, 2, "k")', result: '#VALUE!' },
    ],
  }),
  partOf('IMABS', 'The modulus of a complex number.', modulus, [
    { formula: '=IMABS("5+12i")', result: '13' },
    { formula: '=IMABS([@blank])', result: '0' },
    { formula: '=IMABS("a")', result: '#NUM!' },
  ]),
  partOf('IMREAL', 'The real part of a complex number.', ({ re }) => re, [
    { formula: '=IMREAL("6-9i")', result: '6' },
    { formula: '=IMREAL([@blank])', result: '0' },
    { formula: '=IMREAL("6-9k")', result: '#NUM!' },
  ]),
  partOf('IMAGINARY', 'The imaginary part of a complex number.', ({ im }) => im, [
    { formula: '=IMAGINARY("3+4i")', result: '4' },
    { formula: '=IMAGINARY("-j")', result: '-1' },
    { formula: '=IMAGINARY([@blank])', result: '0' },
    { formula: '=IMAGINARY(TRUE)', result: '#VALUE!' },
  ]),
  partOf('IMARGUMENT', 'The argument of a complex number, an angle in radians.', (a) => (a.re === 0 && a.im === 0 ? DIV0 : argument(a)), [
    { formula: '=ROUND(IMARGUMENT("3+4i"), 12)', result: '0.927295218002' },
    { formula: '=IMARGUMENT("1")', result: '0' },
    { formula: '=IMARGUMENT([@blank])', result: '#DIV/0!' },
  ]),
  complexFunction('IMCONJUGATE', 'The complex conjugate.', ({ re, im }) => ({ re, im: -im }), shown('IMCONJUGATE', '3+4i', '3-4i', '0')),
  complexFunction('IMEXP', 'The power of e to a complex number.', exp, shown('IMEXP', '1+i', '1.46869393991589+2.28735528717884i', '1')),
  complexFunction(
    'IMLN',
    'The natural logarithm of a complex number.',
    ln,
    shown('IMLN', '3+4i', '1.6094379124341+0.927295218001612i', '#NUM!'),
  ),
  complexFunction(
    'IMLOG10',
    'The logarithm to base 10 of a complex number.',
    (a) => scaled(ln(a), Math.LN10),
    shown('IMLOG10', '3+4i', '0.698970004336019+0.402719196273373i', '#NUM!'),
  ),
  complexFunction(
    'IMLOG2',
    'The logarithm to base 2 of a complex number.',
    (a) => scaled(ln(a), Math.LN2),
    shown('IMLOG2', '3+4i', '2.32192809488736+1.33780421245098i', '#NUM!'),
  ),
  complexFunction(
    'IMSQRT',
    'The square root of a complex number.',
    (a) => polar(Math.sqrt(modulus(a)), argument(a) / 2),
    shown('IMSQRT', '1+i', '1.09868411346781+0.455089860562227i', '0'),
  ),
  complexFunction('IMSIN', 'The sine of a complex number.', sin, shown('IMSIN', '4+3i', '-7.61923172032141-6.548120040911i', '0')),
  complexFunction('IMCOS', 'The cosine of a complex number.', cos, shown('IMCOS', '1+i', '0.833730025131149-0.988897705762865i', '1')),
  complexFunction('IMTAN', 'The tangent of a complex number.', tan, shown('IMTAN', '4+3i', '0.00490825806749606+1.00070953606723i', '0')),
  complexFunction(
    'IMCOT',
    'The cotangent of a complex number.',
    cot,
    shown('IMCOT', '4+3i', '0.00490118239430447-0.999266927805902i', '#NUM!'),
  ),
  complexFunction(
    'IMSEC',
    'The secant of a complex number.',
    (a) => divide(ONE, cos(a)),
    shown('IMSEC', '4+3i', '-0.065294027857947-0.0752249603027732i', '1'),
  ),
  complexFunction(
    'IMCSC',
    'The cosecant of a complex number.',
    (a) => divide(ONE, sin(a)),
    shown('IMCSC', '4+3i', '-0.0754898329158637+0.0648774713706355i', '#NUM!'),
  ),
  complexFunction(
    'IMSINH',
    'The hyperbolic sine of a complex number.',
    sinh,
    shown('IMSINH', '4+3i', '-27.0168132580039+3.85373803791938i', '0'),
  ),
  complexFunction(
    'IMCOSH',
    'The hyperbolic cosine of a complex number.',
    cosh,
    shown('IMCOSH', '4+3i', '-27.0349456030742+3.85115333481178i', '1'),
  ),
  complexFunction(
    'IMSECH',
    'The hyperbolic secant of a complex number.',
    (a) => divide(ONE, cosh(a)),
    shown('IMSECH', '4+3i', '-0.0362534969158689-0.00516434460775318i', '1'),
  ),
  complexFunction(
    'IMCSCH',
    'The hyperbolic cosecant of a complex number.',
    (a) => divide(ONE, sinh(a)),
    shown('IMCSCH', '4+3i', '-0.036275889628626-0.0051744731840194i', '#NUM!'),
  ),
  complexOperator('IMSUB', 'The difference of two complex numbers.', ['complex_number', 'minus'], subtract, [
    { formula: '=IMSUB("13+4i", "5+3i")', result: '"8+i"' },
    { formula: '=IMSUB("1+i", [@blank])', result: '"1+i"' },
    { formula: '=IMSUB("1+i", "1+j")', result: '#VALUE!' },
  ]),
  complexOperator('IMDIV', 'The quotient of two complex numbers.', ['complex_number', 'divisor'], divide, [
    { formula: '=IMDIV("-238+240i", "10+24i")', result: '"5+12i"' },
    { formula: '=IMDIV([@blank], "i")', result: '"0"' },
    { formula: '=IMDIV("1+i", 0)', result: '#NUM!' },
  ]),
  engineering({
    name: 'IMPOWER',
    help: 'A complex number to a power.',
    args: [NUMBER, { name: 'power', read: REAL }],
    result: TEXT_RESULT,
    make: () => (base, exponent) => written(power(base, exponent), base.unit),
    examples: [
      { formula: '=IMREAL(IMPOWER("2+3i", 3))', result: '-46' },
      { formula: '=IMPOWER([@blank], 2)', result: '"0"' },
      { formula: '=IMPOWER(0, -1)', result: '#NUM!' },
    ],
  }),
  complexTotal('IMSUM', 'The sum of complex numbers.', add, [
    { formula: '=IMSUM("3+4i", "5-3i")', result: '"8+i"' },
    { formula: '=IMSUM({"1","i"}, [@blank])', result: '"1+i"' },
    { formula: '=IMSUM("i", "j")', result: '#VALUE!' },
  ]),
  complexTotal('IMPRODUCT', 'The product of complex numbers.', multiply, [
    { formula: '=IMPRODUCT("3+4i", "5-3i")', result: '"27+11i"' },
    { formula: '=IMPRODUCT("1+2i", 30, [@blank])', result: '"30+60i"' },
    { formula: '=IMPRODUCT("i", #N/A)', result: '#N/A' },
  ]),
]
