import { CellError, isCellError } from '@sheetflow/core/cell-error'
import { isNumber } from '@sheetflow/core/number'
import type { AnyNumber } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import type { FormulaType } from '@sheetflow/formula/bound'
import { compare, compareFractions, decimalOf, fractionOf, kindOf, plainOf, rootOf, roundedOf, sumOf } from './plain.ts'
import type { Fraction } from './plain.ts'

const NUM = new CellError('#NUM!')
const NA = new CellError('#N/A')
const DIV0 = new CellError('#DIV/0!')

/** What an aggregate is asked about: cells in key order, the type of their column, and what else the function takes. */
export interface Asked {
  readonly type: FormulaType | null
  readonly cells: readonly Value[]
  readonly args: readonly Value[]
}

/** Aggregates by the name of the function. */
const AGGREGATES: Readonly<Record<string, (asked: Asked) => Value>> = {
  SUM: withoutErrors((asked) => inForm(asked.type, sumOf(numbersOf(asked)))),
  COUNT: (asked) => countedOf(asked).length,
  COUNTA: ({ cells }) => cells.filter((cell) => cell !== null).length,
  COUNTBLANK: ({ cells }) => cells.filter((cell) => cell === null || cell === '').length,
  AVERAGE: withoutErrors((asked) => meanOf(asked)),
  MIN: withoutErrors((asked) => extremeOf(asked, -1)),
  MAX: withoutErrors((asked) => extremeOf(asked, 1)),
  MEDIAN: withoutErrors((asked) => between(asked, [BigInt(countedOf(asked).length - 1), 2n])),
  LARGE: withoutErrors((asked) => placed(asked, (k, n) => n - k)),
  SMALL: withoutErrors((asked) => placed(asked, (k) => k - 1)),
  'PERCENTILE.INC': withoutErrors((asked) => inclusive(asked, shareOf(asked, 1n))),
  'PERCENTILE.EXC': withoutErrors((asked) => exclusive(asked, shareOf(asked, 1n))),
  'QUARTILE.INC': withoutErrors((asked) => inclusive(asked, shareOf(asked, 4n))),
  'QUARTILE.EXC': withoutErrors((asked) => exclusive(asked, shareOf(asked, 4n))),
  'RANK.EQ': (asked) => rankOf(asked, false),
  'RANK.AVG': (asked) => rankOf(asked, true),
  'VAR.S': withoutErrors((asked) => spreadOf(asked, 1, false)),
  'VAR.P': withoutErrors((asked) => spreadOf(asked, 0, false)),
  'STDEV.S': withoutErrors((asked) => spreadOf(asked, 1, true)),
  'STDEV.P': withoutErrors((asked) => spreadOf(asked, 0, true)),
}

const OLD_NAMES: Readonly<Record<string, string>> = {
  PERCENTILE: 'PERCENTILE.INC',
  QUARTILE: 'QUARTILE.INC',
  RANK: 'RANK.EQ',
  VAR: 'VAR.S',
  VARP: 'VAR.P',
  STDEV: 'STDEV.S',
  STDEVP: 'STDEV.P',
}

/** The aggregate of that name; undefined: it is none. Which argument the column is: the second of RANK, else the first. */
export function aggregateNamed(
  name: string,
): { readonly of: (asked: Asked) => Value; readonly column: number; readonly name: string } | undefined {
  const canonical = OLD_NAMES[name] ?? name
  const of = Object.hasOwn(AGGREGATES, canonical) ? AGGREGATES[canonical] : undefined
  return of === undefined ? undefined : { of, column: canonical.startsWith('RANK') ? 1 : 0, name: canonical }
}

/** The type of what an aggregate gives. */
export function aggregateType(name: string, type: FormulaType | null): { readonly type: FormulaType | null; readonly nullable: boolean } {
  if (name.startsWith('COUNT') || name === 'RANK.EQ') return { type: { type: 'int' }, nullable: false }
  if (name === 'RANK.AVG') return { type: { type: 'decimal' }, nullable: false }
  const picks = name === 'SUM' || name === 'MIN' || name === 'MAX' || name === 'LARGE' || name === 'SMALL'
  if (type?.type === 'any') return { type, nullable: false }
  if (!picks) return { type: { type: type?.type === 'double' ? 'double' : 'decimal' }, nullable: false }
  return { type: type?.type === 'decimal' ? { type: 'decimal' } : type, nullable: !isNumeric(type) }
}

function isNumeric(type: FormulaType | null): boolean {
  return type !== null && ['int', 'bigint', 'decimal', 'double', 'any'].includes(type.type)
}

/** Of several errors the first, which is that of the smallest key; those of what else is given come before. */
function withoutErrors(of: (asked: Asked) => Value): (asked: Asked) => Value {
  return (asked) => asked.cells.find(isCellError) ?? asked.args.find(isCellError) ?? of(asked)
}

/** Numbers and dates. */
function countedOf({ type, cells }: Asked): Value[] {
  if (type !== null && type.type !== 'any' && !isNumeric(type) && !['date', 'time', 'timestamp', 'timestamptz'].includes(type.type))
    return []
  return cells.filter((cell) => cell !== null && typeof cell !== 'string' && typeof cell !== 'boolean' && !isCellError(cell))
}

function numbersOf(asked: Asked): AnyNumber[] {
  return countedOf(asked).filter(isNumber)
}

