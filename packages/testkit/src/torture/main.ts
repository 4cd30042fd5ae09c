import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseOptions } from './options.ts'
import { TortureResults } from './report/results.ts'
import { torture } from './torture.ts'

/** `npm run torture`: ends with 0 if nothing was found (with `--break`: if something was), 1 otherwise, 2 for words that it does not know. */
const ROOT = fileURLToPath(new URL('../../../..', import.meta.url))

const request = parseOptions(process.argv.slice(2))
if (typeof request === 'string') {
  process.stderr.write(request)
  process.exit(2)
}
// Servers and processes end with this one, and what was interrupted has no outcome.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const commit = execFileSync('git', ['describe', '--always', '--dirty'], { cwd: ROOT, encoding: 'utf8' }).trim()
const results = new TortureResults(path.join(ROOT, 'results'), commit)
let failed = 0
for (const options of request.runs) {
  if (!request.again && results.hasPassed(options)) {
    say(`seed ${options.seed} passed before`)
    continue
  }
  try {
    const outcome = await torture(options, say)
    results.add(options, outcome)
    if (!outcome.passed) failed += 1
  } catch (error) {
    // It has no outcome, and the seeds behind it have their turn.
    say(`seed ${options.seed} could not be played to its end: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    failed += 1
  }
}
if (request.runs.length > 1) say(`${request.runs.length - failed} seeds passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
