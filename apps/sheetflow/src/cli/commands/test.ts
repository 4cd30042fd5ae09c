import { Bell } from '@sheetflow/core/bell'
import { isSheetflowError } from '@sheetflow/core/errors'
import { evaluateSheets } from '@sheetflow/engine'
import { runTests, type TestResult } from '@sheetflow/workbook/test-runner/run-tests'
import type { WorkbookDiagnostic } from '@sheetflow/workbook/diagnostic'
import { systemClock } from '../../ops/system-clock.ts'
import { watchFolder } from '../../deploy/watch-folder.ts'
import type { CliCommand } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import type { ParsedLine } from '../options.ts'
import { dim, green, red, type Output } from '../output.ts'
import { errorsIn, printDiagnostics } from '../print-diagnostics.ts'
import { stopSignal } from '../stop-signal.ts'
import { openWorkbooks, surroundingsOf, type GraphFiles, type Surroundings, type Workbooks } from '../workbooks/open-workbooks.ts'
import type { Selection } from '../workbooks/selection.ts'

/** `sheetflow test`: runs the tests that stand in the sheets, with the operators that run live; with `--watch` again after each edit. */
export const test: CliCommand = {
  name: 'test',
  summary: 'run the tests that stand in the sheets; with --watch after each edit',
  usage: 'test [WORKBOOK | FILE …] [--watch] [--json]',
  takes: Infinity,
  options: { watch: { type: 'boolean', short: 'w', help: 'stay, and run again what an edit touched; Ctrl-C ends' } },
  async run(line, output) {
    if (line.options['watch'] === true) return await watchTests(line, output)
    const workbooks = await openWorkbooks(line)
    return await runGraphs(workbooks, workbooks.graphs, output)
  },
}

/** Runs the tests of these graphs, and says how many passed. */
async function runGraphs(workbooks: Workbooks, graphs: readonly GraphFiles[], output: Output): Promise<number> {
  const surroundings = await surroundingsOf(workbooks)
  let failed = 0
  let passed = 0
  let unread = 0
  for (const graph of graphs) {
    const { results, errors } = testGraph(graph, surroundings, workbooks.selection)
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
}

/** Runs them now, and those of a graph again after each edit of its files, until Ctrl-C. What goes wrong on the way is shown, and the next edit mends it. */
async function watchTests(line: ParsedLine, output: Output): Promise<number> {
  const { folder } = await openWorkbooks(line)
  const bell = new Bell()
  using stop = stopSignal(() => undefined)
  stop.signal.addEventListener('abort', () => bell.ring())
  watchFolder(folder, stop.signal, () => bell.ring())
  const seen = new Map<string, string>()
  while (!stop.signal.aborted) {
    const heard = bell.next()
    try {
      const workbooks = await openWorkbooks(line)
      const edited = workbooks.graphs.filter(({ graph, files }) => seen.get(graph) !== JSON.stringify(files))
      for (const { graph, files } of edited) seen.set(graph, JSON.stringify(files))
      if (edited.length > 0) {
        await runGraphs(workbooks, edited, output)
        output.note(dim(`${new Date(systemClock.now()).toLocaleTimeString()} waiting for the next edit; Ctrl-C ends\n`))
      }
    } catch (error) {
      if (!isSheetflowError(error)) throw error
      output.error(error)
    }
    await heard
  }
  return EXIT.ok
}

interface GraphResults {
  readonly results: readonly TestResult[]
  /** What kept tests from being run. */
  readonly errors: readonly WorkbookDiagnostic[]
}

function testGraph(graph: GraphFiles, { tables, running, functions }: Surroundings, selection: Selection): GraphResults {
  const shown = (one: WorkbookDiagnostic): WorkbookDiagnostic => ({ ...one, file: selection.shown(one.file) })
  const report = runTests(graph.files, tables, evaluateSheets, running.get(graph.graph), functions)
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
