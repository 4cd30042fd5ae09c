import type { Expr } from '../bound.ts'
import type { Range } from '../diagnostic.ts'
import {
  arity,
  goneThrough,
  isTypeProblem,
  parameterOf,
  signature,
  type FunctionDefinition,
  type ParameterKind,
} from '../functions/definition.ts'
import { areComparable, areOfDifferentKinds } from '../value/excel-compare.ts'
import { isDateType, isTextType, typeLabel } from '../value/type-rules.ts'
import { alignMoments, asLocal } from './calendar.ts'
import { BLANK, call } from './build.ts'
import type { Binding } from './binding.ts'
import { operandsOf } from './chain.ts'
import { beyondDecimals, exactOperands } from './beyond-decimals.ts'
import { typedArguments } from './typed-arguments.ts'

const COMPARISONS: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>='])
/** Kinds that see a moment in UTC as a day and time of the workbook's zone. */
const CALENDAR_KINDS: ReadonlySet<ParameterKind> = new Set(['number', 'integer', 'text', 'texts', 'moment'])

/** Checks the number of arguments; false after it was reported. */
export function checkArity(binding: Binding, definition: FunctionDefinition, count: number, range: Range): boolean {
  const { least, most } = arity(definition)
  if (count >= least && count <= most) return true
  const wanted = count < least ? (least === most ? `${least}` : `at least ${least}`) : `at most ${most}`
  const found = count === 0 ? 'has none' : `has ${count}`
  binding.error(
    'formula/arguments',
    range,
    `${definition.name} takes ${wanted} argument${wanted.endsWith(' 1') || wanted === '1' ? '' : 's'} and ${found}`,
    {
      fix: signature(definition),
    },
  )
  return false
}

/** A call of an ordinary function or operator, its arguments bound: types checked, moments brought into one calendar. `ranges`: of the arguments. */
export function bindCall(
  binding: Binding,
  definition: FunctionDefinition,
  args: readonly Expr[],
  ranges: readonly Range[],
  range: Range,
): Expr {
  const isDynamic = binding.scope.dynamic === true
  const aligned = align(binding, definition, typedArguments(definition, isDynamic ? exactOperands(definition, args) : args))
  if (COMPARISONS.has(definition.name)) checkComparison(binding, aligned, range)
  const forEach = goneThrough(definition, aligned)
  const types = aligned.map((arg, index) => (forEach[index] === true ? { type: arg.type, nullable: arg.nullable } : arg))
  const constants = aligned.map((arg) => (arg.kind === 'const' ? arg.value : arg.kind === 'grid' ? arg.grid : undefined))
  const result = definition.result({ args: types, constants, ...(isDynamic ? { dynamic: true } : {}) })
  if (isTypeProblem(result)) {
    const place = result.argument === null ? range : (ranges[result.argument] ?? range)
    const name = definition.category === 'operator' ? '' : `${definition.name}: `
    binding.error('formula/type', place, name + result.problem, result.fix === undefined ? {} : { fix: result.fix })
    return BLANK
  }
  const isArray = forEach.includes(true) || (definition.decides !== undefined && aligned.some((arg) => arg.array === true))
  const operands = operandsOf(definition.name, aligned, result.type, binding)
  const expr = call(definition.name, operands, isArray ? { ...result, array: true } : result)
  return (isDynamic ? beyondDecimals(definition, args, expr) : null) ?? expr
}

function align(binding: Binding, definition: FunctionDefinition, args: readonly Expr[]): readonly Expr[] {
  const { timeZone } = binding.scope
  const [a, b] = args
  if (COMPARISONS.has(definition.name) && a !== undefined && b !== undefined) return alignMoments(a, b, timeZone)
  const isDifference = definition.name === '-' && args.every((arg) => arg.type?.type === 'timestamptz')
  if (isDifference) return args
  if (definition.name === '+' || definition.name === '-' || definition.name === 'TEXT') return args.map((arg) => asLocal(arg, timeZone))
  return args.map((arg, index) => (CALENDAR_KINDS.has(parameterOf(definition, index)?.kind ?? 'value') ? asLocal(arg, timeZone) : arg))
}

/** Comparing a number with a text is legal in Excel, and hardly ever meant. */
function checkComparison(binding: Binding, args: readonly Expr[], range: Range): void {
  const [a, b] = args
  if (
    a === undefined ||
    b === undefined ||
    !areComparable(a.type, b.type) ||
    !areOfDifferentKinds(a.type, b.type) ||
    isEmptyText(a) ||
    isEmptyText(b)
  )
    return
  const why = `${typeLabel(a.type)} and ${typeLabel(b.type)} are never equal: numbers < text < booleans`
  const other = isTextType(a.type) ? b : a
  const fix = isDateType(other.type)
    ? 'compare with DATE(year, month, day)'
    : isTextType(a.type) || isTextType(b.type)
      ? 'compare numbers with numbers: VALUE(…) reads a text as one'
      : undefined
  binding.warn('formula/type', range, 'this comparison does not depend on the values', { why, ...(fix === undefined ? {} : { fix }) })
}

/** `[@x]=""` asks for Blank in any column. */
function isEmptyText(expr: Expr): boolean {
  return expr.kind === 'const' && expr.value === ''
}
