import { must } from '@sheetflow/core/assert'
import { isCellError } from '@sheetflow/core/cell-error'
import type { Expr } from '../bound.ts'
import { conversion } from '../value/convert.ts'
import { errorNamer, NA } from '../value/cell-errors.ts'
import { firstOf, Grid, type FormulaValue } from '../value/grid.ts'
import { leaveChain } from '../value/unrounded.ts'
import { compileCall } from './compile-call.ts'
import { MISSING, type Compiled, type CompileHost, type ExprOf, type Flow, type RowReader } from './compile-host.ts'
import { compileOver } from './compile-over.ts'
import { isConstantPart } from './constant-part.ts'
import { budgeted, needsBudget } from './metered.ts'
import { resultForm } from './result-form.ts'

/** A value of a LET that has not been computed for this row yet. */
const UNSET: unique symbol = Symbol('sheetflow.unset')

/** Values of LET by slot, for the row at hand. */
type Slots = (FormulaValue | typeof UNSET)[]

/**
 * Turns an expression into a closure over rows. No text of the user is ever run as code. Functions that are lazy run only what they need, so
 * only the lookups of the branch taken are asked. A closure is not reentrant: it runs to its end before it is called again.
 */
export function compileExpr<Row extends RowReader>(expr: Expr, host: CompileHost<Row>): Compiled<Row> {
  const run = compileFlow(expr, host)
  if (expr.unrounded === true) return (row) => leaveChain(firstOf(run(row)))
  return expr.array === true ? (row) => firstOf(run(row)) : (run as Compiled<Row>)
}

/** As `compileExpr`, for one that may be an array; a part of a chain of arithmetic stays unrounded. What may take long is `#CALC!` when its budget of steps is spent. */
export function compileFlow<Row extends RowReader>(expr: Expr, host: CompileHost<Row>): Flow<Row> {
  const metered = needsBudget(expr)
  const run = compile(expr, { host, slots: [] as Slots, lets: new Map<number, NamedFlow<Row>>(), metered })
  return metered ? budgeted(run) : run
}

/**
 * The formula of a column: as `compileExpr`, with its value in the form that the column keeps (decimals without trailing zeros), and errors
 * that began here named after the column.
 */
export function compileColumn<Row extends RowReader>(expr: Expr, column: string, host: CompileHost<Row>): Compiled<Row> {
  const run = compileExpr(expr, host)
  const named = errorNamer(column)
  const form = resultForm(expr)
  return (row) => {
    const value = run(row)
    return isCellError(value) ? named(value) : form === null ? value : form(value)
  }
}

/** What computes a name of LET; it may give more digits than are kept. */
interface NamedFlow<Row> {
  readonly run: Flow<Row>
  readonly unrounded: boolean
}

/** What the nodes of one formula share. */
export interface Context<Row extends RowReader> {
  readonly host: CompileHost<Row>
  readonly slots: Slots
  readonly lets: Map<number, NamedFlow<Row>>
  /** Are the steps counted? */
  readonly metered: boolean
}

/** One node. */
function compile<Row extends RowReader>(expr: Expr, context: Context<Row>): Flow<Row> {
  switch (expr.kind) {
    case 'const': {
      const { value } = expr
      return () => value
    }
    case 'grid': {
      const { grid } = expr
      return () => grid
    }
    case 'columns':
      return must(context.host.columns?.(expr), 'whole columns are no arrays here')
    case 'over':
      return context.host.part?.(expr) ?? compileOver(expr, (part) => compile(part, context), context.slots)
    case 'column': {
      const { column } = expr
      return (row) => row.get(column)
    }
    case 'call':
      return context.host.part?.(expr) ?? compileAnyCall(expr, context)
    case 'let':
      return compileLet(expr, context)
    case 'local':
      return compileLocal(expr, context)
    case 'lookup':
      return compileLookup(expr, context)
    case 'aggregate':
      return context.host.aggregate(
        expr,
        expr.criteria.map((one) => single(one.value, context)),
        expr.args.map((one) => single(one, context)),
      )
    case 'named':
      return context.host.named(expr)
    case 'clock':
      return context.host.clock(expr)
    case 'async':
      return must(
        context.host.async?.(
          expr,
          expr.args.map((arg) => single(arg, context)),
        ),
        'no function is called here',
      )
  }
}

function compileAnyCall<Row extends RowReader>(expr: ExprOf<'call'>, context: Context<Row>): Flow<Row> {
  const call = compileCall(expr, (arg) => compile(arg, context), context.metered)
  if (context.metered || !isConstantPart(expr)) return call
  const value = call({ get: () => null } as unknown as Row)
  return () => value
}

/** The value is computed when it is first asked for, then kept for this row. */
function compileLet<Row extends RowReader>({ slot, value, body }: ExprOf<'let'>, context: Context<Row>): Flow<Row> {
  const { slots, lets } = context
  lets.set(slot, { run: compile(value, context), unrounded: value.unrounded === true })
  const run = compile(body, context)
  return (row) => {
    slots[slot] = UNSET
    return run(row)
  }
}

/** A name of LET, or a parameter of a LAMBDA that is run for each cell: then its value stands in the slot already. */
function compileLocal<Row extends RowReader>({ slot, unrounded }: ExprOf<'local'>, { slots, lets }: Context<Row>): Flow<Row> {
  const named = lets.get(slot)
  if (named === undefined) return () => slots[slot] as FormulaValue
  const { run } = named
  const read = (row: Row): FormulaValue => {
    const known = slots[slot]
    if (known !== UNSET && known !== undefined) return known
    const value = run(row)
    slots[slot] = value
    return value
  }
  return named.unrounded && unrounded !== true ? leavingChain(read) : read
}

/** The name is read where it leaves the chain. */
function leavingChain<Row>(read: Flow<Row>): Flow<Row> {
  return (row) => {
    const value = read(row)
    return value instanceof Grid ? value.map(leaveChain) : leaveChain(value)
  }
}

/** A part that is one value. */
function single<Row extends RowReader>(expr: Expr, context: Context<Row>): Compiled<Row> {
  const run = compile(expr, context)
  return expr.array === true ? (row) => firstOf(run(row)) : (run as Compiled<Row>)
}

function compileLookup<Row extends RowReader>(expr: ExprOf<'lookup'>, context: Context<Row>): Compiled<Row> {
  const find = context.host.lookup(expr, single(expr.search, context))
  const convertFound = conversion(expr.found, expr.type)
  const missing = expr.missing === null ? null : single(expr.missing, context)
  const convertMissing = expr.missing === null ? null : conversion(expr.missing.type, expr.type)
  return (row) => {
    const found = find(row)
    if (found !== MISSING) return convertFound === null ? found : convertFound(found)
    if (missing === null) return NA
    const value = missing(row)
    return convertMissing === null ? value : convertMissing(value)
  }
}
