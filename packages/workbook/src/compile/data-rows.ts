import { isSeq, type Node } from 'yaml'
import { valuesKey } from '@sheetflow/core/key'
import type { Value } from '@sheetflow/core/value'
import { didYouMean } from '@sheetflow/formula/suggest'
import type { BoundRows } from '@sheetflow/formula/bound'
import type { Findings } from '../diagnostic.ts'
import type { PlacedName, SheetFile } from '../file/sheet-file.ts'
import { isBlank, itemsOf, placeOf, scalarText } from '../file/yaml-file.ts'
import type { SheetColumn } from './columns.ts'
import { readTyped } from './literal.ts'
import { equalNames } from './table-scope.ts'
import { parseTypeName, TYPE_NAMES } from './type-name.ts'

/** Rows that are written in a sheet's file. */
interface DataRows {
  readonly bound: BoundRows & { readonly kind: 'data' }
  readonly input: readonly SheetColumn[]
  readonly relation: null
  readonly key: readonly number[]
}

/** Reads `key`, `types` and `data` of a sheet that people type into; null after an error in key or types. */
export function readDataRows(file: SheetFile, findings: Findings): DataRows | null {
  const input = readColumns(file, findings)
  checkTwice(file.types, 'column', findings)
  checkTwice(file.key, 'key column', findings)
  const key = file.key.map(({ name, at }) => {
    const index = input.findIndex((column) => column.name === name)
    if (index < 0) findings.error('workbook/shape', at, `the key column "${name}" has no type`, { fix: `add it to types: {${name}: text}` })
    return index
  })
  if (file.key.length === 0)
    findings.error('workbook/shape', file.at, 'a sheet with data needs a key', { fix: `add "key: ${input[0]?.name ?? 'name'}"` })
  if (input.length === 0 || key.length === 0 || key.includes(-1)) return null
  const columns = input.map((column, index) => ({ ...column, nullable: !key.includes(index) }))
  const rows = readRows(file, columns, key, findings)
  return { bound: { kind: 'data', rows }, input: columns, relation: null, key }
}

/** Names are equal but for letter case, as in formulas. */
function checkTwice(names: readonly PlacedName[], what: string, findings: Findings): void {
  for (const [index, { name, at }] of names.entries()) {
    const other = names.slice(0, index).find((one) => equalNames(one.name, name))
    if (other === undefined) continue
    const why = other.name === name ? {} : { why: `"${other.name}" is another one only by its letter case` }
    findings.error('workbook/name', at, `the ${what} "${name}" is there twice`, { ...why, fix: 'rename one of them, or take it out' })
  }
}

function readColumns(file: SheetFile, findings: Findings): SheetColumn[] {
  return file.types.flatMap(({ name, text, textAt }) => {
    const type = parseTypeName(text)
    if (type !== null) return [{ name, type, nullable: true, formula: null }]
    findings.error('workbook/shape', textAt, `"${text}" is no type`, {
      fix: didYouMean(text, TYPE_NAMES) ?? `the types are ${TYPE_NAMES.join(' ')}`,
    })
    return []
  })
}

function readRows(file: SheetFile, columns: readonly SheetColumn[], key: readonly number[], findings: Findings): Value[][] {
  const [header, ...lines] = itemsOf(file.data)
  if (header === undefined) return []
  const order = readHeader(file, header, columns, findings)
  const seen = new Set<string>()
  const rows: Value[][] = []
  for (const line of lines) {
    const row = readRow(file, line, order, columns, findings)
    const values = key.map((index) => row[index] ?? null)
    const text = valuesKey(values)
    if (values.includes(null)) findings.error('workbook/shape', placeOf(file.file, line), 'a key value is missing', { fix: 'fill it in' })
    else if (seen.has(text))
      findings.error('workbook/shape', placeOf(file.file, line), 'this key is there twice', { fix: 'remove one of the rows' })
    seen.add(text)
    rows.push(row)
  }
  return rows
}

/** Index of the column that stands at each place; −1 for one that is not known. */
function readHeader(file: SheetFile, header: Node, columns: readonly SheetColumn[], findings: Findings): number[] {
  const seen = new Set<number>()
  return itemsOf(header).map((node) => {
    const name = scalarText(node) ?? ''
    const index = columns.findIndex((column) => column.name === name)
    if (seen.has(index) && index >= 0)
      findings.error('workbook/name', placeOf(file.file, node), `the column "${name}" is there twice`, {
        fix: 'leave one out, with its values',
      })
    seen.add(index)
    if (index < 0)
      findings.error('workbook/shape', placeOf(file.file, node), `"${name}" has no type`, {
        fix:
          didYouMean(
            name,
            columns.map((one) => one.name),
          ) ?? `add it to types: {${name}: text}`,
      })
    return index
  })
}

function readRow(file: SheetFile, line: Node, order: readonly number[], columns: readonly SheetColumn[], findings: Findings): Value[] {
  const row: Value[] = columns.map(() => null)
  const cells = itemsOf(line)
  if (!isSeq(line) || cells.length > order.length) {
    findings.error('workbook/shape', placeOf(file.file, line), `a row has ${order.length} values, this one ${cells.length}`, {
      fix: 'the first line names the columns',
    })
    return row
  }
  for (const [place, node] of cells.entries()) {
    const index = order[place] ?? -1
    const column = columns[index]
    if (column === undefined || isBlank(node)) continue
    const value = readTyped(column.type, scalarText(node) ?? '')
    if (value === undefined)
      findings.error('workbook/shape', placeOf(file.file, node), `"${scalarText(node) ?? ''}" is no ${column.type.type}`, {
        fix: `"${column.name}" is declared as ${column.type.type} under types`,
      })
    else row[index] = value
  }
  return row
}
