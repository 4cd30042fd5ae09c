import { evaluateSheets } from '@sheetflow/engine'
import { runTests, type TestResult } from '@sheetflow/workbook/test-runner/run-tests'
import type { WorkbookDiagnostic } from '@sheetflow/workbook/diagnostic'
import type { CliCommand } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { green, red, type Output } from '../output.ts'
import { errorsIn, printDiagnostics } from '../print-diagnostics.ts'
import { openWorkbooks, surroundingsOf, type GraphFiles } from '../workbooks/open-workbooks.ts'
import type { Selection } from '../workbooks/selection.ts'
import type { TableSchemas } from '../../deploy/table-schemas.ts'

/** `sheetflow test`: runs the tests that stand in the sheets, with the operators that run live. */
export const test: CliCommand = {
  name: 'test',
  summary: 'run the tests that stand in the sheets',
  usage: 'test [WORKBOOK | FILE …] [--json]',
  takes: Infinity,
  options: {},
  async run(line, output) {
    const workbooks = await openWorkbooks(line)
    const { tables } = await surroundingsOf(workbooks)
    let failed = 0
    let passed = 0
    let unread = 0
    for (const graph of workbooks.graphs) {
      const { results, errors } = testGraph(graph, tables, workbooks.selection)
      unread += errorsIn(errors)
      printDiagnostics(output, errors)
      for (const result of results) {
        if (result.passed) passed += 1
        else failed += 1
        printResult(output, result)
      }
    }
    output.event('summary', { passed, failed, errors: unread })
    const summary = `${passed} passed, ${failed} failed${unread === 0 ? '' : `, ${unread} not run: mend the errors above`}`
    output.note(failed + unread === 0 ? green(summary) : red(summary))
    return failed + unread === 0 ? EXIT.ok : EXIT.findings
  },
}

interface GraphResults {
  readonly results: readonly TestResult[]
  /** What kept tests from being run. */
  readonly errors: readonly WorkbookDiagnostic[]
}

function testGraph(graph: GraphFiles, tables: TableSchemas, selection: Selection): GraphResults {
  const shown = (one: WorkbookDiagnostic): WorkbookDiagnostic => ({ ...one, file: selection.shown(one.file) })
  const report = runTests(graph.files, tables, evaluateSheets)
  return {
    results: report.results
      .filter((result) => selection.has(result.file))
      .map((result) => ({ ...result, file: selection.shown(result.file), failures: result.failures.map(shown) })),
    // An error in any file keeps the whole graph from being run, so it is shown whatever was asked for.
    errors: report.diagnostics.filter((one) => one.severity === 'error').map(shown),
  }
}

function printResult(output: Output, { view, test: name, file, passed, failures }: TestResult): void {
  output.event('test', { view, test: name, file, passed }, `${passed ? green('ok  ') : red('fail')} ${view}: ${name}`)
  printDiagnostics(output, failures)
}
