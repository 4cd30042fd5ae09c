/**
 * `npm run faults`: every scenario of what can break, in its long form, on both buses. A scenario is a file `<what breaks>.fault.test.ts`; its first comment says what has to come out.
 * `docs/faults.md` has the table. Ends with 0 if nothing failed, 1 if something did, 2 for words that it does not know.
 *
 * Each run is a line of `results/faults.jsonl`, written when it ends; a run that passed with this commit is not made again, so what was interrupted goes on where it was.
 * With files that are not committed everything runs. What a run that failed printed is kept as `results/faults-<scenario>-<bus>-<seed>.log`.
 */
import { execFileSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { ROOT } from '../command.ts'
import { readResults, summaryOf, writeResult, writeSummary, type Result } from './results.ts'
import { runScenario, scenarios, type Scenario } from './scenario.ts'

const USAGE = `npm run faults -- [NAME …] [--bus sqlite|nats] [--seeds N] [--seed S] [--minutes M] [--again] [--json]

  NAME           what breaks, as the file is called, or a part of it: bus-disk-full, leader (default: all)
  --bus BUS      scenarios that run on both buses on this one alone
  --seeds N      so many runs of each, with the seeds S, S + 1, … (default 1)
  --seed S       the first seed (default 1)
  --minutes M    a run that takes longer is ended and has failed (default 120)
  --again        also what has passed with this commit
  --json         one object a line, as in results/faults.jsonl
  --list         the names
`

interface Options {
  readonly chosen: readonly Scenario[]
  readonly bus: string | undefined
  readonly seeds: readonly number[]
  readonly limitMs: number
  readonly again: boolean
  readonly json: boolean
  readonly list: boolean
}

function parse(args: readonly string[]): Options | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        bus: { type: 'string' },
        seeds: { type: 'string', default: '1' },
        seed: { type: 'string', default: '1' },
        minutes: { type: 'string', default: '120' },
        again: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    const [count, first, minutes] = [Number(values.seeds), Number(values.seed), Number(values.minutes)]
    const all = scenarios()
    const unknown = positionals.find((name) => !all.some((one) => one.name.includes(name)))
    if (unknown !== undefined) return `there is no scenario ${unknown}: ${all.map(({ name }) => name).join(', ')}\n`
    if (values.bus !== undefined && values.bus !== 'sqlite' && values.bus !== 'nats') return `there is no bus ${values.bus}: sqlite, nats\n`
    if (values.help || !(count > 0) || !(minutes > 0) || !Number.isSafeInteger(first)) return USAGE
    return {
      chosen: all.filter(({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part))),
      bus: values.bus,
      seeds: Array.from({ length: count }, (_, i) => first + i),
      limitMs: minutes * 60_000,
      again: values.again,
      json: values.json,
      list: values.list,
    }
  } catch (error) {
    return `${String(error)}\n\n${USAGE}`
  }
}

async function main(): Promise<number> {
  const options = parse(process.argv.slice(2))
  if (typeof options === 'string') {
    process.stderr.write(options)
    return 2
  }
  const { chosen, bus = 'both', seeds, limitMs, again, json, list } = options
  if (list) {
    for (const { name, expected } of chosen) console.log(`${name}\n    ${expected}`)
    return 0
  }
  const interrupt = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort())
  const commit = execFileSync('git', ['describe', '--always', '--dirty'], { cwd: ROOT, encoding: 'utf8' }).trim()
  // Files that are not committed may have changed since.
  const isKnown = (one: Result): boolean => one.commit === commit && !commit.endsWith('-dirty') && one.bus === bus
  const before = again ? [] : readResults().filter((one) => isKnown(one) && one.failed === 0 && one.passed > 0)
  const results: Result[] = []
  for (const seed of seeds) {
    for (const scenario of chosen) {
      if (interrupt.signal.aborted) break
      const known = before.find((one) => one.scenario === scenario.name && one.seed === seed)
      const result = known ?? (await runScenario(scenario, { bus, seed, commit, limitMs, signal: interrupt.signal }))
      // What was interrupted has no outcome.
      if (interrupt.signal.aborted) break
      if (result !== known) writeResult(result)
      results.push(result)
      console.log(json ? JSON.stringify(result) : lineOf(result, result === known))
    }
  }
  writeSummary(commit, results)
  if (!json) console.log(summaryOf(results))
  if (interrupt.signal.aborted) return 130
  return results.some(({ failed }) => failed > 0) ? 1 : 0
}

function lineOf(result: Result, isKnown: boolean): string {
  const { scenario, seed, passed, failed, skipped, seconds } = result
  const what = failed > 0 ? 'FAILED' : isKnown ? 'passed before' : passed > 0 ? 'passed' : 'skipped'
  const lines = [
    `${what.padEnd(13)} ${scenario.padEnd(28)} seed ${String(seed)}  ${String(passed)} passed, ${String(failed)} failed, ${String(skipped)} skipped, ${seconds.toFixed(0)} s`,
  ]
  return [...lines, ...result.failures.map((text) => `    ${text}`)].join('\n')
}

process.exitCode = await main()
