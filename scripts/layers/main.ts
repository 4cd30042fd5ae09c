/**
 * `npm run check:layers`: the rules of `layers.mjs` over the whole repository; with `--unused`, only exports that nobody uses.
 * Ends with 1 and one entry per broken rule, or with 0 and one line.
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkCitations, readCitable } from './citations.ts'
import { checkCycles } from './cycles.ts'
import { checkImports } from './imports.ts'
import { checkSizes } from './sizes.ts'
import { parseSource, type SourceFile } from './source-file.ts'
import { checkSubjects } from './subjects.ts'
import { checkSurroundings } from './surroundings.ts'
import { checkText } from './text.ts'
import { checkThrown } from './thrown.ts'
import { checkUnused } from './unused.ts'
import { printViolation, type Violation } from './violation.ts'

const ROOT = join(import.meta.dirname, '../..')

const TEXT = '**/*.{ts,tsx,js,mjs,json,md,yaml,yml,sql,css,html}'

const SKIPPED: ReadonlySet<string> = new Set(['node_modules', 'dist', 'coverage', '.git', '.sheetflow', 'package-lock.json'])

/** Checks every file of the repository at `root`. */
function checkRepository(root: string, onlyUnused: boolean): { files: number; violations: Violation[] } {
  const texts = globSync(TEXT, { cwd: root, exclude: (name) => SKIPPED.has(name.split(/[\\/]/).at(-1) ?? '') }).map((name) => {
    const path = name.replaceAll('\\', '/')
    return { path, text: readFileSync(join(root, path), 'utf8') }
  })
  const sources = texts.filter(({ path }) => path.endsWith('.ts')).map(({ path, text }) => parseSource(path, text))
  if (onlyUnused) return { files: sources.length, violations: checkUnused(root, sources) }
  const citable = readCitable(root)
  const violations = [
    ...sources.flatMap((file: SourceFile) => [
      ...checkImports(root, file),
      ...checkSizes(file),
      ...checkSubjects(file),
      ...checkSurroundings(file),
      ...checkThrown(file),
    ]),
    ...checkCycles(root, sources),
    ...texts.flatMap(({ path, text }) => [...checkText(path, text), ...checkCitations(path, text, citable)]),
  ]
  return { files: texts.length, violations }
}

const { files, violations } = checkRepository(ROOT, process.argv.includes('--unused'))
for (const violation of violations) console.error(printViolation(violation))
if (violations.length > 0) console.error(`\n${violations.length} broken rules in ${files} files`)
else console.log(`${files} files, every rule holds`)
process.exitCode = violations.length === 0 ? 0 : 1
