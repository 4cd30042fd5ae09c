import type { FunctionSignature } from '@sheetflow/core/function-signature'
import type { FunctionDefinition } from '../functions/definition.ts'
import type { Scope } from './scope.ts'

/** An asynchronous function as formulas find it. */
export interface Declared {
  /** As it is declared. */
  readonly name: string
  readonly signature: FunctionSignature
  /** For checks and editors. */
  readonly definition: FunctionDefinition
}

/** The asynchronous function that a formula means by that name, letter case aside; undefined: there is none. */
export function declaredFunction({ functions = {} }: Scope, name: string): Declared | undefined {
  const key = name.toLowerCase()
  const signature = Object.hasOwn(functions, key) ? functions[key] : undefined
  return signature === undefined ? undefined : { name: key, signature, definition: definitionOf(key, signature) }
}

/** All of them, in the order of their names. */
export function declaredFunctions({ functions = {} }: Scope): readonly Declared[] {
  return Object.entries(functions)
    .map(([name, signature]) => ({ name, signature, definition: definitionOf(name, signature) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

function definitionOf(name: string, { params, result, help }: FunctionSignature): FunctionDefinition {
  return {
    name: name.toUpperCase(),
    category: 'ours',
    help: help ?? 'an asynchronous function of this project',
    params: params.map((param) => ({ name: param.name, kind: 'value' })),
    result: () => result,
    evaluation: { mode: 'bound' },
    volatility: 'pure',
    examples: [],
  }
}
