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
  /** What carries the changes, where a benchmark can choose; with NATS each role is a process of its own. */
  readonly bus: BusName
  /** How long a run goes on, for the benchmarks that go on long; null: the benchmark's own. */
  readonly minutes: number | null
}

export type BusName = 'sqlite' | 'nats'

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
      bus: { type: 'string', default: 'sqlite' },
      minutes: { type: 'string' },
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
      bus: busName(values.bus),
      minutes: wholeNumber('minutes', values.minutes),
    },
    from: values.from ?? null,
  }
}

function busName(text: string): BusName {
  if (text !== 'sqlite' && text !== 'nats') throw new Error(`--bus ${text} is neither sqlite nor nats`)
  return text
}

function wholeNumber(name: string, text: string | undefined): number | null {
  if (text === undefined) return null
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} ${text} is no whole number above 0`)
  return value
}
