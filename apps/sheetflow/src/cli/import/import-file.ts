import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { daysFromCivil } from '@sheetflow/core/calendar'
import { SheetflowError } from '@sheetflow/core/errors'
import { readBook } from '@sheetflow/workbook/excel/read-book'
import { importBook, type ImportedBook } from '@sheetflow/workbook/import/import-book'
import { EXIT } from '../exit-code.ts'
import { dim, green, yellow, type Output } from '../output.ts'
import { readBytes } from './read-file.ts'

/** Problems and cells shown where nobody asked for all of them. */
const SHOWN = 40

/** An import as the command line asks for it. */
export interface ImportRequest {
  readonly file: string
  /** The workbooks folder. */
  readonly out: string
  readonly source: string
  readonly force: boolean
}

/** Imports a file into a workbook of its own name below `out`, and says what became of everything. Exit code 1 if something is not as it was. */
export async function importFile({ file, out, source, force }: ImportRequest, output: Output): Promise<number> {
  const now = new Date()
  const today = daysFromCivil(now.getUTCFullYear(), now.getUTCMonth() + 1, now.getUTCDate())
  const name = path.basename(file, path.extname(file))
  const book = importBook(await readBook(await readBytes(file)), { name, source, today })
  const files = { ...book.files, ...book.data }
  const there = Object.keys(files).find((one) => existsSync(path.join(out, one)))
  if (there !== undefined && !force)
    throw new SheetflowError('app/usage', `${path.join(out, there)} is there already`, {
      fix: 'Add --force to write over it, or --out DIR to write elsewhere.',
    })
  for (const [one, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(out, one)), { recursive: true })
    await writeFile(path.join(out, one), text)
  }
  const { workbook, sheets, values, problems, leftOut } = book
  if (output.json) process.stdout.write(`${JSON.stringify({ workbook, files: Object.keys(files), sheets, values, problems, leftOut })}\n`)
  else print(output, book, path.join(out, workbook))
  return problems.length === 0 ? EXIT.ok : EXIT.findings
}

function print(output: Output, { sheets, values, problems, leftOut, workbook }: ImportedBook, folder: string): void {
  for (const { sheet, from, rows, formulas, columns, inline } of sheets) {
    const loaded = inline ? '' : yellow('  to be loaded')
    output.event(
      'sheet',
      {},
      `${workbook}/${sheet}  ${dim(`${from}: ${rows} rows, ${columns} columns, ${formulas} of them formulas`)}${loaded}`,
    )
  }
  for (const { name, from, formula } of values.slice(0, SHOWN))
    output.event('value', {}, `${name}  ${dim(`${from}${formula === null ? '' : ` ${formula}`}`)}`)
  if (values.length > SHOWN) output.note(dim(`… and ${values.length - SHOWN} more values`))
  for (const { sheet, cell, formula, reason, fix } of problems.slice(0, SHOWN))
    output.event('problem', {}, `${yellow(sheet === '' ? cell : `${sheet}!${cell}`)}  ${formula}\n    ${reason}\n    ${dim(fix)}`)
  if (problems.length > SHOWN) output.note(dim(`… and ${problems.length - SHOWN} more (--json has all of them)`))
  if (leftOut.length > 0) {
    const cells = leftOut.slice(0, SHOWN).map(({ sheet, cell }) => `${sheet}!${cell}`)
    output.note(dim(`left out, since nothing reads them: ${cells.join(' ')}${leftOut.length > SHOWN ? ` … (${leftOut.length})` : ''}`))
  }
  const summary = `${folder}: ${sheets.length} sheets, ${values.length} values, ${problems.length} not as they were`
  output.note(problems.length === 0 ? green(summary) : yellow(summary))
  if (sheets.some((one) => !one.inline))
    output.note(`Load the tables: cd ${path.join(folder, 'tables')} && psql "$DATABASE_URL" -f load.sql`)
}
