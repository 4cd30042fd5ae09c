import type { ExprType } from '../../bound.ts'
import { conversion } from '../../value/convert.ts'
import type { Grid } from '../../value/grid.ts'
import { ANY, widenAll } from '../../value/type-rules.ts'
import type { CallTypes, Example, FunctionDefinition, Parameter, StrictMaker } from '../definition.ts'

/** What functions over arrays share: how they are defined, their types, and arguments that are left out. */

export const ARRAY: Parameter = { name: 'array', kind: 'array' }

/** A parameter that may be left out; `isLeftOut` says whether it was. */
export function optional(name: string, kind: Parameter['kind']): Parameter {
  return { name, kind, optional: true }
}

/** A strict function of the category Lookup & Reference. */
export function lookupFunction(
  name: string,
  help: string,
  params: readonly Parameter[],
  result: FunctionDefinition['result'],
  make: StrictMaker,
  examples: readonly Example[],
): FunctionDefinition {
  return { name, category: 'lookup', help, params, result, evaluation: { mode: 'strict', make }, volatility: 'pure', examples }
}

/** Is there nothing at that place, as in `TAKE(a, , 2)`? Then the function's default holds, which is not always 0. */
export function isLeftOut({ args }: CallTypes, index: number): boolean {
  return (args[index]?.type ?? null) === null
}

/** The result is an array of cells of these arguments; `blank`: Blank may be among them though it was in none. */
export function arrayOf(...indexes: readonly number[]): (types: CallTypes) => ExprType {
  return ({ args }) => ({ ...cellType(indexes.flatMap((index) => args[index] ?? [])), array: true })
}

/** The type of a cell that is one of these. */
export function cellType(types: readonly ExprType[]): ExprType {
  return widenAll(types) ?? { type: ANY, nullable: types.some((one) => one.nullable) }
}

/** Brings an array's cells into the form of the result's type. */
export function inForm(from: ExprType | undefined, to: ExprType): (grid: Grid) => Grid {
  const convert = conversion(from?.type ?? null, to.type)
  return convert === null ? (grid) => grid : (grid) => grid.map(convert)
}
