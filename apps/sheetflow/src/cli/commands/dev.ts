import type { CliCommand } from '../command.ts'
import { RUN_OPTIONS, runByLine } from './run-instance.ts'

/** `sheetflow dev`: everything in one process, watching the workbooks. */
export const dev: CliCommand = {
  name: 'dev',
  summary: 'run everything here and follow every edit of a workbook',
  usage: 'dev [--port N] [--data DIR] [--json]',
  options: RUN_OPTIONS,
  run: (line, output) =>
    runByLine(line, output, {
      dev: true,
      title: 'Sheetflow is running',
      extra: [['Edit', 'the files in the workbooks folder: the page follows']],
    }),
}
