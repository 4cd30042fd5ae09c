import type { Value } from '@sheetflow/core/value'
import type { ClockUnit, ExprType } from '../bound.ts'
import type { FormulaValue, Grid } from '../value/grid.ts'
import type { Lane } from '../value/lane.ts'

/** Excel's categories, and `operator` for what is written with signs. */
export type Category =
  | 'operator'
  | 'logical'
  | 'math'
  | 'text'
  | 'date'
  | 'statistical'
  | 'lookup'
  | 'financial'
  | 'engineering'
  | 'information'
  | 'database'
  | 'ours'

/**
 * What a parameter takes. The host reads arguments as that kind before the function sees them (Excel's coercions), hands errors through and
 * gives Blank as its zero:
 * `number` a number in the call's lane · `real` a double · `integer` a whole number, cut off · `text` a string · `bool` a boolean · `moment` {days, micros} ·
 * `value` as it is, Blank as null · `any` also errors. Given an array, the function is called for each of its cells.
 * These take arrays: `array` a `Grid`, its cells as they are, errors among them (one value: an array of one cell) · `numbers` a list of numbers in the call's
 * lane, as sums take them: of an array only cells that are numbers, single values coerced, Blank left out, the first error ends the call · `reals` the same
 * as doubles · `values` a list of all values with errors and Blank, dates as serial numbers · `texts` a list of all values as texts, Blank as '', the first
 * error ends the call. Where the last parameter is such a list and may be repeated, the
 * function gets one list of all.
 * The last ones are read by the binder: `column` a whole column · `rows` a table or sheet · `criterion` · `condition` over each row ·
 * `name` a name to be defined · `formula` an expression that may use such names.
 */
export type ParameterKind =
  | 'number'
  | 'real'
  | 'integer'
  | 'text'
  | 'bool'
  | 'moment'
  | 'value'
  | 'any'
  | 'array'
  | 'numbers'
  | 'reals'
  | 'values'
  | 'texts'
  | 'column'
  | 'rows'
  | 'criterion'
  | 'condition'
  | 'name'
  | 'formula'

/** One parameter. `fallback` stands for an argument that is left out. */
export interface Parameter {
  readonly name: string
  readonly kind: ParameterKind
  readonly optional?: true
  readonly fallback?: Value
}

/** An example that is run as a test, over the row and tables of `example-sheet.ts`. `result` is written as a formula would write it. */
export interface Example {
  readonly formula: string
  readonly result: string
}

/** Static types of a call. */
export interface CallTypes {
  readonly args: readonly ExprType[]
  /** The arguments that are constants, values or arrays; undefined for others. Known where the type of the result is asked for. */
  readonly constants?: readonly (FormulaValue | undefined)[]
  /** Values may be of `any` type: then branches of different kinds are no problem. */
  readonly dynamic?: true
}

/** What is wrong with the types of a call: which argument, what, and what to write. */
export interface TypeProblem {
  readonly problem: string
  readonly argument: number | null
  readonly fix?: string
}

/** What a strict function is made for: static types, and the lane in which its `number` arguments are read. */
export interface StrictTypes extends CallTypes {
  readonly result: ExprType
  readonly lane: Lane
}

/** A formula, or a part of it, ready to run: one value for the row at hand. */
export type Thunk<Row> = (row: Row) => Value

/** As `Thunk`, for what may be an array; only where the result type says so. */
type ArrayThunk<Row> = (row: Row) => FormulaValue

/** A lazy argument: its thunk is only called if its value is needed. `grid` where it is an array (`run` gives its first cell then). */
export interface LazyArgument<Row> {
  readonly type: ExprType
  readonly run: Thunk<Row>
  readonly grid?: (row: Row) => Grid
}

/**
 * How it is computed. `strict`: all arguments are read first, the first error wins; `make` is called once per place in a formula, with the
 * static types. `lazy`: decides which arguments run. `bound`: the binder turns calls into nodes of their own (aggregates, lookups, LET); `arrays` computes those
 * that are given arrays instead of tables and columns, their `column`, `rows` and `condition` arguments read as arrays, criteria as values, errors among them.
 */
export type Evaluation =
  | { readonly mode: 'strict'; readonly make: StrictMaker }
  | { readonly mode: 'lazy'; readonly make: LazyMaker }
  | { readonly mode: 'bound'; readonly arrays?: StrictMaker }

