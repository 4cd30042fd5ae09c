import type { FunctionSignatures } from '@sheetflow/core/function-signature'
import type { TableSchema } from '@sheetflow/core/schema'
import type { BoundGraph, BoundSheet } from '@sheetflow/formula/bound'
import { compileWorkbooks } from '../compile/compile-graph.ts'
import { Findings, locate, type FileRange, type WorkbookDiagnostic } from '../diagnostic.ts'
import { readWorkbooks } from '../file/workbook-set.ts'
import { staleNames, type KnownNames } from '../deployment.ts'
import { compareRows } from './compare-rows.ts'
import type { Evaluate, EvaluationStep } from './evaluate.ts'
import { withOldNames } from './old-name-tables.ts'
import { readTests, type SheetTest } from './read-tests.ts'

/** What became of one test. */
export interface TestResult {
  /** `workbook.sheet` */
  readonly view: string
  readonly test: string
  readonly file: string
  readonly passed: boolean
  /** What differs, each at its `expect`. */
  readonly failures: readonly WorkbookDiagnostic[]
}

/** All tests of a graph's files. */
export interface TestReport {
  readonly results: readonly TestResult[]
  /** Why nothing was run, or tests that could not be read. */
  readonly diagnostics: readonly WorkbookDiagnostic[]
}

/**
 * Runs the `tests:` of all sheets (FORMATS 7, rule 8): each step by step, comparing after every step, and once more with all changes as one
 * batch, comparing at the end. Both must give the same. `running`: the deployment that runs, so that a name which the source has changed since stands for what it
 * stood for, as it does there. Nobody answers asynchronous functions there: what calls one is `#BUSY!`.
 */
export function runTests(
  files: Readonly<Record<string, string>>,
  tables: ReadonlyMap<string, TableSchema>,
  evaluate: Evaluate,
  running: KnownNames = { ids: {} },
  functions: FunctionSignatures = {},
): TestReport {
  const stale = staleNames(running, tables, files)
  const known = withOldNames(tables, stale)
  const findings = new Findings()
  const workbooks = readWorkbooks(files, findings)
  const { graph } = compileWorkbooks(workbooks, { files, tables, ...stale, functions }, findings)
  if (graph === null) return { results: [], diagnostics: locate(findings.all, files) }
  const results: TestResult[] = []
  for (const { sheets } of workbooks) {
    for (const sheet of sheets) {
      const bound = graph.sheets.find((one) => one.view === `${sheet.workbook}.${sheet.name}`)
      if (bound === undefined) continue
      for (const test of readTests(sheet.file, sheet.tests, known.tables, findings)) {
        const failures = locate(runTest(graph, bound, onlyRead(graph, test, known.ids), evaluate), files)
        results.push({ view: bound.view, test: test.name, file: sheet.at.file, passed: failures.length === 0, failures })
      }
    }
  }
  return { results, diagnostics: locate(findings.all, files) }
}

function runTest(graph: BoundGraph, sheet: BoundSheet, test: SheetTest, evaluate: Evaluate): Findings['all'] {
  const stepwise = evaluate(graph, test.given, test.steps, test.now)
  const findings = new Findings()
  for (const [index, expected] of test.expect.entries()) {
    const when = index === 0 ? 'after the given rows' : `after step ${index}`
    if (expected !== null)
      reportDifferences(findings, test, expected.at, when, compareRows(sheet, expected, stepwise[index]?.[sheet.view] ?? []))
  }
  const last = test.expect.at(-1)
  if (last !== null && last !== undefined && test.steps.length > 0) {
    const [, batch] = evaluate(graph, test.given, [oneBatch(test.steps)], test.now)
    reportDifferences(findings, test, last.at, 'with all changes at once', compareRows(sheet, last, batch?.[sheet.view] ?? []))
  }
  return findings.all
}

/** The test by the graph's names of tables. It may give rows of tables that the graph does not read: they change nothing. */
function onlyRead(graph: BoundGraph, test: SheetTest, ids: ReadonlyMap<string, string>): SheetTest {
  const read = new Set(graph.tables.map((table) => table.id))
  const idOf = (table: string): string => ids.get(table) ?? table
  const given = Object.entries(test.given).map(([table, rows]) => [idOf(table), rows] as const)
  return {
    ...test,
    given: Object.fromEntries(given.filter(([table]) => read.has(table))),
    steps: test.steps.map((step) => ({
      ...step,
      changes: step.changes.map((change) => ({ ...change, table: idOf(change.table) })).filter((change) => read.has(change.table)),
    })),
  }
}

function oneBatch(steps: readonly EvaluationStep[]): EvaluationStep {
  const now = steps.findLast((step) => step.now !== undefined)?.now
  return { changes: steps.flatMap((step) => step.changes), ...(now === undefined ? {} : { now }) }
}

function reportDifferences(findings: Findings, test: SheetTest, at: FileRange, when: string, lines: readonly string[]): void {
  if (lines.length === 0) return
  findings.error('workbook/test-failed', at, `"${test.name}" ${when}:\n${lines.map((line) => `  ${line}`).join('\n')}`, {
    why: '- is expected and not there, + is there and not expected, ~ differs',
  })
}
