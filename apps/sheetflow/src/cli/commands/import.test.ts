import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { excelFile, type TestCell } from '@sheetflow/workbook/testing/excel-book'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Output } from '../output.ts'
import { parseLine } from '../options.ts'
import { importExcel } from './import.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sheetflow-import-'))
})

afterEach(async () => {
  vi.restoreAllMocks()
  await rm(folder, { recursive: true })
})

async function book(name: string, rows: readonly (readonly TestCell[])[]): Promise<string> {
  const file = path.join(folder, name)
  await writeFile(file, await excelFile({ Orders: { rows } }))
  return file
}

/** Runs the command with --json: exit code and lines of stdout. */
async function run(...args: readonly string[]): Promise<{ readonly code: number; readonly lines: readonly unknown[] }> {
  let text = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk)
    return true
  })
  const code = await importExcel.run(parseLine([...args], importExcel.options), new Output({ json: true, verbose: false }))
  vi.restoreAllMocks()
  return {
    code,
    lines: text
      .trim()
      .split('\n')
      .map((one): unknown => JSON.parse(one)),
  }
}

/** Orders with the net in column B and a formula, with its result, in each row of column C. */
function orders(...gross: readonly TestCell[]): readonly (readonly TestCell[])[] {
  return [['Id', 'Net', 'Gross'], ...gross.map((cell, at): TestCell[] => [at + 1, (at + 1) * 10, cell])]
}

const ORDERS = orders(['=B2*2', 20], ['=B3*2', 40])

test('an Excel file becomes a workbook folder', async () => {
  const out = path.join(folder, 'workbooks')
  const { code, lines } = await run(await book('Spring 2026.xlsx', ORDERS), '--out', out)
  expect(code).toBe(0)
  expect(lines).toMatchObject([
    { workbook: 'spring_2026', sheets: [{ sheet: 'orders', rows: 2, formulas: 1, inline: true }], problems: [], leftOut: [] },
  ])
  expect(await readFile(path.join(out, 'spring_2026/orders.sheet.yaml'), 'utf8')).toContain('gross: =[@net] * 2')
  expect(await readFile(path.join(out, 'spring_2026/tables/orders.csv'), 'utf8')).toBe('id,net\n1,10\n2,20\n')
})

test('files that are there are not written over, unless asked for', async () => {
  const [file, out] = [await book('a.xlsx', ORDERS), path.join(folder, 'workbooks')]
  await run(file, '--out', out)
  await expect(run(file, '--out', out)).rejects.toMatchObject({ code: 'app/usage', fix: expect.stringContaining('--force') })
  expect((await run(file, '--out', out, '--force')).code).toBe(0)
})

test('what could not be translated is in the output, and the exit code says so', async () => {
  const { code, lines } = await run(await book('a.xlsx', orders(['=B1', 20], ['=B2', 40])), '--out', path.join(folder, 'w'))
  expect(code).toBe(1)
  expect(lines).toMatchObject([
    {
      problems: [
        { code: 'workbook/shape', sheet: 'Orders', cell: 'C2:C3', formula: '=B1', reason: expect.stringContaining('another row') },
      ],
    },
  ])
})

test('a file that is no workbook is refused and nothing is written', async () => {
  const file = path.join(folder, 'a.xlsx')
  await writeFile(file, 'a,b')
  await expect(run(file, '--out', path.join(folder, 'w'))).rejects.toMatchObject({ code: 'workbook/shape' })
  expect(existsSync(path.join(folder, 'w'))).toBe(false)
})

test('--check of one file gives one object, of a folder one for each file', async () => {
  const file = await book('a.xlsx', ORDERS)
  expect(await run(file, '--check')).toEqual({ code: 0, lines: [{ cells: 2, equal: 2, different: [], unsupported: [] }] })
  await book('b.xlsx', orders(['=B2*2', 21]))
  const { code, lines } = await run(folder, '--check')
  expect(code).toBe(1)
  expect(lines).toMatchObject([
    { file: 'a.xlsx', cells: 2, equal: 2 },
    { file: 'b.xlsx', cells: 1, equal: 0, different: [{ sheet: 'Orders', cell: 'C2', expected: '21', got: '20' }] },
  ])
})
