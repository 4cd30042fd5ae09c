import { parseArgs } from 'node:util'

/** What a benchmark is told. Most have one size and take no notice. */
export interface BenchOptions {
  /** Only these cases; null: all. */
  readonly cases: readonly string[] | null
  /** Rows of the greatest table; null: the benchmark's own. */
  readonly rows: number | null
  /** Raw runs. */
  readonly rounds: number
  /** Are rivals installed and measured that are no dependencies? */
  readonly rivals: boolean
}

/** How figures are printed. */
export type StyleName = 'people' | 'json' | 'markdown'

/** The command line of `npm run bench`. */
export interface CommandLine {
  readonly names: readonly string[]
  /** What may be written is asked for, and nothing is run. */
  readonly help: boolean
  readonly style: StyleName
  readonly options: BenchOptions
  /** Nothing is run: the figures are the lines of this file, which `--json` printed. */
  readonly from: string | null
}

const ROUNDS = 5

/** Reads the arguments; throws what is wrong with them. */
export function readCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    allowNegative: true,
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      json: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
      cases: { type: 'string' },
      rows: { type: 'string' },
      rounds: { type: 'string' },
      rivals: { type: 'boolean', default: true },
      from: { type: 'string' },
    },
  })
  return {
    names: positionals,
    help: values.help,
    style: values.json ? 'json' : values.markdown ? 'markdown' : 'people',
    options: {
      cases: values.cases?.split(',').map((name) => name.trim()) ?? null,
      rows: wholeNumber('rows', values.rows),
      rounds: wholeNumber('rounds', values.rounds) ?? ROUNDS,
      rivals: values.rivals,
    },
    from: values.from ?? null,
  }
}

function wholeNumber(name: string, text: string | undefined): number | null {
  if (text === undefined) return null
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} ${text} is no whole number above 0`)
  return value
}
