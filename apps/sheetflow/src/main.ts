import { outliveReaders } from './cli/output.ts'
import { runCli } from './cli/run.ts'

/** So long a command that has ended may live on. */
const LINGER_MS = 1_000

outliveReaders()
process.exitCode = await runCli(process.argv.slice(2))
// What modules of functions have opened stays open (a pool, a timer): it is no reason to go on, once everything is said.
process.stdout.write('', () => setTimeout(() => process.exit(), LINGER_MS).unref())
