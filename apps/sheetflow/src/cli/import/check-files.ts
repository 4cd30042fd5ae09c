import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { SheetflowError } from '@sheetflow/core/errors'
import { checkBook, type BookCheck } from '@sheetflow/workbook/excel/check-book'
import { readBook } from '@sheetflow/workbook/excel/read-book'
import { EXIT } from '../exit-code.ts'
import { dim, green, red, type Output } from '../output.ts'
import { readBytes } from './read-file.ts'

/** Differences shown where nobody asked for all of them. */
const SHOWN = 20

/**
 * Checks Excel files, and those in folders: of one file each difference is shown, of several a line for each and the total. With `--json` an object for each
 * file, which has `file` if there are several.
 */
export async function checkFiles(args: readonly string[], limit: number, output: Output): Promise<number> {
  const files = (await Promise.all(args.map(filesOf))).flat()
  const [only] = files
  if (only === undefined) throw new SheetflowError('app/usage', 'there is no .xlsx file', { fix: 'Name a file, or a folder with some.' })
  if (files.length === 1 && args.includes(only)) {
    const check = checkBook(await readBook(await readBytes(only)), limit)
    if (output.json) process.stdout.write(`${JSON.stringify(check)}\n`)
    else print(output, check)
    return check.equal === check.cells ? EXIT.ok : EXIT.findings
  }
  let [cells, equal] = [0, 0]
  const shared = sharedFolder(files)
  for (const file of files) {
    const check = checkBook(await readBook(await readBytes(file)), limit)
    cells += check.cells
    equal += check.equal
    const name = path.relative(shared, file)
    if (output.json) process.stdout.write(`${JSON.stringify({ file: name, ...check })}\n`)
    else process.stdout.write(`${line(check.equal, check.cells)}  ${name}\n`)
  }
  const total = `${line(equal, cells)}  ${files.length} files`
  output.note(equal === cells ? green(total) : red(total))
  return equal === cells ? EXIT.ok : EXIT.findings
}

async function filesOf(arg: string): Promise<readonly string[]> {
  const isFolder = await stat(arg).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (!isFolder) return [arg]
  const names = await readdir(arg, { recursive: true })
  // What Excel keeps beside an open file is no workbook.
  const books = names.filter((name) => name.endsWith('.xlsx') && !path.basename(name).startsWith('~$'))
  return books.sort().map((name) => path.join(arg, name))
}

/** The folder below which all files lie. */
function sharedFolder(files: readonly string[]): string {
  let folder = path.dirname(files[0] ?? '.')
  while (!files.every((file) => path.dirname(file) === folder || path.dirname(file).startsWith(folder + path.sep))) {
    const up = path.dirname(folder)
    if (up === folder) return '.'
    folder = up
  }
  return folder
}

function line(equal: number, cells: number): string {
  return `${`${equal}/${cells}`.padStart(11)} ${`${percent(equal, cells)} %`.padStart(7)}`
}

function percent(equal: number, cells: number): number {
  return cells === 0 ? 100 : Math.floor((equal / cells) * 1000) / 10
}

function print(output: Output, { cells, equal, different, unsupported }: BookCheck): void {
  for (const { sheet, cell, formula, expected, got } of different.slice(0, SHOWN)) {
    output.event('different', {}, `${sheet}!${cell}  ${formula}\n    ${dim('Excel')} ${expected}  ${dim('here')} ${got}`)
  }
  if (different.length > SHOWN) output.note(dim(`… and ${different.length - SHOWN} more (--json has all of them)`))
  for (const one of unsupported) output.event('unsupported', {}, `${one.function}  ${dim(`not there, ${one.count} cells`)}`)
  const summary = `${equal} of ${cells} formula cells equal (${percent(equal, cells)} %)`
  output.note(equal === cells ? green(summary) : red(summary))
}
