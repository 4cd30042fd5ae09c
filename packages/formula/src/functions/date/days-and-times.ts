import { civilFromDays, daysFromCivil } from '@sheetflow/core/calendar'
import type { Timestamp } from '@sheetflow/core/value'
import { NUM } from '../../value/cell-errors.ts'
import { isDay } from '../../value/readers.ts'
import type { FunctionDefinition } from '../definition.ts'
import { always } from '../results.ts'

const DATE: FunctionDefinition = {
  name: 'DATE',
  category: 'date',
  help: 'The day of a year, month and day; months and days beyond their range carry over. Years below 1900 count from 1900.',
  params: [
    { name: 'year', kind: 'integer' },
    { name: 'month', kind: 'integer' },
    { name: 'day', kind: 'integer' },
  ],
  result: always('date'),
  evaluation: {
    mode: 'strict',
    make: () => (year: number, month: number, day: number) => {
      if (year < 0 || year > 9999 || Math.abs(month) > 200_000 || Math.abs(day) > 4_000_000) return NUM
      const days = daysFromCivil(year < 1900 ? year + 1900 : year, month, day)
      return isDay(days) ? days : NUM
    },
  },
  volatility: 'pure',
  examples: [
    { formula: '=DATE(2026, 11, 23)', result: 'DATE(2026,11,23)' },
    { formula: '=DATE(2026, 14, 1)', result: 'DATE(2027,2,1)' },
    { formula: '=DATE(2026, 3, [@blank])', result: 'DATE(2026,2,28)' },
    { formula: '=DATE(-1, 1, 1)', result: '#NUM!' },
  ],
}

/** YEAR, MONTH, DAY: a part of a moment's day. */
function part(
  name: string,
  help: string,
  read: (moment: Timestamp) => number,
  examples: FunctionDefinition['examples'],
): FunctionDefinition {
  return {
    name,
    category: 'date',
    help,
    params: [{ name: 'date', kind: 'moment' }],
    result: always('int'),
    evaluation: { mode: 'strict', make: () => read },
    volatility: 'pure',
    examples,
  }
}

const TODAY: FunctionDefinition = {
  name: 'TODAY',
  category: 'date',
  help: "The current day in the workbook's time zone; changes at midnight.",
  params: [],
  result: always('date'),
  evaluation: { mode: 'bound' },
  volatility: 'day',
  examples: [
    { formula: '=TODAY()', result: 'DATE(2026,11,23)' },
    { formula: '=TODAY()-[@date]', result: '0' },
    { formula: '=TODAY()+[@blank]', result: 'DATE(2026,11,23)' },
    { formula: '=TODAY()+#N/A', result: '#N/A' },
  ],
}

const NOW: FunctionDefinition = {
  name: 'NOW',
  category: 'date',
  help: "The current minute in the workbook's time zone; changes each minute.",
  params: [],
  result: always('timestamp'),
  evaluation: { mode: 'bound' },
  volatility: 'minute',
  examples: [
    { formula: '=TEXT(NOW(), "yyyy-mm-dd hh:mm")', result: '"2026-11-23 10:30"' },
    { formula: '=HOUR(NOW())+[@blank]', result: '10' },
    { formula: '=NOW()>[@date]', result: 'TRUE' },
    { formula: '=NOW()+#N/A', result: '#N/A' },
  ],
}

/** The second of the day, rounded as Excel does: at 10:59:59.5 it is 11 o'clock. */
function secondOfDay({ micros }: Timestamp): number {
  return Math.round(micros / 1_000_000) % 86_400
}

/** Days, times and the clock. */
export const DATES: readonly FunctionDefinition[] = [
  DATE,
  TODAY,
  NOW,
  part('YEAR', 'The year of a date.', ({ days }) => civilFromDays(days).year, [
    { formula: '=YEAR([@date])', result: '2026' },
    { formula: '=YEAR("2026-11-23")', result: '2026' },
    { formula: '=YEAR([@blank])', result: '1899' },
    { formula: '=YEAR("soon")', result: '#VALUE!' },
  ]),
  part('MONTH', 'The month of a date, 1 to 12.', ({ days }) => civilFromDays(days).month, [
    { formula: '=MONTH([@date])', result: '11' },
    { formula: '=MONTH([@blank])', result: '12' },
    { formula: '=MONTH("soon")', result: '#VALUE!' },
  ]),
  part('DAY', 'The day of the month, 1 to 31.', ({ days }) => civilFromDays(days).day, [
    { formula: '=DAY([@date])', result: '23' },
    { formula: '=DAY([@blank])', result: '31' },
    { formula: '=DAY(-1)', result: '#NUM!' },
  ]),
  part('HOUR', 'The hour of a time, 0 to 23.', (moment) => Math.floor(secondOfDay(moment) / 3600), [
    { formula: '=HOUR([@at])', result: '10' },
    { formula: '=HOUR([@blank])', result: '0' },
    { formula: '=HOUR("soon")', result: '#VALUE!' },
  ]),
  part('MINUTE', 'The minute of a time, 0 to 59.', (moment) => Math.floor(secondOfDay(moment) / 60) % 60, [
    { formula: '=MINUTE([@at])', result: '30' },
    { formula: '=MINUTE([@blank])', result: '0' },
    { formula: '=MINUTE("soon")', result: '#VALUE!' },
  ]),
  part('SECOND', 'The second of a time, 0 to 59.', (moment) => secondOfDay(moment) % 60, [
    { formula: '=SECOND([@at])', result: '15' },
    { formula: '=SECOND([@blank])', result: '0' },
    { formula: '=SECOND("soon")', result: '#VALUE!' },
  ]),
]
