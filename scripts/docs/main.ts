/**
 * `npm run docs`: writes the pages that are made from the code. With `--check` it writes nothing and fails if one is out of date.
 */
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT } from '../command.ts'
import { errorsPage, readErrorCodes } from './error-codes.ts'
import { functionPages } from './functions-pages.ts'
import { apiPage } from './public-api.ts'

const faces = globSync('{packages,apps}/*/src/index.ts', { cwd: ROOT }).map((face) => face.replaceAll('\\', '/'))

const PAGES: Readonly<Record<string, () => string>> = {
  'docs/errors.md': () => errorsPage(readErrorCodes(join(ROOT, 'packages/core/src/errors.ts'))),
  ...functionPages(),
  ...Object.fromEntries(faces.map((face) => [`docs/api/${face.split('/')[1]}.txt`, () => apiPage(ROOT, face)])),
}

const check = process.argv.includes('--check')
for (const [page, make] of Object.entries(PAGES)) {
  const file = join(ROOT, page)
  const wanted = make()
  const given = existsSync(file) ? readFileSync(file, 'utf8') : ''
  if (given === wanted) continue
  if (check) {
    console.error(`${page} is out of date: npm run docs writes it`)
    process.exitCode = 1
  } else {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, wanted)
    console.log(`wrote ${page}`)
  }
}
