import { isCellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import type { Value } from '@sheetflow/core/value'
import type { ExprType, FormulaType } from '../bound.ts'
import { ADD, divideDecimal, divideDouble, MULTIPLY, NEGATE, SUBTRACT, type Combine } from '../value/arithmetic.ts'
import type { ChainNumber } from '../value/chain-arithmetic.ts'
import { dateSum, dateSumType } from '../value/date-sum.ts'
import { areComparable, excelCompare, excelEqual } from '../value/excel-compare.ts'
import { laneOf, type Lane } from '../value/lane.ts'
import { operandReader } from '../value/operand-reader.ts'
import { isDateType, typeLabel } from '../value/type-rules.ts'
import { chainLink, power } from './chain.ts'
import type { CallTypes, Example, FunctionDefinition, TypeProblem } from './definition.ts'
import { always, quotient, widestNumber } from './results.ts'
import { cellText } from './text/define.ts'

const TWO_NUMBERS = [
  { name: 'a', kind: 'number' },
  { name: 'b', kind: 'number' },
] as const
const TWO_VALUES = [
  { name: 'a', kind: 'value' },
  { name: 'b', kind: 'value' },
] as const
const ONE_NUMBER = [{ name: 'number', kind: 'number' }] as const

const HUNDRED = Decimal.of(100, 0)

/** `+` and `−`: numbers, and dates with numbers of days. */
function sum(name: '+' | '-', help: string, lanes: Readonly<Record<Lane, Combine>>, examples: readonly Example[]): FunctionDefinition {
  return {
    name,
    category: 'operator',
    help,
    params: TWO_VALUES,
    result: (types) => (hasDate(types) ? dateSumType(name, types) : widestNumber()(types)),
    evaluation: {
      mode: 'strict',
      make: ({ args, result }) => {
        if (hasDate({ args })) return dateSum(name, args, result)
        const lane = laneOf(result.type) ?? 'int'
        return inLane(args, lane, chainLink(name, { args, result }) ?? lanes[lane])
      },
    },
    volatility: 'pure',
    examples,
  }
}

function hasDate(types: CallTypes): boolean {
  return types.args.some((one) => isDateType(one.type))
}

const BLANK: ExprType = { type: null, nullable: true }

/** Both operands read in one lane, then combined. */
function inLane(args: readonly ExprType[], lane: Lane, combine: (a: never, b: never) => Value): (a: Value, b: Value) => Value {
  const [left, right] = [operandReader(args[0] ?? BLANK, lane), operandReader(args[1] ?? BLANK, lane)]
  return (a, b) => {
    const x = left(a)
    if (isCellError(x)) return x
    const y = right(b)
    return isCellError(y) ? y : combine(x as never, y as never)
  }
}

const TIMES: FunctionDefinition = {
  name: '*',
  category: 'operator',
  help: 'Multiplies two numbers exactly.',
  params: TWO_NUMBERS,
  result: widestNumber(),
  evaluation: { mode: 'strict', make: (types) => chainLink('*', types) ?? MULTIPLY[types.lane] },
  volatility: 'pure',
  examples: [
    { formula: '=[@price]*[@quantity]', result: '38' },
    { formula: '=0.1*3', result: '0.3' },
    { formula: '=[@blank]*7', result: '0' },
    { formula: '="a"*2', result: '#VALUE!' },
  ],
}

const DIVIDE: FunctionDefinition = {
  name: '/',
  category: 'operator',
  help: 'Divides: an exact decimal of 15 digits, or a double where one operand is one.',
  params: TWO_NUMBERS,
  fraction: true,
  result: quotient,
  evaluation: {
    mode: 'strict',
    make: (types) => chainLink('/', types) ?? (types.lane === 'double' ? divideDouble : (a: Decimal, b: Decimal) => divideDecimal(a, b)),
  },
  volatility: 'pure',
  examples: [
    { formula: '=1/3', result: '0.333333333333333' },
    { formula: '=[@price]/2', result: '4.75' },
    { formula: '=1/[@blank]', result: '#DIV/0!' },
    { formula: '=[@blank]/4', result: '0' },
  ],
}

const POWER: FunctionDefinition = {
  name: '^',
  category: 'operator',
  help: 'Raises to a power; groups from the left, as Excel does.',
  params: TWO_NUMBERS,
  fraction: true,
  result: quotient,
  evaluation: {
    mode: 'strict',
    make: power,
  },
  volatility: 'pure',
  examples: [
    { formula: '=2^10', result: '1024' },
    { formula: '=-2^2', result: '4' },
    { formula: '=2^0.5', result: '1.4142135623731' },
    { formula: '=[@blank]^0', result: '#NUM!' },
    { formula: '=(-8)^0.5', result: '#NUM!' },
  ],
}

const JOIN: FunctionDefinition = {
  name: '&',
  category: 'operator',
  help: 'Joins two texts; numbers as General shows them, dates ISO, Blank as nothing; #VALUE! beyond 32,767 characters.',
  params: [
    { name: 'a', kind: 'text' },
    { name: 'b', kind: 'text' },
  ],
  result: always('text'),
  evaluation: { mode: 'strict', make: () => (a: string, b: string) => cellText(a + b) },
  volatility: 'pure',
  examples: [
    { formula: '="Order #"&[@id]', result: '"Order #7"' },
    { formula: '="a"&[@blank]', result: '"a"' },
    { formula: '="a"&#N/A', result: '#N/A' },
  ],
}

function sign(name: 'neg' | '%', help: string, examples: readonly Example[]): FunctionDefinition {
  return {
    name,
    category: 'operator',
    help,
    params: ONE_NUMBER,
    ...(name === '%' ? { fraction: true } : {}),
    result: name === '%' ? quotient : widestNumber(),
    evaluation: {
      mode: 'strict',
      make: (types) => {
        const { lane } = types
        const link = chainLink(name, types)
        if (link !== null) return (a: ChainNumber) => link(a, a)
        if (name === 'neg') return NEGATE[lane]
        return lane === 'double' ? (a: number) => a / 100 : (a: Decimal) => divideDecimal(a, HUNDRED)
      },
    },
    volatility: 'pure',
    examples,
  }
}

/** The binder puts the value itself in its place. */
const PLUS: FunctionDefinition = {
  name: 'pos',
  category: 'operator',
  help: 'Leaves the value as it is: a text stays a text, TRUE stays TRUE.',
  params: [{ name: 'value', kind: 'any' }],
  result: ({ args }) => args[0] ?? BLANK,
  evaluation: { mode: 'strict', make: () => (value: Value) => value },
  volatility: 'pure',
  examples: [
    { formula: '=+[@price]', result: '9.5' },
    { formula: '=+[@name]&"!"', result: '"Anna!"' },
    { formula: '=+TRUE', result: 'TRUE' },
    { formula: '=+"5"', result: '"5"' },
    { formula: '=+[@blank]', result: '' },
  ],
}

/** A comparison of two values of known types, neither an error. */
type Test = (a: Value, b: Value) => boolean

/** Comparison with Excel's rules. */
function comparison(
  name: '=' | '<>' | '<' | '<=' | '>' | '>=',
  help: string,
  test: (a: FormulaType | null, b: FormulaType | null) => Test,
  examples: readonly Example[],
): FunctionDefinition {
  return {
    name,
    category: 'operator',
    help,
    params: TWO_VALUES,
    result: comparisonType,
    evaluation: { mode: 'strict', make: ({ args }) => test(args[0]?.type ?? null, args[1]?.type ?? null) },
    volatility: 'pure',
    examples,
  }
}

/** An order that `holds`. */
function ordered(holds: (order: number) => boolean): (a: FormulaType | null, b: FormulaType | null) => Test {
  return (a, b) => {
    const compare = excelCompare(a, b)
    return (x, y) => holds(compare(x, y))
  }
}

function unequal(a: FormulaType | null, b: FormulaType | null): Test {
  const equal = excelEqual(a, b)
  return (x, y) => !equal(x, y)
}

function comparisonType({ args }: CallTypes): ExprType | TypeProblem {
  const [a, b] = [args[0]?.type ?? null, args[1]?.type ?? null]
  if (areComparable(a, b)) return { type: { type: 'bool' }, nullable: false }
  return { problem: `${typeLabel(a)} and ${typeLabel(b)} cannot be compared`, argument: 1 }
}

/** All operators, by sign; `neg pos %` take one value. */
export const OPERATORS: readonly FunctionDefinition[] = [
  sum('+', 'Adds two numbers exactly, or days to a date.', ADD, [
    { formula: '=0.1+0.2', result: '0.3' },
    { formula: '=[@date]+30', result: 'DATE(2026,12,23)' },
    { formula: '=[@blank]+1', result: '1' },
    { formula: '="a"+1', result: '#VALUE!' },
    { formula: '="1.5"+1', result: '2.5' },
  ]),
  sum('-', 'Subtracts numbers exactly, days from a date, or one date from another.', SUBTRACT, [
    { formula: '=[@price]-0.5', result: '9' },
    { formula: '=[@date]-DATE(2026,11,1)', result: '22' },
    { formula: '=[@blank]-1', result: '-1' },
    { formula: '=#N/A-1', result: '#N/A' },
  ]),
  TIMES,
  DIVIDE,
  POWER,
  JOIN,
  sign('neg', 'Turns the sign.', [
    { formula: '=-[@price]', result: '-9.5' },
    { formula: '=-[@blank]', result: '0' },
    { formula: '=-"a"', result: '#VALUE!' },
  ]),
  PLUS,
  sign('%', 'Divides by 100.', [
    { formula: '=50%', result: '0.5' },
    { formula: '=[@blank]%', result: '0' },
    { formula: '=#N/A%', result: '#N/A' },
  ]),
  comparison('=', 'Equal, letter case aside; Blank equals 0, "" and FALSE.', excelEqual, [
    { formula: '=[@name]="ANNA"', result: 'TRUE' },
    { formula: '=[@blank]=0', result: 'TRUE' },
    { formula: '=1="1"', result: 'FALSE' },
    { formula: '=#N/A=1', result: '#N/A' },
  ]),
  comparison('<>', 'Not equal.', unequal, [
    { formula: '=[@name]<>"Bob"', result: 'TRUE' },
    { formula: '=[@blank]<>0', result: 'FALSE' },
    { formula: '=#N/A<>1', result: '#N/A' },
  ]),
  comparison(
    '<',
    'Less: numbers < text < booleans.',
    ordered((order) => order < 0),
    [
      { formula: '=[@price]<10', result: 'TRUE' },
      { formula: '=[@blank]<1', result: 'TRUE' },
      { formula: '=1<#N/A', result: '#N/A' },
    ],
  ),
  comparison(
    '<=',
    'Less or equal.',
    ordered((order) => order <= 0),
    [
      { formula: '="a"<="B"', result: 'TRUE' },
      { formula: '=[@blank]<=0', result: 'TRUE' },
      { formula: '=1<=#N/A', result: '#N/A' },
    ],
  ),
  comparison(
    '>',
    'Greater.',
    ordered((order) => order > 0),
    [
      { formula: '=[@date]>DATE(2026,1,1)', result: 'TRUE' },
      { formula: '=[@blank]>0', result: 'FALSE' },
      { formula: '=1>#N/A', result: '#N/A' },
    ],
  ),
  comparison(
    '>=',
    'Greater or equal.',
    ordered((order) => order >= 0),
    [
      { formula: '=[@quantity]>=4', result: 'TRUE' },
      { formula: '=[@blank]>=0', result: 'TRUE' },
      { formula: '=1>=#N/A', result: '#N/A' },
    ],
  ),
]
