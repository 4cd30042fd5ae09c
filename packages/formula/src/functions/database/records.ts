import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import { fold } from '@sheetflow/core/fold'
import { isNumber, toDecimal } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import { criteriaMatch, splitCriterion, withSerial } from '../../criteria.ts'
import { VALUE } from '../../value/cell-errors.ts'
import { generalNumber } from '../../value/general-text.ts'
import type { Grid } from '../../value/grid.ts'
import { serialFromText } from '../../value/number-text.ts'
import { wildcardTest } from '../../wildcard.ts'

/**
 * An array with names in its first row, as Excel's database functions read it, and criteria beside each other (all must hold) and below each other (one row
 * of them must).
 */

type Test = (cell: Value) => boolean

/** The column of a field: by its name, letter case aside, or its number from 1. */
export function columnOf(database: Grid, field: Value): number | CellError {
  if (isCellError(field)) return field
  if (isNumber(field)) {
    const number = Math.trunc(toDecimal(field).toNumber())
    return number >= 1 && number <= database.columns ? number - 1 : VALUE
  }
  const at = typeof field === 'string' ? columnNamed(database, field) : -1
  return at < 0 ? VALUE : at
}

function columnNamed(database: Grid, label: Value): number {
  const wanted = labelOf(label)
  return wanted === '' ? -1 : database.row(0).findIndex((cell) => labelOf(cell) === wanted)
}

function labelOf(cell: Value): string {
  if (typeof cell === 'string') return fold(cell)
  return isNumber(cell) ? generalNumber(cell) : ''
}

/** The rows that meet the criteria, without the names; an error where the criteria hold one. */
export function recordsOf(database: Grid, criteria: Grid): readonly (readonly Value[])[] | CellError {
  const alternatives: ((record: readonly Value[]) => boolean)[] = []
  for (let row = 1; row < criteria.rows; row++) {
    const tests: ((record: readonly Value[]) => boolean)[] = []
    for (let column = 0; column < criteria.columns; column++) {
      const value = criteria.at(row, column)
      if (isCellError(value)) return value
      if (value === null || value === '') continue
      tests.push(conditionOn(columnNamed(database, criteria.at(0, column)), value))
    }
    alternatives.push((record) => tests.every((test) => test(record)))
  }
  const records = Array.from({ length: database.rows - 1 }, (_, index) => database.row(index + 1))
  return records.filter((record) => alternatives.some((holds) => holds(record)))
}

/** A criterion under a name that no column has is a condition by itself. */
function conditionOn(column: number, value: Value): (record: readonly Value[]) => boolean {
  if (column < 0) return () => value === true || (isNumber(value) && !toDecimal(value).isZero())
  const test = testOf(value)
  return (record) => test(record[column] ?? null)
}

/** As SUMIFS reads criteria, but a text without an operator that is no number, date or time is what values begin with. */
function testOf(value: Value): Test {
  const begins = typeof value === 'string' && splitCriterion(value).op === null && serialFromText(value) === null && !isWord(value)
  if (!begins) return criteriaMatch('criterion', withSerial(value))
  const matches = wildcardTest(`${fold(value)}*`)
  return (cell) => typeof cell === 'string' && matches(fold(cell))
}

function isWord(text: string): boolean {
  return /^(?:true|false|#.*)$/i.test(text)
}
