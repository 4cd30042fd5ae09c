import type { BinaryOperator } from './node.ts'

/**
 * How strongly operators bind, Excel's order: `:`, space, `,`, then a sign (so `-2^2` is 4), `%`, `^`, `* /`, `+ -`, `&`, comparison.
 * All of them group from the left, `^` too.
 */
export const BINDING: Readonly<Record<BinaryOperator, number>> = {
  '=': 10,
  '<>': 10,
  '<': 10,
  '<=': 10,
  '>': 10,
  '>=': 10,
  '&': 20,
  '+': 30,
  '-': 30,
  '*': 40,
  '/': 40,
  '^': 50,
  ':': 80,
}

/** Excel's union of references, `,`. */
export const UNION_BINDING = 75
/** Excel's intersection of references, a space. */
export const INTERSECTION_BINDING = 78
/** `%` behind a value. */
export const PERCENT_BINDING = 60
/** A sign or `@` before a value. */
export const SIGN_BINDING = 70
/** `(…)` behind a value, a call of what it stands for, and `#`. */
export const INVOKE_BINDING = 90
/** What needs no parentheses anywhere. */
export const ATOM_BINDING = 100
