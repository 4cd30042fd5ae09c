import { execFileSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { must } from '@sheetflow/core/assert'
import type { Case } from '@sheetflow/testkit/random-book/case'
import { filesOf } from '@sheetflow/testkit/random-book/case'
import { corpusShare } from './corpus.ts'
import { fuzzFormulas } from './fuzz-formulas.ts'
import { RunResults } from './run-results.ts'
import { Runner } from './runner.ts'
import type { Verdict } from './runner.ts'
import { shrunk } from './shrink.ts'

const USAGE = `npm run fuzz -- [--seeds N] [--from S] [--seed S] [--case FILE] [--results FILE]

  --seeds N       how many random workbooks and histories to try (default 200)
  --from S        the first seed (default 1)
  --seed S        that one alone
  --case FILE     a case that was written before
  --formulas N    N mutated formulas through parse, bind, type and evaluate instead (--from S)
  --results FILE  a JSON line for each seed, or each slice of formulas, and beside it a summary: what stands there
                  already is not run again, so a run that was ended goes on when it is started again
  --corpus DIR    the oracle over the Excel files of a folder instead: how many of their cells it computes as Excel did
`
const RESULTS = 'results'
/** Of the processor. A case takes some tens of milliseconds, the start of a thread a second. */
const LIMIT_MS = 15_000
const SHRINKING_LIMIT_MS = 4_000
const SHRINKING_BUDGET = 1_500
const PROGRESS_EVERY = 50

/**
 * `npm run fuzz`: random workbooks over random changes, the graph beside the oracle. Ends with 1 if they differ. A workbook that is refused, because an edit met a
 * schema that had changed, is no finding.
 */
async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string', default: '200' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      case: { type: 'string' },
      formulas: { type: 'string' },
      results: { type: 'string' },
      corpus: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(USAGE)
    return 0
  }
  if (values.corpus !== undefined) {
    const { cells, computed, equal } = await corpusShare(values.corpus, say)
    say(`${equal} of ${cells} formula cells as Excel has them (${((equal / cells) * 100).toFixed(1)} %), ${computed} computed`)
    return 0
  }
  if (values.case !== undefined) return runWritten(values.case)
  const results = new RunResults(values.results ?? null)
  results.add({ start: new Date().toISOString(), commit: commit() })
  const from = Number(values.seed ?? values.from)
  const found =
    values.formulas === undefined
      ? await fuzzSeeds(values.seed === undefined ? Number(values.seeds) : 1, from, results)
      : await fuzzFormulas(Number(values.formulas), from, results, say)
  return found === 0 ? 0 : 1
}

async function runWritten(file: string): Promise<number> {
  using runner = new Runner()
  const { verdict } = await runner.run(JSON.parse(await readFile(file, 'utf8')) as Case, LIMIT_MS)
  say(shown(verdict))
  return verdict.kind === 'right' ? 0 : 1
}

/** How many were found, those of earlier starts among them. */
async function fuzzSeeds(count: number, from: number, results: RunResults): Promise<number> {
  using runner = new Runner()
  for (let seed = from; seed < from + count; seed++) {
    if (!results.has(seed)) await runSeed(runner, seed, results)
    const done = seed - from + 1
    if (done % PROGRESS_EVERY !== 0 && done !== count) continue
    const { seeds } = results.summary()
    results.writeSummary()
    say(`${done} of ${count} seeds, ${seeds.views} views compared, ${seeds.refused} refused, ${seeds.found.length} found`)
  }
  return results.summary().seeds.found.length
}

async function runSeed(runner: Runner, seed: number, results: RunResults): Promise<void> {
  const { verdict, case: failed } = await runner.run(seed, LIMIT_MS)
  if (verdict.kind === 'right') results.add({ seed, verdict: verdict.kind, checks: verdict.checks })
  else results.add({ seed, verdict: verdict.kind, checks: 0, message: verdict.message })
  if (verdict.kind === 'right' || verdict.kind === 'refused') return
  say(`seed ${seed}: ${shown(verdict)}`)
  await report(runner, seed, must(failed, 'the case comes with its verdict'), verdict)
}

/** What is run; a tree with changes in it says so. */
function commit(): string {
  try {
    const git = (...args: string[]): string => execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim()
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ' with changes'}`
  } catch {
    return 'unknown'
  }
}

/** Makes the case smaller as long as it fails in the same way, prints it, and writes it down. */
async function report(runner: Runner, seed: number, failed: Case, verdict: Verdict): Promise<void> {
  const small = await shrunk(
    failed,
    async (one) => (await runner.run(one, SHRINKING_LIMIT_MS)).verdict.kind === verdict.kind,
    verdict.kind === 'endless' ? SHRINKING_BUDGET / 10 : SHRINKING_BUDGET,
  )
  const last = (await runner.run(small, SHRINKING_LIMIT_MS)).verdict
  for (const [name, text] of Object.entries(filesOf(small.book))) say(`--- ${name}\n${text}`)
  say(`--- ${shown(last)}\n${JSON.stringify(small)}`)
  await mkdir(RESULTS, { recursive: true })
  const file = path.join(RESULTS, `fuzz-${seed}.json`)
  await writeFile(file, JSON.stringify(small, null, 1))
  say(`again: npm run fuzz -- --case ${file}`)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function shown(verdict: Verdict): string {
  return verdict.kind === 'right'
    ? `right, ${verdict.checks} views compared`
    : `${verdict.kind} at step ${verdict.step}: ${verdict.message}`
}

process.exit(await main(process.argv.slice(2)))