/** Makes the function for the static types of one call. */
export type StrictMaker = (types: StrictTypes) => (...args: never[]) => FormulaValue

/** Generic over what a row is, so that functions never see one. */
export type LazyMaker = <Row>(args: readonly LazyArgument<Row>[], result: ExprType) => ArrayThunk<Row>

/** One function as data: reference page, completion, signature help, checks and tests are made from it. */
export interface FunctionDefinition {
  /** Canonical Excel name; operators by their sign (`neg`, `pos` and `%` before or behind one value). */
  readonly name: string
  readonly category: Category
  /** One line. */
  readonly help: string
  readonly params: readonly Parameter[]
  /** The last so many parameters may be given again and again. */
  readonly repeat?: number
  /** `number` arguments are read in the widest lane among them; with `fraction` whole numbers become decimals. */
  readonly fraction?: boolean
  readonly result: (types: CallTypes) => ExprType | TypeProblem
  readonly evaluation: Evaluation
  /** One call may take long, whatever single values it is given: its steps are counted (value/budget.ts). */
  readonly costly?: true
  /**
   * Of functions that give one of their arguments: which of the others decide. Unless one of those is an array, the argument is the result as it is, an array
   * as a whole.
   */
  readonly decides?: (index: number, count: number) => boolean
  /** `day`, `minute`: changes with the clock, by a message each midnight or minute. */
  readonly volatility: 'pure' | ClockUnit
  readonly examples: readonly Example[]
}

export function isTypeProblem(result: ExprType | TypeProblem): result is TypeProblem {
  return 'problem' in result
}

/** The parameter that takes argument `index` of `count`. Undefined: too many arguments. */
export function parameterOf(definition: FunctionDefinition, index: number): Parameter | undefined {
  const { params, repeat = 0 } = definition
  if (index < params.length) return params[index]
  if (repeat === 0) return undefined
  return params[params.length - repeat + ((index - params.length) % repeat)]
}

const LISTS: ReadonlySet<ParameterKind> = new Set(['numbers', 'reals', 'values', 'texts'])
const ARRAYS: ReadonlySet<ParameterKind> = new Set([...LISTS, 'array', 'column', 'rows', 'condition'])

/** Is an argument left out, at the end or between two commas (`F(a,,b)`)? Functions whose default is another than Blank's zero take that then. */
export function isOmitted({ args }: CallTypes, index: number): boolean {
  const arg = args[index]
  return arg === undefined || arg.omitted === true
}

/** As `isOmitted`, for functions to which Blank itself is nothing too (a separator, a table of x): what is always Blank counts as left out. */
export function isNothing({ args }: CallTypes, index: number): boolean {
  return (args[index]?.type ?? null) === null
}

/** Does the parameter take a whole array? Others make the call run for each cell. */
export function takesArrays(parameter: Parameter | undefined): boolean {
  return parameter !== undefined && ARRAYS.has(parameter.kind)
}

/** The arguments that are arrays where single values are taken: the call is made for each of their cells. */
export function goneThrough(definition: FunctionDefinition, args: readonly ExprType[]): readonly boolean[] {
  const { decides } = definition
  const arrays = args.map((arg, index) => arg.array === true && !takesArrays(parameterOf(definition, index)))
  if (decides === undefined || arrays.some((isArray, index) => isArray && decides(index, args.length))) return arrays
  return arrays.map(() => false)
}

/** Does the parameter take errors as values? */
export function takesErrors(parameter: Parameter | undefined): boolean {
  return parameter?.kind === 'any' || parameter?.kind === 'criterion'
}

/** Does the parameter arrive as a list? */
export function isList(parameter: Parameter | undefined): boolean {
  return parameter !== undefined && LISTS.has(parameter.kind)
}

/** The least and greatest number of arguments. */
export function arity(definition: FunctionDefinition): { readonly least: number; readonly most: number } {
  const least = definition.params.filter((one) => one.optional !== true).length
  return { least, most: definition.repeat === undefined ? definition.params.length : 254 }
}

/** `ROUND(number, digits)`, `IFS(condition, value, …)`: how a call is written. */
export function signature(definition: FunctionDefinition): string {
  const params = definition.params.map((one) => (one.optional === true ? `[${one.name}]` : one.name))
  return `${definition.name}(${params.join(', ')}${definition.repeat === undefined ? '' : ', …'})`
}
