import type { Outcome } from './run-suite.ts'
import { budgetOf, stagesOf } from './suites.ts'

/**
 * What failed, a line each; the table of what ran, each suite's time beside its budget; and the one last line `N passed, N failed` over all of
 * them. What failed stands here again because of a long run often only the end is kept. `seconds`: from the first to the last, some run side by side. `full`: the long forms ran.
 */
export function formatReport(
  outcomes: readonly Outcome[],
  { seconds, full }: { readonly seconds: number; readonly full: boolean },
): string {
  const rows = outcomes.map((one) => formatRow(one, budgetOf(one.suite, full)))
  const stages = stagesOf(outcomes.map((one) => one.suite))
  const budget = stages.reduce((sum, stage) => sum + Math.max(...stage.map((suite) => budgetOf(suite, full))), 0)
  const head = formatCells('suite', 'passed', 'failed', 'skipped', 'time', 'budget', '')
  const foot = formatCells(
    'all',
    String(sum(outcomes, 'passed')),
    String(sum(outcomes, 'failed')),
    String(sum(outcomes, 'skipped')),
    time(seconds),
    time(budget),
    '',
  )
  return [
    ...formatFailures(outcomes),
    '',
    head,
    ...rows,
    foot,
    '',
    `${sum(outcomes, 'passed')} passed, ${sum(outcomes, 'failed')} failed`,
  ].join('\n')
}

function formatFailures(outcomes: readonly Outcome[]): string[] {
  const lines = outcomes.flatMap((one) => (one.failures ?? []).map((failure) => `${one.suite.name}: ${failure}`))
  return lines.length === 0 ? [] : ['', 'failed:', ...lines.map((line) => `  ${line}`)]
}

function formatRow(one: Outcome, budgetSeconds: number): string {
  const over = one.seconds > budgetSeconds ? 'over its budget' : ''
  const note = [one.note, over].filter((text) => text !== undefined && text !== '').join('; ')
  return formatCells(
    one.suite.name,
    String(one.passed),
    String(one.failed),
    String(one.skipped),
    time(one.seconds),
    time(budgetSeconds),
    note,
  )
}

function formatCells(name: string, passed: string, failed: string, skipped: string, took: string, budget: string, note: string): string {
  const numbers = [passed, failed, skipped, took, budget].map((cell) => cell.padStart(9)).join('')
  return `${name.padEnd(9)}${numbers}  ${note}`.trimEnd()
}

function sum(outcomes: readonly Outcome[], key: 'passed' | 'failed' | 'skipped'): number {
  return outcomes.reduce((total, one) => total + one[key], 0)
}

function time(seconds: number): string {
  return `${seconds.toFixed(1)} s`
}
