import { must } from '@sheetflow/core/assert'
import { isCellError } from '@sheetflow/core/cell-error'
import type { Value } from '@sheetflow/core/value'
import type { Expr, ExprType } from '../bound.ts'
import { definitionOf } from '../functions/catalogue.ts'
import {
  goneThrough,
  isList,
  parameterOf,
  takesErrors,
  type Evaluation,
  type FunctionDefinition,
  type LazyArgument,
} from '../functions/definition.ts'
import { Grid, type FormulaValue } from '../value/grid.ts'
import { laneOfArgument, widerLane, type Lane } from '../value/lane.ts'
import type { ExprOf, Flow } from './compile-host.ts'
import { cellType, lifted, type Argument } from './lift.ts'
import { meteredArguments, meteredCall } from './metered.ts'
import { argumentReader, type Read } from './read-argument.ts'

/** A function's implementation: arguments as their kinds say. */
type Implementation = (...args: readonly unknown[]) => FormulaValue

/**
 * A call of a function or operator: strict ones get their arguments read, lazy ones run them themselves. One that takes single values and is given an array is
 * called for each cell of it, and gives an array. `metered`: its steps are counted.
 */
export function compileCall<Row>(expr: ExprOf<'call'>, compile: (arg: Expr) => Flow<Row>, metered: boolean): Flow<Row> {
  const definition = must(definitionOf(expr.fn), `the binder only calls functions of the catalogue, not ${expr.fn}`)
  const args = expr.args.map((arg) => ({ type: arg, run: compile(arg) }))
  const call = metered ? meteredPlainCall : plainCall
  const single = goneThrough(definition, expr.args)
  if (!single.includes(true)) return call(definition, args, expr)
  return lifted(args, single, (inner) => call(definition, inner, cellType(expr)))
}

function meteredPlainCall<Row>(definition: FunctionDefinition, args: readonly Argument<Row>[], result: ExprType): Flow<Row> {
  return meteredCall(definition, result, plainCall(definition, meteredArguments(definition, args), result))
}

function plainCall<Row>(definition: FunctionDefinition, args: readonly Argument<Row>[], result: ExprType): Flow<Row> {
  const evaluation = ordinary(definition.evaluation)
  if (evaluation.mode === 'lazy') return evaluation.make(args.map(lazyArgument), result)
  const types = args.map((arg) => arg.type)
  const lane = laneOfCall(definition, types)
  const implementation = evaluation.make({ args: types, result, lane }) as Implementation
  const reads = types.map((type, index) => argumentReader(parameterOf(definition, index), type, lane))
  return strictCall(definition, implementation, args, reads)
}

/** How a call node is computed; functions that the binder makes nodes of are calls over arrays. */
function ordinary(evaluation: Evaluation): Exclude<Evaluation, { mode: 'bound' }> {
  if (evaluation.mode !== 'bound') return evaluation
  return { mode: 'strict', make: must(evaluation.arrays, 'a function that is a node of its own') }
}

function lazyArgument<Row>({ type, run }: Argument<Row>): LazyArgument<Row> {
  if (type.array !== true) return { type, run: run as LazyArgument<Row>['run'] }
  const grid = (row: Row): Grid => {
    const value = run(row)
    return value instanceof Grid ? value : Grid.one(value)
  }
  return { type, run: (row) => grid(row).at(0, 0), grid }
}

/** The lane in which the call's numbers are read. */
function laneOfCall(definition: FunctionDefinition, args: readonly ExprType[]): Lane {
  let lane: Lane = definition.fraction === true ? 'decimal' : 'int'
  for (const [index, arg] of args.entries()) {
    const kind = parameterOf(definition, index)?.kind
    if (kind !== 'number' && kind !== 'numbers') continue
    lane = widerLane(lane, laneOfArgument(arg) ?? 'int')
  }
  return lane
}

/** Values of the parameters that are left out at the end. */
function fallbacksOf(definition: FunctionDefinition, count: number): Value[] {
  return definition.params.slice(count).map((one) => one.fallback ?? null)
}

/** Reads the arguments from the left; the first error is the result, unless the parameter takes errors. */
function strictCall<Row>(
  definition: FunctionDefinition,
  run: Implementation,
  args: readonly Argument<Row>[],
  reads: readonly Read[],
): Flow<Row> {
  const rest = fallbacksOf(definition, args.length)
  const lists = listFrom(definition)
  if (lists < args.length) return listCall(run, args, reads, lists)
  if (args.some((_, index) => takesErrors(parameterOf(definition, index)))) return anyCall(definition, run, args, reads, rest)
  const [a, b] = args
  const [readA, readB] = reads
  if (a === undefined || readA === undefined) return () => run(...rest)
  if (b === undefined || readB === undefined) return unaryCall(run, a.run, readA, rest)
  if (args.length === 2 && rest.length === 0) return binaryCall(run, a.run, readA, b.run, readB)
  return (row) => {
    const values: unknown[] = []
    for (const [index, arg] of args.entries()) {
      const value = reads[index]?.(arg.run(row))
      if (isCellError(value)) return value
      values.push(value)
    }
    return run(...values, ...rest)
  }
}

/** Where the repeated lists begin, which reach the function as one. */
function listFrom(definition: FunctionDefinition): number {
  const { params, repeat } = definition
  return repeat === 1 && isList(params.at(-1)) ? params.length - 1 : Infinity
}

function listCall<Row>(run: Implementation, args: readonly Argument<Row>[], reads: readonly Read[], from: number): Flow<Row> {
  return (row) => {
    const values: unknown[] = []
    const list: unknown[] = []
    for (const [index, arg] of args.entries()) {
      const value = reads[index]?.(arg.run(row))
      if (isCellError(value)) return value
      if (index < from) values.push(value)
      else for (const one of value as readonly unknown[]) list.push(one)
    }
    return run(...values, list)
  }
}

/** Some parameters take errors as values. */
function anyCall<Row>(
  definition: FunctionDefinition,
  run: Implementation,
  args: readonly Argument<Row>[],
  reads: readonly Read[],
  rest: readonly Value[],
): Flow<Row> {
  const [only] = args
  if (args.length === 1 && only !== undefined && rest.length === 0) return (row) => run(only.run(row))
  const mayBeError = args.map((_, index) => takesErrors(parameterOf(definition, index)))
  return (row) => {
    const values: unknown[] = []
    for (const [index, arg] of args.entries()) {
      const value = reads[index]?.(arg.run(row))
      if (isCellError(value) && mayBeError[index] !== true) return value
      values.push(value)
    }
    return run(...values, ...rest)
  }
}

function unaryCall<Row>(run: Implementation, a: Flow<Row>, readA: Read, rest: readonly Value[]): Flow<Row> {
  if (rest.length > 0) {
    return (row) => {
      const x = readA(a(row))
      return isCellError(x) ? x : run(x, ...rest)
    }
  }
  return (row) => {
    const x = readA(a(row))
    return isCellError(x) ? x : run(x)
  }
}

function binaryCall<Row>(run: Implementation, a: Flow<Row>, readA: Read, b: Flow<Row>, readB: Read): Flow<Row> {
  return (row) => {
    const x = readA(a(row))
    if (isCellError(x)) return x
    const y = readB(b(row))
    return isCellError(y) ? y : run(x, y)
  }
}
