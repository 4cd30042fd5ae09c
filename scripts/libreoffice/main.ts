/**
 * `npm run libreoffice`: the examples of the function table, computed by LibreOffice Calc and compared with ours. Where the two differ, or LibreOffice does not
 * know a function, it is listed; `docs/excel.md` says of each what Excel does. With `--json` one object a line. Ends with 0 if it could ask, whatever came out.
 *
 * Opt-in: it needs Debian's `libreoffice-calc`, and installs it if it may (root).
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkBook } from '@sheetflow/workbook/excel/check-book'
import { readBook } from '@sheetflow/workbook/excel/read-book'
import { askedExamples, exampleBook, rowOf, SPELLINGS } from './example-book.ts'

const OFFICE_MS = 300_000
const INSTALL_MS = 1_200_000
const MOST_SHOWN = 80

/** The program, installed if it is missing and that is possible; null: it is not. */
function office(): string | null {
  if (spawnSync('soffice', ['--version']).status === 0) return 'soffice'
  if (process.getuid?.() !== 0) return null
  console.error('LibreOffice Calc is missing: installing Debian’s libreoffice-calc')
  const options = { stdio: 'inherit', timeout: INSTALL_MS } as const
  spawnSync('apt-get', ['update'], options)
  spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'libreoffice-calc'], options)
  return spawnSync('soffice', ['--version']).status === 0 ? 'soffice' : null
}

/** The book as LibreOffice saves it, with its values. */
function computed(program: string, book: Uint8Array): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'sheetflow-libreoffice-'))
  try {
    writeFileSync(join(folder, 'examples.xlsx'), book)
    const profile = `-env:UserInstallation=file://${join(folder, 'profile')}`
    const args = [profile, '--headless', '--norestore', '--convert-to', 'xlsx:Calc MS Excel 2007 XML', '--outdir', join(folder, 'out')]
    const { status, stderr } = spawnSync(program, [...args, join(folder, 'examples.xlsx')], { timeout: OFFICE_MS, encoding: 'utf8' })
    if (status !== 0) throw new Error(`LibreOffice ended with ${status}: ${stderr}`)
    return readFileSync(join(folder, 'out', 'examples.xlsx'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function short(text: string): string {
  return text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN)}…`
}

const program = office()
if (program === null) {
  console.error('LibreOffice Calc is missing and cannot be installed here: apt-get install libreoffice-calc')
  process.exitCode = 2
} else {
  const examples = askedExamples()
  const { different } = checkBook(await readBook(computed(program, exampleBook(examples))))
  const found = new Map(different.map((one) => [`${one.sheet} ${one.cell}`, one]))
  const unknown = new Set<string>()
  const lines: { readonly function: string; readonly formula: string; readonly libreoffice: string; readonly here: string }[] = []
  let equal = 0
  let errors = 0
  for (const [index, { name, formula }] of examples.entries()) {
    const said = SPELLINGS.map((sheet) => found.get(`${sheet} A${rowOf(index) + 1}`)).filter((one) => one?.expected !== '#NAME?')
    const [first] = said
    if (said.length === 0) unknown.add(name)
    else if (first === undefined || said.includes(undefined)) equal += 1
    // Errors of its own it saves as #VALUE!: which one it was cannot be told.
    else if (first.expected.startsWith('#') && first.got.startsWith('#')) errors += 1
    else lines.push({ function: name, formula, libreoffice: short(first.expected), here: short(first.got) })
  }
  const isJson = process.argv.includes('--json')
  for (const line of lines) {
    console.log(isJson ? JSON.stringify(line) : `${line.formula}\n    LibreOffice ${line.libreoffice}  here ${line.here}`)
  }
  const summary = { examples: examples.length, equal, errors, different: lines.length, unknown: [...unknown].sort() }
  const counts = `${equal} of ${examples.length} examples equal, ${errors} an error in both, ${lines.length} different`
  console.log(isJson ? JSON.stringify(summary) : `${counts}; not known there: ${summary.unknown.join(' ')}`)
}
