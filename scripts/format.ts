/** `npm run format [PATH …]`: brings files into the one format. What `npm run check:format` finds, this mends. */
import { run } from './command.ts'

const { code } = await run(['oxfmt', '--write', ...process.argv.slice(2)])
process.exitCode = code
