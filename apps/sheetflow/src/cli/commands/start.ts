import type { CliCommand } from '../command.ts'
import { RUN_OPTIONS, runByLine } from './run-instance.ts'

/** `sheetflow start`: as in production: no watching, no explorer, no token printed. */
export const start: CliCommand = {
  name: 'start',
  summary: 'run for production: no watching, no explorer, no dev token',
  usage: 'start [--roles LIST] [--port N] [--ops-port N] [--data DIR] [--persisted-only] [--json]',
  options: {
    ...RUN_OPTIONS,
    roles: {
      type: 'string',
      value: 'LIST',
      help: 'what this process does: capture[=SOURCE],graph[=GRAPH],store[=STORE],serve (default: all)',
    },
  },
  run: (line, output) => runByLine(line, output, { dev: false, title: 'Sheetflow is running' }),
}
