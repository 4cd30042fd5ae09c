import { lint as lintFiles } from '@sheetflow/workbook/lint'
import type { WorkbookDiagnostic } from '@sheetflow/workbook/diagnostic'
import type { CliCommand } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { green, red } from '../output.ts'
import { countText, counted, errorsIn, printDiagnostics } from '../print-diagnostics.ts'
import { openWorkbooks, surroundingsOf } from '../workbooks/open-workbooks.ts'

/** `sheetflow lint`: all that is wrong with the workbooks' files, each with place, reason and fix. Warnings alone are no failure. */
export const lint: CliCommand = {
  name: 'lint',
  summary: 'check the workbooks: every finding with its place, why, and the fix',
  usage: 'lint [WORKBOOK | FILE …] [--json]',
  takes: Infinity,
  options: {},
  async run(line, output) {
    const workbooks = await openWorkbooks(line)
    const { tables, running, functions } = await surroundingsOf(workbooks)
    const { selection } = workbooks
    const found: WorkbookDiagnostic[] = []
    let files = 0
    for (const graph of workbooks.graphs) {
      files += Object.keys(graph.files).filter((file) => selection.has(file)).length
      const all = lintFiles(graph.files, tables, running.get(graph.graph), functions)
      found.push(...all.filter((one) => selection.has(one.file)).map((one) => ({ ...one, file: selection.shown(one.file) })))
    }
    printDiagnostics(output, found)
    const errors = errorsIn(found)
    output.event('summary', { files, errors, warnings: found.length - errors })
    const summary = `${counted(files, 'file')}: ${countText(found)}`
    output.note(errors === 0 ? green(summary) : red(summary))
    return errors === 0 ? EXIT.ok : EXIT.findings
  },
}
