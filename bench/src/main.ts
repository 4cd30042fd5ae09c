import { readdirSync } from 'node:fs'
import type { Figure } from './lib/measure.ts'
import { figureLine, figureRow, TABLE_HEAD } from './lib/print.ts'

/**
 * `npm run bench -- [NAME …] [--json | --markdown]`: runs the named benchmarks (all without a name). Each is a file `x.bench.ts` in this folder whose
 * default export yields figures as they come. `--markdown` prints the tables of `docs/performance.md`.
 */

/** What a benchmark file exports as its default. */
export type Benchmark = () => AsyncIterable<Figure>

/** How a figure is printed, given the first of its case; and what stands above the figures of a benchmark. */
interface Style {
  readonly head: (name: string) => string
  readonly line: (figure: Figure, first: Figure) => string
}

const OPTIONS = ['--json', '--markdown', '--help', '-h']
const style = styleOf(process.argv)
const wanted = process.argv.slice(2).filter((arg) => !arg.startsWith('-'))
const names = readdirSync(new URL('.', import.meta.url))
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.slice(0, -'.bench.ts'.length))
const unknown = wanted.filter((name) => !names.includes(name))
if (unknown.length > 0) {
  process.stderr.write(`there is no benchmark ${unknown.join(', ')}; there are: ${names.join(', ')}\n`)
  process.exit(2)
}

const odd = process.argv.slice(2).filter((arg) => arg.startsWith('-') && !OPTIONS.includes(arg))
const asked = process.argv.includes('--help') || process.argv.includes('-h')
if (asked || odd.length > 0) {
  // Whoever asks what there is does not want all of it run.
  const usage = `npm run bench -- [NAME …] [--json | --markdown]\n\nall of them, or: ${names.join(', ')}\n`
  ;(asked ? process.stdout : process.stderr).write(asked ? usage : `${odd.join(', ')} means nothing here\n${usage}`)
  process.exit(asked ? 0 : 2)
}

// An end by a signal is an end all the same: whoever started a server stops it when the process exits.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

for (const name of wanted.length > 0 ? wanted : names) await run(name)

async function run(name: string): Promise<void> {
  process.stdout.write(style.head(name))
  const module = (await import(`./${name}.bench.ts`)) as { default: Benchmark }
  let first: Figure | undefined
  for await (const figure of module.default()) {
    if (first?.case !== figure.case) first = figure
    process.stdout.write(`${style.line(figure, first)}\n`)
  }
}

function styleOf(args: readonly string[]): Style {
  if (args.includes('--json')) return { head: () => '', line: (figure) => JSON.stringify(figure) }
  if (args.includes('--markdown')) return { head: (name) => `\n### ${name}\n\n${TABLE_HEAD}\n`, line: figureRow }
  return { head: (name) => `\n${name}\n`, line: figureLine }
}
