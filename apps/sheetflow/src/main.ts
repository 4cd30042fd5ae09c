import { outliveReaders } from './cli/output.ts'
import { runCli } from './cli/run.ts'

outliveReaders()
process.exitCode = await runCli(process.argv.slice(2))
