/**
 * Rules that `npm run torture -- --break NAME` can switch off, one at a time: a checker that finds nothing when a rule is off proves nothing.
 * Every rule holds unless the host of a thread has said otherwise.
 */
export const BREAKABLE_RULES = [
  'lock',
  'recent',
  'barrier',
  'repair',
  'gate',
  'confirm',
  'run-numbers',
  'list-offsets',
  'cell-offsets',
  'routing-on-before',
  'refill-roll-forward',
  'replay-along-vectors',
  'receipt-in-output',
] as const

export type BreakableRule = (typeof BREAKABLE_RULES)[number]

let broken: BreakableRule | null = null

/** Is this text the name of one? */
export function isBreakableRule(name: string): name is BreakableRule {
  return (BREAKABLE_RULES as readonly string[]).includes(name)
}

/** Switches a rule off in this thread. For the torture test alone. */
export function breakRule(rule: BreakableRule): void {
  broken = rule
}

/** Is the rule in force? */
export function holds(rule: BreakableRule): boolean {
  return rule !== broken
}
