import { must } from '@sheetflow/core/assert'
import { isCellError } from '@sheetflow/core/cell-error'
import type { Value } from '@sheetflow/core/value'
import type { Expr } from '../bound.ts'
import { definitionOf } from '../functions/catalogue.ts'
import { parameterOf, type FunctionDefinition, type ParameterKind } from '../functions/definition.ts'
import { textReader } from '../value/general-text.ts'
import { laneOf, widerLane, type Lane } from '../value/lane.ts'
import { boolReader, integerReader, laneReader, momentReader } from '../value/readers.ts'
import type { Compiled, ExprOf } from './compile-host.ts'

/** A function's implementation: arguments as their kinds say. */
type Implementation = (...args: readonly unknown[]) => Value

/** A value as a parameter's kind wants it, or the error that ends the call. */
type Read = (value: Value) => unknown

/** A call of a function or operator: strict ones get their arguments read, lazy ones run them themselves. */
export function compileCall<Row>(expr: ExprOf<'call'>, compile: (arg: Expr) => Compiled<Row>): Compiled<Row> {
  const definition = must(definitionOf(expr.fn), `the binder only calls functions of the catalogue, not ${expr.fn}`)
  const { evaluation } = definition
  switch (evaluation.mode) {
    case 'lazy':
      return evaluation.make(
        expr.args.map((arg) => ({ type: arg, run: compile(arg) })),
        expr,
      )
    case 'strict': {
      const lane = laneOfCall(definition, expr.args)
      const implementation = evaluation.make({ args: expr.args, result: expr, lane }) as Implementation
      return strictCall(
        implementation,
        expr.args.map(compile),
        readersOf(definition, expr.args, lane),
        fallbacksOf(definition, expr.args.length),
      )
    }
    case 'bound':
      return must<Compiled<Row>>(undefined, `${expr.fn} is a node of its own`)
  }
}

/** The lane in which the call's `number` arguments are read. */
function laneOfCall(definition: FunctionDefinition, args: readonly Expr[]): Lane {
  let lane: Lane = definition.fraction === true ? 'decimal' : 'int'
  for (const [index, arg] of args.entries()) {
    if (parameterOf(definition, index)?.kind === 'number') lane = widerLane(lane, laneOf(arg.type) ?? 'int')
  }
  return lane
}

function readersOf(definition: FunctionDefinition, args: readonly Expr[], lane: Lane): Read[] {
  return args.map((arg, index) => readerOf(parameterOf(definition, index)?.kind ?? 'value', arg, lane))
}

function readerOf(kind: ParameterKind, { type }: Expr, lane: Lane): Read {
  switch (kind) {
    case 'number':
      return laneReader(type, lane)
    case 'integer':
      return integerReader(type)
    case 'text':
      return textReader(type)
    case 'bool':
      return boolReader(type)
    case 'moment':
      return momentReader(type)
    case 'any':
      return asItIs
    default:
      return (value) => value
  }
}

/** Values of the parameters that are left out at the end. */
function fallbacksOf(definition: FunctionDefinition, count: number): Value[] {
  return definition.params.slice(count).map((one) => one.fallback ?? null)
}

/** Reads the arguments from the left; the first error is the result, unless the parameter takes errors (`any`). */
function strictCall<Row>(
  run: Implementation,
  args: readonly Compiled<Row>[],
  reads: readonly Read[],
  rest: readonly Value[],
): Compiled<Row> {
  const [a, b] = args
  const [readA, readB] = reads
  if (a === undefined || readA === undefined) return () => run(...rest)
  if (b === undefined || readB === undefined) return unaryCall(run, a, readA, rest)
  if (args.length === 2 && rest.length === 0) return binaryCall(run, a, readA, b, readB)
  return (row) => {
    const values: unknown[] = []
    for (const [index, arg] of args.entries()) {
      const value = reads[index]?.(arg(row))
      if (isCellError(value)) return value
      values.push(value)
    }
    return run(...values, ...rest)
  }
}

function unaryCall<Row>(run: Implementation, a: Compiled<Row>, readA: Read, rest: readonly Value[]): Compiled<Row> {
  if (readA === asItIs) return (row) => run(a(row))
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

function binaryCall<Row>(run: Implementation, a: Compiled<Row>, readA: Read, b: Compiled<Row>, readB: Read): Compiled<Row> {
  return (row) => {
    const x = readA(a(row))
    if (isCellError(x)) return x
    const y = readB(b(row))
    return isCellError(y) ? y : run(x, y)
  }
}

/** For `any`: errors are values like others. Functions that take them have that one parameter. */
function asItIs(value: Value): unknown {
  return value
}
