import { Decimal } from '@sheetflow/core/decimal'
import type { Value } from '@sheetflow/core/value'
import type { ExprType } from '../bound.ts'
import { powerDecimal, powerDouble } from '../value/arithmetic.ts'
import {
  chainAdd,
  chainDivide,
  chainMultiply,
  chainNegate,
  chainPower,
  chainSubtract,
  type ChainCombine,
  type ChainNumber,
} from '../value/chain-arithmetic.ts'
import { leaveChain, passOn } from '../value/unrounded.ts'
import type { CallTypes, StrictMaker } from './definition.ts'

/** The operators that chains of arithmetic are made of (ADR 035). */
export type ChainOperator = '+' | '-' | '*' | '/' | '^' | '%' | 'neg'

const HUNDRED = Decimal.of(100, 0)

const COMBINE: Readonly<Record<ChainOperator, ChainCombine>> = {
  '+': chainAdd,
  '-': chainSubtract,
  '*': chainMultiply,
  '/': chainDivide,
  '^': chainPower,
  '%': (a) => chainDivide(a, HUNDRED),
  neg: chainNegate,
}

/** What links a chain: numbers, read already, into one. */
type Link = (a: ChainNumber, b: ChainNumber) => Value

/**
 * The operator as a link of a chain, where its result or an operand is unrounded. Null: it is none, and computes as ever. The last link of a chain rounds what
 * it gives. Of an operator with one operand the second one is not looked at.
 */
export function chainLink(operator: ChainOperator, { args, result }: CallTypes & { readonly result: ExprType }): Link | null {
  if (result.type?.type !== 'decimal' || (result.unrounded !== true && !args.some((arg) => arg.unrounded === true))) return null
  const combine = COMBINE[operator]
  return result.unrounded === true ? (a, b) => passOn(combine(a, b)) : (a, b) => leaveChain(combine(a, b))
}

/** Makes `^` and POWER. */
export const power: StrictMaker = (types) =>
  chainLink('^', types) ?? (types.lane === 'double' ? powerDouble : (a: Decimal, b: Decimal) => powerDecimal(a, b))
