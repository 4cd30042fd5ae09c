import { parseOptions } from './options.ts'
import { torture } from './torture.ts'

/** `npm run torture`: ends with 0 if nothing was found (with `--break`: if something was). */
const options = parseOptions(process.argv.slice(2))
if (typeof options === 'string') {
  process.stderr.write(options)
  process.exit(2)
}
process.exit((await torture(options, (line) => process.stdout.write(`${line}\n`))) ? 0 : 1)
