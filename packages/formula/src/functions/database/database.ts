import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import { compareNumbers, isNumber, toDecimal, type AnyNumber } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import type { ExprType } from '../../bound.ts'
import { divideDecimal } from '../../value/arithmetic.ts'
import { DIV0, NUM, VALUE } from '../../value/cell-errors.ts'
import { conversion } from '../../value/convert.ts'
import type { Grid } from '../../value/grid.ts'
import { realForm } from '../../value/real.ts'
import { ANY } from '../../value/type-rules.ts'
import type { CallTypes, Example, FunctionDefinition, StrictMaker } from '../definition.ts'
import { always } from '../results.ts'
import { columnOf, recordsOf } from './records.ts'

/** What a function makes of the cells of a field; the cells are in the forms of `any`, Blank and errors among them. */
type Summary = (cells: readonly Value[]) => Value

/** `optional`: where the field is left out, rows are summarized (as values that are there). */
function overRecords(summary: (types: CallTypes & { readonly result: ExprType }) => Summary, optional: boolean): StrictMaker {
  return (types) => {
    const [dataForm, criteriaForm] = [conversion(types.args[0]?.type ?? null, ANY), conversion(types.args[2]?.type ?? null, ANY)]
    const summarize = summary(types)
    const recordsIn = keepingLast((database, criteria) => {
      const data = dataForm === null ? database : database.map(dataForm)
      return { data, records: recordsOf(data, criteriaForm === null ? criteria : criteria.map(criteriaForm)) }
    })
    return (database: Grid, field: Value, criteria: Grid): Value => {
      const { data, records } = recordsIn(database, criteria)
      if (isCellError(records)) return records
      if (optional && field === null) return summarize(records.map(() => 1))
      const column = columnOf(data, field)
      return isCellError(column) ? column : summarize(records.map((record) => record[column] ?? null))
    }
  }
}

/** Calls again only for other arrays: a function that is called for several fields goes through the rows once. */
function keepingLast<T>(of: (a: Grid, b: Grid) => T): (a: Grid, b: Grid) => T {
  let kept: { readonly a: Grid; readonly b: Grid; readonly result: T } | null = null
  return (a, b) => {
    if (kept?.a !== a || kept.b !== b) kept = { a, b, result: of(a, b) }
    return kept.result
  }
}

/** The numbers among the cells; the first error instead. */
function ofNumbers(of: (numbers: readonly AnyNumber[]) => Value): Summary {
  return (cells) => {
    const error = cells.find((cell) => isCellError(cell))
    return error ?? of(cells.filter((cell) => isNumber(cell)))
  }
}

function sum(numbers: readonly AnyNumber[]): Decimal | CellError {
  let total = Decimal.ZERO
  for (const one of numbers) {
    const next = total.add(toDecimal(one))
    if (next === null) return NUM
    total = next
  }
  return total
}

function average(numbers: readonly AnyNumber[]): Value {
  const total = sum(numbers)
  return isCellError(total) ? total : divideDecimal(total, Decimal.of(numbers.length, 0))
}

/** Of none 0, as Excel has it. */
function product(numbers: readonly AnyNumber[]): Value {
  if (numbers.length === 0) return Decimal.ZERO
  let total = Decimal.of(1, 0)
  for (const one of numbers) {
    const next = total.mul(toDecimal(one))
    if (next === null) return NUM
    total = next
  }
  return total
}

function extreme(sign: 1 | -1): (numbers: readonly AnyNumber[]) => Value {
  return (numbers) => {
    const [first, ...rest] = numbers
    if (first === undefined) return Decimal.ZERO
    return toDecimal(rest.reduce((best, one) => (compareNumbers(one, best) * sign > 0 ? one : best), first))
  }
}

/** The squares of the distances from the mean over how many there are, less one for a sample. */
function variance(less: 0 | 1, root: boolean): (types: { readonly result: ExprType }) => Summary {
  return ({ result }) => {
    const form = realForm(result)
    return ofNumbers((numbers) => {
      if (numbers.length <= less) return DIV0
      const doubles = numbers.map((one) => toDecimal(one).toNumber())
      const mean = doubles.reduce((total, one) => total + one, 0) / doubles.length
      const rest = doubles.reduce((total, one) => total + (one - mean), 0)
      const squares = doubles.reduce((total, one) => total + (one - mean) ** 2, 0) - rest ** 2 / doubles.length
      const of = Math.max(0, squares) / (doubles.length - less)
      return form(root ? Math.sqrt(of) : of)
    })
  }
}

