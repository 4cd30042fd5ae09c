import type { CliCommand } from './command.ts'
import { COMMON_OPTIONS, type OptionSpec } from './options.ts'

/** The overview: every command with its line. */
export function overview(commands: readonly CliCommand[]): string {
  const width = Math.max(...commands.map((c) => c.name.length))
  return [
    'sheetflow: live views over your databases, written as spreadsheet formulas',
    '',
    'Usage: sheetflow COMMAND [options]',
    '',
    ...commands.map((c) => `  ${c.name.padEnd(width)}  ${c.summary}`),
    '',
    "'sheetflow COMMAND --help' says more about one, 'sheetflow --version' which this is.",
  ].join('\n')
}

/** The help of one command. */
export function commandHelp(command: CliCommand): string {
  return [
    `sheetflow ${command.name}: ${command.summary}`,
    '',
    `Usage: sheetflow ${command.usage}`,
    '',
    'Options:',
    ...optionLines({ ...command.options, ...COMMON_OPTIONS }),
  ].join('\n')
}

/** Options as lines of a help text, aligned. */
export function optionLines(options: Readonly<Record<string, OptionSpec>>): string[] {
  const rows = Object.entries(options).map(([name, spec]) => {
    const short = spec.short === undefined ? '    ' : `-${spec.short}, `
    return { left: `${short}--${name}${spec.value === undefined ? '' : ` ${spec.value}`}`, help: spec.help }
  })
  const width = Math.max(...rows.map((row) => row.left.length))
  return rows.map((row) => `  ${row.left.padEnd(width)}  ${row.help}`)
}
