import { CALENDAR } from './date/date.ts'
import { DATABASE } from './database/database.ts'
import type { FunctionDefinition } from './definition.ts'
import { FINANCIAL } from './financial/financial.ts'
import { ENGINEERING } from './engineering/engineering.ts'
import { INFORMATION } from './information/information.ts'
import { INTERNAL } from './internal.ts'
import { LOGICAL } from './logical/logical.ts'
import { LOOKUP } from './lookup/lookup.ts'
import { MATH } from './math/math.ts'
import { OPERATORS } from './operators.ts'
import { STATISTICAL } from './statistical/statistical.ts'
import { OWN } from './own.ts'
import { TABLES } from './tables.ts'
import { TEXTS } from './text/text.ts'

/** All that can be called by name in a formula, in the order of the reference. */
export const FUNCTIONS: readonly FunctionDefinition[] = [
  ...LOGICAL,
  ...MATH,
  ...TEXTS,
  ...CALENDAR,
  ...STATISTICAL,
  ...TABLES,
  ...OWN,
  ...LOOKUP,
  ...ENGINEERING,
  ...DATABASE,
  ...INFORMATION,
  ...FINANCIAL,
]

const BY_NAME: ReadonlyMap<string, FunctionDefinition> = new Map([...FUNCTIONS, ...OPERATORS, ...INTERNAL].map((one) => [one.name, one]))
const CALLABLE: ReadonlyMap<string, FunctionDefinition> = new Map(FUNCTIONS.map((one) => [one.name, one]))

/** The function that a formula means by this name, letter case aside; undefined if there is none. */
export function functionNamed(name: string): FunctionDefinition | undefined {
  return CALLABLE.get(name.toUpperCase())
}

/** The definition of a `call` node's `fn`: functions, operators, and conversions that the binder puts in. */
export function definitionOf(fn: string): FunctionDefinition | undefined {
  return BY_NAME.get(fn)
}
