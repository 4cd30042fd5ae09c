/**
 * Rules that `npm run torture -- --break NAME` can switch off, one at a time: a checker that finds nothing when a rule is off proves nothing.
 * Every rule holds unless the host of a thread has said otherwise.
 */

/** Those of the snapshot (FORMATS 6), by the names of `docs/snapshot.md`. */
export const SNAPSHOT_RULES = ['lock', 'recent', 'barrier', 'repair', 'gate', 'confirm'] as const

export type SnapshotRule = (typeof SNAPSHOT_RULES)[number]

const OTHER_RULES = [
  'run-numbers',
  'list-offsets',
  'cell-offsets',
  'routing-on-before',
  'refill-roll-forward',
  'replay-along-vectors',
  'receipt-in-output',
] as const

export type BreakableRule = SnapshotRule | (typeof OTHER_RULES)[number]

/** The names of all. */
export const BREAKABLE_RULES: readonly BreakableRule[] = [...SNAPSHOT_RULES, ...OTHER_RULES]

let broken: BreakableRule | null = null

/** Is this text the name of one? */
export function isBreakableRule(name: string): name is BreakableRule {
  return (BREAKABLE_RULES as readonly string[]).includes(name)
}

/** Switches a rule off in this thread, and the one before on again; null: all are in force. For the torture test and tests like it alone. */
export function breakRule(rule: BreakableRule | null): void {
  broken = rule
}

/** Is the rule in force? */
export function holds(rule: BreakableRule): boolean {
  return rule !== broken
}
