import { SheetflowError } from '@sheetflow/core/errors'
import type { CliCommand } from '../command.ts'
import { checkFiles } from '../import/check-files.ts'
import { importFile } from '../import/import-file.ts'

/** `sheetflow import`: an Excel file as a workbook; with `--check` each of its formulas computed by the language of sheets, and compared with what Excel had. */
export const importExcel: CliCommand = {
  name: 'import',
  summary: 'turn an Excel file into a workbook, or check its formulas against what Excel computed',
  usage: 'import FILE.xlsx [--out DIR] [--source NAME] | import FILE.xlsx|FOLDER … --check [--limit N] [--json]',
  takes: Infinity,
  options: {
    out: { type: 'string', value: 'DIR', help: 'the workbooks folder to write into (default workbooks)' },
    source: { type: 'string', value: 'NAME', help: 'the source that tables of more than 200 rows will be loaded into (default main)' },
    force: { type: 'boolean', help: 'write over files that are there' },
    check: { type: 'boolean', help: 'compare each formula cell with the value that Excel kept' },
    limit: { type: 'string', value: 'N', help: 'look at N formula cells of a file at most' },
  },
  async run({ options, positionals }, output) {
    const [file, other] = positionals
    if (file === undefined) throw new SheetflowError('app/usage', 'which file?', { fix: 'Usage: sheetflow import FILE.xlsx' })
    if (options['check'] === true) return await checkFiles(positionals, limitOf(options['limit']), output)
    if (other !== undefined)
      throw new SheetflowError('app/usage', 'one file becomes one workbook', {
        fix: 'Import the files one by one, or check them all: --check.',
      })
    const out = typeof options['out'] === 'string' ? options['out'] : 'workbooks'
    const source = typeof options['source'] === 'string' ? options['source'] : 'main'
    return await importFile({ file, out, source, force: options['force'] === true }, output)
  },
}

function limitOf(option: string | boolean | undefined): number {
  const limit = option === undefined ? Infinity : Number(option)
  if (!(limit > 0)) throw new SheetflowError('app/usage', '--limit is a number of cells', { fix: 'For example --limit 500.' })
  return limit
}
