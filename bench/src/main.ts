import { readdirSync } from 'node:fs'
import type { Figure } from './lib/measure.ts'
import { figureLine } from './lib/print.ts'

/**
 * `npm run bench -- [NAME …] [--json]`: runs the named benchmarks (all without a name). Each is a file `x.bench.ts` in this folder whose
 * default export yields figures as they come.
 */

/** What a benchmark file exports as its default. */
export type Benchmark = () => AsyncIterable<Figure>

const json = process.argv.includes('--json')
const wanted = process.argv.slice(2).filter((arg) => !arg.startsWith('--'))
const names = readdirSync(new URL('.', import.meta.url))
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.slice(0, -'.bench.ts'.length))
const unknown = wanted.filter((name) => !names.includes(name))
if (unknown.length > 0) {
  process.stderr.write(`there is no benchmark ${unknown.join(', ')}; there are: ${names.join(', ')}\n`)
  process.exit(2)
}

for (const name of wanted.length > 0 ? wanted : names) await run(name)

async function run(name: string): Promise<void> {
  if (!json) process.stdout.write(`\n${name}\n`)
  const module = (await import(`./${name}.bench.ts`)) as { default: Benchmark }
  let first: Figure | undefined
  for await (const figure of module.default()) {
    if (first?.case !== figure.case) first = figure
    process.stdout.write(json ? `${JSON.stringify(figure)}\n` : `${figureLine(figure, first)}\n`)
  }
}
