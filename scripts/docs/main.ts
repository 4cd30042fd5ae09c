/**
 * `npm run docs`: writes the pages that are made from the code. With `--check` it writes nothing and fails if one is out of date.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { errorsPage, readErrorCodes } from './error-codes.ts'

const PAGES: Readonly<Record<string, () => string>> = {
  'docs/errors.md': () => errorsPage(readErrorCodes('packages/core/src/errors.ts')),
}

const check = process.argv.includes('--check')
for (const [file, make] of Object.entries(PAGES)) {
  const wanted = make()
  const given = existsSync(file) ? readFileSync(file, 'utf8') : ''
  if (given === wanted) continue
  if (check) {
    console.error(`${file} is out of date: npm run docs writes it`)
    process.exitCode = 1
  } else {
    writeFileSync(file, wanted)
    console.log(`wrote ${file}`)
  }
}
