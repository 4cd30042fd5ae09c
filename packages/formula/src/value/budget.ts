import type { CellError } from '@sheetflow/core/cell-error'
import { CALC } from './cell-errors.ts'

/**
 * What one evaluation may cost, in steps: a call of a function, a cell of an array that is made, some cells or characters that are read. About a second at
 * the most, and the same on every machine: what ends here ends everywhere.
 */
const MAX_STEPS = 10_000_000
/** What the constants of a formula may take when it is bound. */
const BINDING_STEPS = 2_000_000

/** Thrown to the outermost evaluation, past whatever handles the errors of cells; nobody else sees it. */
class Spent extends Error {}
const SPENT = new Spent('the evaluation takes too many steps')

/** Is it the end of an evaluation by its budget? Whoever catches errors of formulas lets that one pass. */
export function isBudgetSpent(error: unknown): boolean {
  return error === SPENT
}

/** Steps that the evaluation at hand may still take. Evaluations run to their end one after another, so there is one at most. */
let left = Infinity
let evaluations = 0

/** The number of the evaluation at hand, or of the last one: what is counted once in each is told apart by it. */
export function evaluationAtHand(): number {
  return evaluations
}

/** Counts steps of the evaluation at hand, and ends it if they were too many. Outside of one nothing is counted. */
export function spend(steps: number): void {
  left -= steps
  if (left < 0) throw SPENT
}

/** Binds with a budget for all constants that are evaluated meanwhile. */
export function bindInBudget<T>(bind: () => T): T {
  return oneBudget(BINDING_STEPS, bind)
}

/** One budget for all that is evaluated meanwhile; inside of another, the rest of that one. */
function oneBudget<T>(steps: number, evaluate: () => T): T {
  if (left !== Infinity) return evaluate()
  left = steps
  evaluations++
  try {
    return evaluate()
  } finally {
    left = Infinity
  }
}

/** The value of a formula; `#CALC!` where the budget does not suffice. Inside of another evaluation that one ends. */
export function inBudget<T>(evaluate: () => T): T | CellError {
  return left === Infinity ? instead<T | CellError>(MAX_STEPS, evaluate, CALC) : evaluate()
}

/** A part that need not be evaluated now: undefined where the budget does not suffice, be it that of an evaluation around. */
export function ifInBudget<T>(evaluate: () => T): T | undefined {
  return instead<T | undefined>(BINDING_STEPS, evaluate, undefined)
}

function instead<T>(steps: number, evaluate: () => T, other: T): T {
  try {
    return oneBudget(steps, evaluate)
  } catch (error) {
    if (error === SPENT) return other
    throw error
  }
}