/** An exact number in the form of a type. */
function inForm(type: FormulaType | null, value: Fraction): Value {
  if (type?.type === 'double') return finite(`${value[0]}e-${String(value[1]).length - 1}`)
  const exact = decimalOf(value)
  if (isCellError(exact)) return exact
  if (type?.type === 'bigint') return BigInt(exact.toString())
  if (type?.type !== 'int') return exact
  return Number.isSafeInteger(exact.toNumber()) ? exact.toNumber() : NUM
}

/** The double that is nearest to what is written. */
function finite(text: string): Value {
  const value = Number(text)
  return Number.isFinite(value) ? value : NUM
}

function meanOf(asked: Asked): Value {
  const numbers = numbersOf(asked)
  if (numbers.length === 0) return DIV0
  const [above, below] = sumOf(numbers)
  return asDouble(asked.type, [above, below * BigInt(numbers.length)])
}

/** 15 digits, or the double that is near enough. */
function asDouble(type: FormulaType | null, value: Fraction): Value {
  const rounded = roundedOf(value)
  if (type?.type !== 'double') return rounded
  const [above, below] = value
  // More digits than a double has, whatever the size of the two.
  const digits = (above * 10n ** 400n) / below
  return finite(`${digits}e-400`)
}

function extremeOf({ type, cells }: Asked, sign: 1 | -1): Value {
  const isAny = type?.type === 'any'
  let best: Value = null
  for (const cell of cells) {
    if (cell === null || (isAny && !isNumber(cell))) continue
    if (best === null || compare(plainOf(type, cell), plainOf(type, best)) * sign > 0) best = cell
  }
  return best ?? (isNumeric(type) ? inForm(type, [0n, 1n]) : null)
}

function sorted(asked: Asked): Value[] {
  return countedOf(asked).toSorted((a, b) => compare(plainOf(asked.type, a), plainOf(asked.type, b)))
}

function placed(asked: Asked, place: (k: number, n: number) => number): Value {
  const values = sorted(asked)
  const given = asked.args[0] ?? 0
  const k = isNumber(given) ? Math.ceil(Number(given.toString())) : 0
  if (k < 1 || k > values.length || (isNumber(given) && Number(given.toString()) < 1)) return NUM
  return values[place(k, values.length)] ?? null
}

/** The second argument as a part of all; of quarters only whole ones count. */
function shareOf({ args }: Asked, parts: bigint): Fraction {
  const given = args[0] ?? 0
  const [above, below] = fractionOf(isNumber(given) ? given : 0)
  return parts === 1n ? [above, below] : above < 0n ? [-1n, 1n] : [above / below, parts]
}

function inclusive(asked: Asked, [above, below]: Fraction): Value {
  const n = BigInt(countedOf(asked).length)
  return n === 0n || above < 0n || above > below ? NUM : between(asked, [above * (n - 1n), below])
}

function exclusive(asked: Asked, [above, below]: Fraction): Value {
  const n = BigInt(countedOf(asked).length)
  const place: Fraction = [above * (n + 1n) - below, below]
  return n === 0n || place[0] < 0n || compareFractions(place, [n - 1n, 1n]) > 0 ? NUM : between(asked, place)
}

/** In proportion between the neighbours of a place. */
function between(asked: Asked, [above, below]: Fraction): Value {
  const values = sorted(asked)
  if (values.length === 0) return NUM
  const at = Number(above / below)
  const rest = above % below
  const [low, high] = [values[at], values[at + 1]]
  if (!isNumber(low)) return NUM
  if (rest === 0n) return asked.type?.type === 'double' ? low : decimalOf(fractionOf(low))
  const [a, x] = fractionOf(low)
  const [b, y] = fractionOf(isNumber(high) ? high : 0)
  return asDouble(asked.type, [a * y * below + (b * x - a * y) * rest, x * y * below])
}

function rankOf(asked: Asked, shares: boolean): Value {
  const number = asked.args[0] ?? (isNumeric(asked.type) ? 0 : null)
  const order = asked.args[1] ?? 0
  const error = [number, ...asked.cells, order].find(isCellError)
  if (error !== undefined) return error
  if (number === null) return NA
  const given =
    asked.type?.type === 'date' && kindOf(number) === 'moment'
      ? { ...(number as { days: number }), micros: 0 }
      : plainOf(asked.type, number)
  const orders = countedOf(asked).map((cell) => compare(plainOf(asked.type, cell), given))
  const equal = orders.filter((one) => one === 0).length
  if (equal === 0) return NA
  const isAscending = isNumber(order) && compare(order, 0) !== 0
  const before = orders.filter((one) => (isAscending ? one < 0 : one > 0)).length
  return shares ? roundedOf([BigInt(2 * before + equal + 1), 2n]) : before + 1
}

/** The mean of the squares of the distances from the mean. */
function spreadOf(asked: Asked, less: 0 | 1, isRoot: boolean): Value {
  const numbers = numbersOf(asked)
  const n = BigInt(numbers.length)
  if (numbers.length <= less) return DIV0
  const [sum, below] = sumOf(numbers)
  const units = numbers.map((number) => {
    const [above, one] = fractionOf(number)
    return above * (below / one) * n - sum
  })
  const variance: Fraction = [units.reduce((all, one) => all + one * one, 0n), n * n * (n - BigInt(less)) * below * below]
  if (asked.type?.type !== 'double') return isRoot ? rootOf(variance) : roundedOf(variance)
  const value = asDouble(asked.type, variance)
  return isRoot && typeof value === 'number' ? Math.sqrt(value) : value
}