function get(cells: readonly Value[]): Value {
  const [only = null] = cells
  return cells.length === 0 ? VALUE : cells.length > 1 ? NUM : only
}

function databaseFunction(
  name: string,
  help: string,
  result: FunctionDefinition['result'],
  make: StrictMaker,
  examples: readonly Example[],
): FunctionDefinition {
  return {
    name,
    category: 'database',
    help,
    params: [
      { name: 'database', kind: 'array' },
      { name: 'field', kind: 'value' },
      { name: 'criteria', kind: 'array' },
    ],
    result,
    evaluation: { mode: 'strict', make },
    volatility: 'pure',
    examples,
  }
}

const TREES = '{"tree","height";"apple",18;"pear",12;"apple",14}'

/** The same call over the example's rows: those of apples, of pears, and of a field that is not there. */
function shown(name: string, apples: string, pears: string): readonly Example[] {
  return [
    { formula: `=${name}(${TREES}, "height", {"tree";"apple"})`, result: apples },
    { formula: `=${name}(${TREES}, 2, VSTACK("tree", "=pear"))`, result: pears },
    { formula: `=${name}(${TREES}, "width", VSTACK("tree", [@blank]))`, result: '#VALUE!' },
  ]
}

function numeric(
  name: string,
  help: string,
  of: (numbers: readonly AnyNumber[]) => Value,
  apples: string,
  pears: string,
): FunctionDefinition {
  return databaseFunction(
    name,
    help,
    always('decimal'),
    overRecords(() => ofNumbers(of), false),
    shown(name, apples, pears),
  )
}

function spread(name: string, help: string, less: 0 | 1, root: boolean, apples: string, pears: string): FunctionDefinition {
  return databaseFunction(name, help, always('decimal'), overRecords(variance(less, root), false), shown(name, apples, pears))
}

/** Excel's database functions, over arrays with names in the first row. */
export const DATABASE: readonly FunctionDefinition[] = [
  numeric('DSUM', 'The sum of a field over the rows that meet criteria; exact.', sum, '32', '12'),
  numeric('DAVERAGE', 'The mean of a field over the rows that meet criteria.', average, '16', '12'),
  numeric('DMIN', 'The smallest number of a field in the rows that meet criteria.', extreme(-1), '14', '12'),
  numeric('DMAX', 'The greatest number of a field in the rows that meet criteria.', extreme(1), '18', '12'),
  numeric('DPRODUCT', 'The product of a field over the rows that meet criteria; exact.', product, '252', '12'),
  databaseFunction(
    'DCOUNT',
    'How many numbers a field has in the rows that meet criteria; without a field, how many rows.',
    always('int'),
    overRecords(() => (cells) => cells.filter(isNumber).length, true),
    shown('DCOUNT', '2', '1'),
  ),
  databaseFunction(
    'DCOUNTA',
    'How many values a field has in the rows that meet criteria; without a field, how many rows.',
    always('int'),
    overRecords(() => (cells) => cells.filter((cell) => cell !== null).length, true),
    shown('DCOUNTA', '2', '1'),
  ),
  databaseFunction(
    'DGET',
    'The value of a field in the one row that meets criteria; #NUM! if there are several.',
    () => ({ type: ANY, nullable: true }),
    overRecords(() => get, false),
    shown('DGET', '#NUM!', '12'),
  ),
  spread('DVAR', 'The variance of a field over the rows that meet criteria, which are a sample.', 1, false, '8', '#DIV/0!'),
  spread('DVARP', 'The variance of a field over the rows that meet criteria, which are all there are.', 0, false, '4', '0'),
  spread('DSTDEV', 'The standard deviation of a field over the rows that meet criteria, a sample.', 1, true, '2.82842712474619', '#DIV/0!'),
  spread('DSTDEVP', 'The standard deviation of a field over the rows that meet criteria, all there are.', 0, true, '2', '0'),
]
