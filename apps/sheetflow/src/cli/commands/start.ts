import type { CliCommand } from '../command.ts'
import { RUN_OPTIONS, runByLine } from './run-instance.ts'

/** `sheetflow start`: as in production: no watching, no explorer, no token printed. */
export const start: CliCommand = {
  name: 'start',
  summary: 'run for production: no watching, no explorer, no dev token',
  usage: 'start [--port N] [--data DIR] [--persisted-only] [--json]',
  options: RUN_OPTIONS,
  run: (line, output) => runByLine(line, output, { dev: false, title: 'Sheetflow is running' }),
}
