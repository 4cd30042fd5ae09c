import type { Output } from './output.ts'
import type { OptionSpec, ParsedLine } from './options.ts'

/** One command of the command line. */
export interface CliCommand {
  readonly name: string
  /** One line for the list of commands. */
  readonly summary: string
  /** How it is called, without `sheetflow`. */
  readonly usage: string
  readonly options: Readonly<Record<string, OptionSpec>>
  /** How many words beside options it takes; none if absent. */
  readonly takes?: number
  /** Runs it and gives the exit code. */
  run(line: ParsedLine, output: Output): Promise<number>
}
