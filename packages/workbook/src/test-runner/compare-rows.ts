import { compareJson } from '@sheetflow/core/compare'
import { toJson } from '@sheetflow/core/json-codec'
import type { JsonValue } from '@sheetflow/core/value'
import type { BoundSheet } from '@sheetflow/formula/bound'
import { readTyped } from '../compile/literal.ts'
import type { ExpectedCell, Expectation } from './read-tests.ts'

type ActualRow = Readonly<Record<string, JsonValue>>

/**
 * The differences between the rows of a sheet and what a test expects, as lines a person reads; empty: none. The expected rows are all rows,
 * in any order, compared on the columns that are written.
 */
export function compareRows(sheet: BoundSheet, expected: Expectation, actual: readonly ActualRow[]): string[] {
  const unknown = unknownColumns(sheet, expected)
  if (unknown.length > 0) return unknown.map((name) => `the sheet has no column "${name}"`)
  const left = [...actual]
  const missing = expected.rows.filter((row) => {
    const index = left.findIndex((one) => row.cells.every((cell) => meets(sheet, cell, one)))
    if (index >= 0) left.splice(index, 1)
    return index < 0
  })
  const lines: string[] = []
  for (const row of missing) {
    const near = nearest(sheet, row.cells, left)
    if (near === null) lines.push(`- ${written(row.cells)}`)
    else {
      left.splice(left.indexOf(near), 1)
      lines.push(...differences(sheet, row.cells, near))
    }
  }
  const shown = expected.rows[0]?.cells.map((cell) => cell.column) ?? sheet.schema.columns.map((column) => column.name)
  for (const row of left) lines.push(`+ ${shown.map((column) => `${column}: ${shownValue(row[column] ?? null)}`).join(', ')}`)
  return lines
}

function unknownColumns(sheet: BoundSheet, expected: Expectation): string[] {
  const known = new Set(sheet.columns.map((column) => column.name))
  return [...new Set(expected.rows.flatMap((row) => row.cells.map((cell) => cell.column)))].filter((name) => !known.has(name))
}

/** Is the value of that column what is written? Errors are written as they look: `#N/A`. */
function meets(sheet: BoundSheet, { column, text }: ExpectedCell, row: ActualRow): boolean {
  const value = row[column] ?? null
  if (text === null) return value === null
  if (typeof value === 'object' && value !== null && 'e' in value) return value.e === text
  // The last column of a name is the computed one; an input column that it hides has the same name.
  const type = sheet.columns.findLast((one) => one.name === column)?.type
  const wanted = type === undefined ? undefined : readTyped(type.type === 'decimal' ? { type: 'decimal' } : type, text)
  if (type === undefined || wanted === undefined || value === null) return false
  return compareJson(type, toJson(type.type === 'decimal' ? { type: 'decimal' } : type, wanted), value) === 0
}

/** A row with the same key, if the key is written. */
function nearest(sheet: BoundSheet, cells: readonly ExpectedCell[], rows: readonly ActualRow[]): ActualRow | null {
  const keys = cells.filter((cell) => sheet.schema.key.includes(cell.column))
  if (keys.length < sheet.schema.key.length) return null
  return rows.find((row) => keys.every((cell) => meets(sheet, cell, row))) ?? null
}

function differences(sheet: BoundSheet, cells: readonly ExpectedCell[], row: ActualRow): string[] {
  const key = sheet.schema.key.map((name) => `${name}: ${shownValue(row[name] ?? null)}`).join(', ')
  return cells
    .filter((cell) => !meets(sheet, cell, row))
    .map(
      (cell) =>
        `~ ${key === '' ? '' : `${key}, `}${cell.column}: expected ${cell.text ?? 'Blank'}, is ${shownValue(row[cell.column] ?? null)}`,
    )
}

function written(cells: readonly ExpectedCell[]): string {
  return cells.map((cell) => `${cell.column}: ${cell.text ?? 'Blank'}`).join(', ')
}

function shownValue(value: JsonValue): string {
  if (value === null) return 'Blank'
  if (typeof value === 'object' && 'e' in value) return value.e
  return typeof value === 'string' ? value : JSON.stringify(value)
}
