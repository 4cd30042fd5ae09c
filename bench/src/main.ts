import { readdirSync } from 'node:fs'
import { readCommandLine } from './lib/bench-options.ts'
import type { BenchOptions, CommandLine, StyleName } from './lib/bench-options.ts'
import { readFigures } from './lib/figure-lines.ts'
import type { Figure } from './lib/measure.ts'
import { figureLine, figureRow, TABLE_HEAD } from './lib/print.ts'

/**
 * `npm run bench -- [NAME …] [--json | --markdown] [--cases A,B] [--rows N] [--rounds N] [--minutes N] [--bus sqlite|nats] [--no-rivals] [--from FILE]`: runs the named benchmarks
 * (all without a name). Each is a file `x.bench.ts` in this folder whose default export yields figures as they come. `--markdown` prints the tables
 * of `docs/performance.md`; a benchmark that has a `report` writes them there itself. `--from` runs nothing and takes the figures that `--json`
 * printed before.
 */

/** What a benchmark file exports as its default. */
export type Benchmark = (options: BenchOptions) => AsyncIterable<Figure>

/** A benchmark file's `report`: what it does with its figures besides. */
export type Report = (figures: readonly Figure[]) => void

/** How a figure is printed, given the first of its case; and what stands above the figures of a benchmark. */
interface Style {
  readonly head: (name: string) => string
  readonly line: (figure: Figure, first: Figure) => string
}

const OPTIONS = '[--json | --markdown] [--cases A,B] [--rows N] [--rounds N] [--minutes N] [--bus sqlite|nats] [--no-rivals] [--from FILE]'

const STYLES: Readonly<Record<StyleName, Style>> = {
  json: { head: () => '', line: (figure) => JSON.stringify(figure) },
  markdown: { head: (name) => `\n### ${name}\n\n${TABLE_HEAD}\n`, line: figureRow },
  people: { head: (name) => `\n${name}\n`, line: figureLine },
}

const names = readdirSync(new URL('.', import.meta.url))
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.slice(0, -'.bench.ts'.length))
const USAGE = `npm run bench -- [NAME …] ${OPTIONS}\n\nall of them, or: ${names.join(', ')}\n`

const { names: wanted, help, style, options, from } = commandLine()
if (help) {
  // Whoever asks what there is does not want all of it run.
  process.stdout.write(USAGE)
  process.exit(0)
}
const unknown = wanted.filter((name) => !names.includes(name))
if (unknown.length > 0) refuse(`there is no benchmark ${unknown.join(', ')}`)

// Every folder and server of a run goes with the process.
process.setMaxListeners(0)
// An end by a signal is an end all the same: whoever started a server stops it when the process exits.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

for (const name of wanted.length > 0 ? wanted : names) await run(name)

async function run(name: string): Promise<void> {
  process.stdout.write(STYLES[style].head(name))
  const module = (await import(`./${name}.bench.ts`)) as { default: Benchmark; report?: Report }
  const figures: Figure[] = []
  let first: Figure | undefined
  for await (const figure of from === null ? module.default(options) : readFigures(from).filter(({ bench }) => bench === name)) {
    if (first?.case !== figure.case) first = figure
    figures.push(figure)
    process.stdout.write(`${STYLES[style].line(figure, first)}\n`)
  }
  if (style === 'markdown') module.report?.(figures)
}

function commandLine(): CommandLine {
  try {
    return readCommandLine(process.argv.slice(2))
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

function refuse(why: string): never {
  process.stderr.write(`${why}\n${USAGE}`)
  process.exit(2)
}
