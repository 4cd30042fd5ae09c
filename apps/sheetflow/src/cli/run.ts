import { SheetflowError } from '@sheetflow/core/errors'
import type { CliCommand } from './command.ts'
import { archive } from './commands/archive.ts'
import { config } from './commands/config.ts'
import { dev } from './commands/dev.ts'
import { dlq } from './commands/dlq.ts'
import { doctor } from './commands/doctor.ts'
import { erase } from './commands/erase.ts'
import { explain } from './commands/explain.ts'
import { history } from './commands/history.ts'
import { why } from './commands/why.ts'
import { fmt } from './commands/fmt.ts'
import { functions } from './commands/functions.ts'
import { importExcel } from './commands/import.ts'
import { init } from './commands/init.ts'
import { lint } from './commands/lint.ts'
import { preview } from './commands/preview.ts'
import { query } from './commands/query.ts'
import { replay } from './commands/replay.ts'
import { restore } from './commands/restore.ts'
import { start } from './commands/start.ts'
import { status } from './commands/status.ts'
import { test } from './commands/test.ts'
import { tryFormula } from './commands/try.ts'
import { verify } from './commands/verify.ts'
import { VERSION } from '../ops/version.ts'
import { EXIT, exitCodeOf } from './exit-code.ts'
import { commandHelp, overview } from './help.ts'
import { nearest } from './nearest.ts'
import { parseLine, refuseArguments } from './options.ts'
import { Output } from './output.ts'

const COMMANDS: readonly CliCommand[] = [
  init,
  dev,
  start,
  doctor,
  status,
  query,
  lint,
  preview,
  explain,
  why,
  history,
  test,
  fmt,
  tryFormula,
  functions,
  importExcel,
  config,
  verify,
  replay,
  archive,
  restore,
  erase,
  dlq,
]

/** Runs one command line and gives its exit code. Never throws: an error is printed with its fix. */
export async function runCli(args: readonly string[]): Promise<number> {
  const output = new Output({ json: args.includes('--json'), verbose: args.includes('--verbose') || args.includes('-v') })
  try {
    return await dispatch(args, output)
  } catch (error) {
    output.error(error)
    return exitCodeOf(error)
  }
}

async function dispatch(args: readonly string[], output: Output): Promise<number> {
  const [name, ...rest] = args
  if (name === '--version' || name === '-V') {
    output.event('version', { version: VERSION }, VERSION)
    return EXIT.ok
  }
  if (name === 'help' && rest[0] !== undefined && !rest[0].startsWith('-')) return await dispatch([rest[0], '--help'], output)
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    process.stdout.write(`${overview(COMMANDS)}\n`)
    return name === undefined ? EXIT.usage : EXIT.ok
  }
  const command = COMMANDS.find((c) => c.name === name)
  if (command === undefined) throw unknownCommand(name)
  const line = parseLine(rest, command.options)
  if (line.options['help'] === true) {
    process.stdout.write(`${commandHelp(command)}\n`)
    return EXIT.ok
  }
  refuseArguments(line.positionals, command.takes ?? 0, `sheetflow ${command.usage}`)
  return await command.run(line, output)
}

function unknownCommand(name: string): SheetflowError {
  const names = COMMANDS.map((c) => c.name)
  const meant = nearest(name, names)
  return new SheetflowError('app/usage', `there is no command '${name}'`, {
    fix: meant === undefined ? `Commands are: ${names.join(', ')}.` : `Did you mean 'sheetflow ${meant}'?`,
  })
}
