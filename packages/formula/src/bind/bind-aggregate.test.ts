import { expect, it } from 'vitest'
import { calculate } from '../calculator/calculate.ts'
import type { PlainTable } from '../calculator/plain-table.ts'
import { toDecimal, isNumber } from '@sheetflow/core/number'

const HOUR = 3_600_000_000

const SHIFTS: PlainTable = {
  id: 'shifts',
  key: [0],
  columns: [
    { name: 'id', type: { type: 'int' }, nullable: false },
    { name: 'worked', type: { type: 'time' }, nullable: false },
  ],
  rows: [
    [1, 7.75 * HOUR],
    [2, 8 * HOUR],
  ],
}

it.each(['SUM', 'AVERAGE'])('%s of times says what to write instead, which works', (name) => {
  const input = { tables: [SHIFTS], row: SHIFTS, today: 0, timeZone: 'UTC' }
  expect(calculate(`=${name}(shifts[worked])`, input).diagnostics).toMatchObject([
    { code: 'formula/type', message: 'numbers are needed here, not time', fix: 'add a column with [@x]*24, the hours, and use that' },
  ])
  const { value } = calculate('=[@worked]*24', input)
  expect(isNumber(value) && toDecimal(value).toNumber()).toBe(7.75)
})
