import type { Expr } from '../bound.ts'
import { hasTimeOfDay, isTextType } from '../value/type-rules.ts'

/** Arithmetic. What stands in it keeps its digits from one operator to the next (ADR 035). */
const OPERATORS: ReadonlySet<string> = new Set(['+', '-', '*', '/', '^', '%', 'neg', 'POWER'])
/** Of these, what may have more digits than are kept. */
const INEXACT: ReadonlySet<string> = new Set(['/', '^', '%', 'POWER'])
/** Functions that hand one of some arguments on as it is. */
const HANDS_ON: Readonly<Record<string, (index: number, count: number) => boolean>> = {
  IF: (index) => index > 0,
  IFS: (index) => index % 2 === 1,
  SWITCH: (index, count) => index > 0 && (index % 2 === 0 || index === count - 1),
  IFERROR: () => true,
  IFNA: () => true,
}

/** What names of LET stand for. */
export interface UnroundedNames {
  /** What stands in a slot; null: something else each time. */
  inSlot(slot: number): Expr | null
  /** Of slots that are read unrounded: what stands there then; null where it has no more digits than are kept. Whoever makes the `let` takes it from here. */
  readonly unrounded: Map<number, Expr | null>
}

/**
 * The operands of an arithmetic operator whose result is of that type: those that may have more digits than are kept hand them all on, and of times of day and of
 * texts, which may be times, the part of the day is not rounded.
 */
export function operandsOf(fn: string, args: readonly Expr[], result: Expr['type'], names: UnroundedNames): readonly Expr[] {
  if (!OPERATORS.has(fn) || (result?.type !== 'decimal' && result?.type !== 'double')) return args
  const parts = args.map((arg): Expr =>
    hasTimeOfDay(arg.type) || isTextType(arg.type) ? { ...arg, unrounded: true } : unroundedPart(arg, names),
  )
  return parts.every((part, i) => part === args[i]) ? args : parts
}

/** The same part with all its digits, where it may have more than are kept; else the part itself. */
export function unroundedPart(expr: Expr, names: UnroundedNames): Expr {
  if (expr.type?.type !== 'decimal' || expr.unrounded === true) return expr
  switch (expr.kind) {
    case 'const':
    case 'grid':
      return expr.origin ?? expr
    case 'call':
      return unroundedCall(expr, names)
    case 'let': {
      const body = unroundedPart(expr.body, names)
      return body === expr.body ? expr : { ...expr, value: names.unrounded.get(expr.slot) ?? expr.value, body, unrounded: true }
    }
    case 'local':
      return unroundedValue(expr.slot, names) === null ? expr : { ...expr, unrounded: true }
    default:
      return expr
  }
}

function unroundedCall(expr: Expr & { kind: 'call' }, names: UnroundedNames): Expr {
  const { fn, args } = expr
  if (INEXACT.has(fn) || (OPERATORS.has(fn) && args.some((arg) => arg.unrounded === true))) return { ...expr, unrounded: true }
  const handsOn = Object.hasOwn(HANDS_ON, fn) ? HANDS_ON[fn] : undefined
  if (handsOn === undefined) return expr
  const parts = args.map((arg, i) => (handsOn(i, args.length) ? unroundedPart(arg, names) : arg))
  return parts.every((part, i) => part === args[i]) ? expr : { ...expr, args: parts, unrounded: true }
}

/** Asked once for each slot: names that stand for names would be gone through again and again. */
function unroundedValue(slot: number, names: UnroundedNames): Expr | null {
  const known = names.unrounded.get(slot)
  if (known !== undefined) return known
  const value = names.inSlot(slot)
  const part = value === null ? null : unroundedPart(value, names)
  const found = part === value ? null : part
  names.unrounded.set(slot, found)
  return found
}
