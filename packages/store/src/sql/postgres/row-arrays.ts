import type { ColumnRecord } from '../seen-columns.ts'
import { wordsOf } from '../search-words.ts'
import { isSpecial, cellOf, keptText, wellFormed } from './cell.ts'
import type { KeyJson, RowJson } from '@sheetflow/core/message'
import type { JsonValue } from '@sheetflow/core/value'
import type { Lane } from './lane.ts'
import { isBeyond } from './number-cell.ts'
import type { ViewTable } from './view-table.ts'

/** Rows as one array literal per stored column, to be bound and unnested: as many rows as one likes in one statement. */

/** Cells of these columns of the view, in the order of `ViewTable.columnsOf`; a row holds no unchanged cell there. */
export function cellArrays(table: ViewTable, positions: readonly number[], rows: readonly RowJson[]): string[] {
  const arrays: string[] = []
  for (const i of positions) {
    const lane = table.lane(i)
    arrays.push(lane.column === 'numeric' ? numberArray(lane, rows, i) : textArray(rows.map((row) => cellOf(lane, row[i] ?? null))))
    if (lane.kept !== null) arrays.push(textArray(rows.map((row) => keptText(lane, row[i] ?? null))))
    if (table.searched.includes(i)) arrays.push(textArray(rows.map((row) => searchVector(row[i] ?? null))))
  }
  return arrays
}

/** Cells of keys, one array per key column. */
export function keyArrays(table: ViewTable, keys: readonly KeyJson[]): string[] {
  return table.key.map((position, n) => {
    const lane = table.lane(position)
    return lane.column === 'numeric' ? numberArray(lane, keys, n) : textArray(keys.map((key) => cellOf(lane, key[n] ?? null)))
  })
}

/** The `x` of each row: the JSON of those of its cells that are errors, big values, or numbers that no cell can print. `apart` is told of their columns. */
export function specialArray(table: ViewTable, rows: readonly RowJson[], apart: ColumnRecord): string {
  return textArray(rows.map((row) => specials(table, row, apart)))
}

export function searchQuery(text: string): string | null {
  const words = foldedWords(text)
  return words.length === 0 ? null : `${words.map((word) => `'${word}'`).join(' & ')}:*`
}

/** What a number that no cell can print is longer than. */
const LONG_LETTERS = 10_000
/** `jsonb` knows no U+0000 and no half of a pair of surrogates. */
const NOT_IN_JSONB = /\\u(0000|d[89a-f])/

function specials(table: ViewTable, row: RowJson, apart: ColumnRecord): string | null {
  let found: Record<string, JsonValue> | null = null
  for (let i = 0; i < row.length; i++) {
    const json = row[i] ?? null
    const isKept =
      typeof json === 'object' ? isSpecial(json) : typeof json === 'string' && json.length > LONG_LETTERS && isLongNumber(table, i, json)
    if (!isKept) continue
    apart.add(i)
    found ??= {}
    found[`c${i}`] = json
  }
  if (found === null) return null
  const text = JSON.stringify(found)
  return NOT_IN_JSONB.test(text) ? JSON.stringify(found, (_, part: unknown) => (typeof part === 'string' ? wellFormed(part) : part)) : text
}

function isLongNumber(table: ViewTable, column: number, json: string): boolean {
  return table.lane(column).name === 'number' && isBeyond(json)
}

/** Bounds of Postgres: a word has up to 2 kB, all of them 1 MB, and places are counted up to 16,383. */
const WORD_LETTERS = 200
const VECTOR_LETTERS = 250_000
const MAX_PLACE = 16_383

/** The words of a text with their places; NULL for what is no text. */
function searchVector(json: JsonValue): string | null {
  if (typeof json !== 'string' && typeof json !== 'number') return null
  let vector = ''
  for (const [i, word] of foldedWords(String(json)).entries()) {
    vector += `'${word}':${Math.min(i + 1, MAX_PLACE)} `
    if (vector.length > VECTOR_LETTERS) break
  }
  return vector
}

/** Case and accents do not count. Words are letters and digits, so they need nothing but quotes. */
function foldedWords(text: string): readonly string[] {
  return wordsOf(text)
    .map((word) =>
      word
        .normalize('NFD')
        .replaceAll(/\p{M}+/gu, '')
        .toLowerCase()
        .slice(0, WORD_LETTERS),
    )
    .filter((word) => word !== '')
}

/** Digits need no quotes. */
function numberArray(lane: Lane, rows: readonly (readonly JsonValue[])[], at: number): string {
  let array = '{'
  for (const row of rows) array += array.length === 1 ? cellOf(lane, row[at] ?? null) : `,${cellOf(lane, row[at] ?? null)}`
  return `${array}}`
}

const NEEDS_ESCAPE = /["\\\0]/

function textArray(texts: readonly (string | null)[]): string {
  let array = '{'
  for (let i = 0; i < texts.length; i++) {
    const text = texts[i] ?? null
    if (i > 0) array += ','
    array += text === null ? 'NULL' : `"${NEEDS_ESCAPE.test(text) ? escaped(text) : text}"`
  }
  return `${array}}`
}

/** U+0000 and halves of pairs should have been replaced where they came in (FORMATS 1); here they would end all writing. */
function escaped(text: string): string {
  return wellFormed(text.replaceAll(/["\\]/g, (sign) => `\\${sign}`))
}
