import { readFile } from 'node:fs/promises'
import { SheetflowError } from '@sheetflow/core/errors'
import { checkBook, type BookCheck } from '@sheetflow/workbook/excel/check-book'
import { readBook } from '@sheetflow/workbook/excel/read-book'
import type { CliCommand } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { dim, green, red, type Output } from '../output.ts'

/** Differences shown where nobody asked for all of them. */
const SHOWN = 20

/** `sheetflow import --check`: each formula of an Excel file computed by the language of sheets, and compared with what Excel had computed. */
export const importExcel: CliCommand = {
  name: 'import',
  summary: 'compute the formulas of an Excel file and compare with what Excel computed',
  usage: 'import FILE.xlsx --check [--limit N] [--json]',
  takes: 1,
  options: {
    check: { type: 'boolean', help: 'compare each formula cell with the value that Excel kept' },
    limit: { type: 'string', value: 'N', help: 'look at N formula cells at most' },
  },
  async run({ options, positionals }, output) {
    const [file] = positionals
    if (file === undefined) throw new SheetflowError('app/usage', 'which file?', { fix: 'Usage: sheetflow import FILE.xlsx --check' })
    if (options['check'] !== true) throw new SheetflowError('app/usage', 'an import is a check so far', { fix: 'Add --check.' })
    const limit = options['limit'] === undefined ? Infinity : Number(options['limit'])
    if (!(limit > 0)) throw new SheetflowError('app/usage', '--limit is a number of cells', { fix: 'For example --limit 500.' })
    const check = checkBook(await readBook(await read(file)), limit)
    if (output.json) process.stdout.write(`${JSON.stringify(check)}\n`)
    else print(output, check)
    return check.equal === check.cells ? EXIT.ok : EXIT.findings
  },
}

async function read(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file)
  } catch (error) {
    throw new SheetflowError('app/usage', `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      fix: 'Check the path.',
    })
  }
}

function print(output: Output, { cells, equal, different, unsupported }: BookCheck): void {
  for (const { sheet, cell, formula, expected, got } of different.slice(0, SHOWN)) {
    output.event('different', {}, `${sheet}!${cell}  ${formula}\n    ${dim('Excel')} ${expected}  ${dim('here')} ${got}`)
  }
  if (different.length > SHOWN) output.note(dim(`… and ${different.length - SHOWN} more (--json has all of them)`))
  for (const one of unsupported) output.event('unsupported', {}, `${one.function}  ${dim(`not there, ${one.count} cells`)}`)
  const share = cells === 0 ? 100 : Math.floor((equal / cells) * 1000) / 10
  const summary = `${equal} of ${cells} formula cells equal (${share} %)`
  output.note(equal === cells ? green(summary) : red(summary))
}
