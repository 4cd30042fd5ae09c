import type { Expr } from '../bound.ts'
import { isList, parameterOf, type FunctionDefinition } from '../functions/definition.ts'
import { serialFromText } from '../value/number-text.ts'
import { isDateType } from '../value/type-rules.ts'
import { constant } from './build.ts'

const ZERO = constant(0, { type: 'int' })

/**
 * The arguments of functions that take lists of numbers, as Excel reads what is written into the call itself: one that is left out (`AVERAGE(, 4)`) is a number, 0 (Blank
 * of a cell counts for nothing), and to COUNT a boolean or a text that is a number counts.
 */
export function typedArguments(definition: FunctionDefinition, args: readonly Expr[]): readonly Expr[] {
  if (definition.repeat !== 1 || args.some((arg) => isDateType(arg.type))) return args
  return args.map((arg, index) => {
    if (arg.kind !== 'const' || !takesNumbers(definition, index)) return arg
    if (arg.omitted === true) return ZERO
    return definition.name === 'COUNT' && countsWhereTyped(arg) ? ZERO : arg
  })
}

function takesNumbers(definition: FunctionDefinition, index: number): boolean {
  const parameter = parameterOf(definition, index)
  if (!isList(parameter) || parameter?.kind === 'texts') return false
  return parameter?.kind !== 'values' || definition.category === 'statistical' || definition.category === 'logical'
}

function countsWhereTyped({ value }: Expr & { kind: 'const' }): boolean {
  return typeof value === 'boolean' || (typeof value === 'string' && serialFromText(value) !== null)
}
