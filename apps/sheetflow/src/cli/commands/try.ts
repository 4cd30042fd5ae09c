import { readFile } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { CellError } from '@sheetflow/core/cell-error'
import { daysFromCivil } from '@sheetflow/core/calendar'
import { SheetflowError } from '@sheetflow/core/errors'
import type { Value } from '@sheetflow/core/value'
import { calculate } from '@sheetflow/formula/calculator/calculate'
import type { PlainTable } from '@sheetflow/formula/calculator/plain-table'
import type { FormulaType } from '@sheetflow/formula/bound'
import { textReader } from '@sheetflow/formula/value/general-text'
import { Grid, gridOf } from '@sheetflow/formula/value/grid'
import { typeLabel } from '@sheetflow/formula/value/type-rules'
import { readCsvTable } from '@sheetflow/workbook/csv/read-csv-table'
import type { CliCommand } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { dim, red, yellow, type Output } from '../output.ts'

/** `sheetflow try`: a calculator. The tables of `--table` are known by their files' names, `[@x]` reads the first row of the first of them. */
export const tryFormula: CliCommand = {
  name: 'try',
  summary: 'compute one formula, over tables from CSV files if it reads some',
  usage: "try 'FORMULA' [--table rows.csv[,more.csv]] [--json]",
  takes: 1,
  options: { table: { type: 'string', value: 'FILES', help: 'CSV files; each is a table by the name of its file' } },
  async run({ options, positionals }, output) {
    const [formula] = positionals
    if (formula === undefined)
      throw new SheetflowError('app/usage', 'which formula?', { fix: "For example: sheetflow try '=ROUND(2.345, 2)'" })
    const tables = await readTables(options['table'])
    const text = formula.startsWith('=') ? formula : `=${formula}`
    const { value, type, diagnostics } = calculate(text, { tables, row: tables[0] ?? null, ...clock(), timeZone: 'UTC', dynamic: true })
    for (const one of diagnostics) {
      output.event('diagnostic', { ...one }, undefined)
      output.note(caret(text, one.range.start, one.range.end))
      output.note(`${one.severity === 'error' ? red('error') : yellow('warning')} ${dim(one.code)} ${one.message}`)
      if (one.fix !== undefined) output.note(`  ${one.fix}`)
    }
    if (diagnostics.some((one) => one.severity === 'error')) return EXIT.findings
    print(output, gridOf(value), type.type, value instanceof Grid)
    return EXIT.ok
  },
}

async function readTables(files: string | boolean | undefined): Promise<readonly PlainTable[]> {
  if (typeof files !== 'string') return []
  return await Promise.all(
    files.split(',').map(async (file) => {
      const id = basename(file, extname(file))
      try {
        return readCsvTable(id, await readFile(file, 'utf8'))
      } catch (error) {
        if (error instanceof SheetflowError) throw error
        throw new SheetflowError('app/usage', `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
          fix: 'Check the path.',
        })
      }
    }),
  )
}

function clock(): { readonly today: number; readonly time: number } {
  const now = new Date()
  const today = daysFromCivil(now.getUTCFullYear(), now.getUTCMonth() + 1, now.getUTCDate())
  return { today, time: (now.getTime() % 86_400_000) * 1000 }
}

function print(output: Output, grid: Grid, type: FormulaType | null, isArray: boolean): void {
  const write = textReader(type)
  const cells = Array.from({ length: grid.rows }, (_, row) => grid.row(row).map((cell) => shown(cell, write)))
  output.event(
    'value',
    { type: typeLabel(type), value: isArray ? cells : (cells[0]?.[0] ?? null) },
    cells.map((row) => row.join('\t')).join('\n'),
  )
  output.note(dim(isArray ? `array of ${grid.rows} × ${grid.columns}, ${typeLabel(type)}` : typeLabel(type)))
}

function shown(value: Value, write: (value: Value) => string | CellError): string {
  if (value instanceof CellError) return value.kind
  const text = write(value)
  return text instanceof CellError ? text.kind : text
}

function caret(text: string, start: number, end: number): string {
  return `  ${text}\n  ${' '.repeat(start)}${'^'.repeat(Math.max(1, end - start))}`
}
