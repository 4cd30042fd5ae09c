import type { DateValue, Timestamp } from '@sheetflow/core/value'
import { excelWeekday, isoWeek, weekOfYear } from '../../numeric/weekday.ts'
import { NUM } from '../../value/cell-errors.ts'
import type { FunctionDefinition } from '../definition.ts'
import { always } from '../results.ts'
import { toolpak } from '../toolpak.ts'

const DATE = { name: 'date', kind: 'moment' } as const
const TYPE = { name: 'type', kind: 'integer', optional: true, fallback: 1 } as const

/** The day with which weeks begin, 0 Sunday, by the number of a type from 11 (Monday) to 17 (Sunday), 1 (Sunday) or 2 (Monday). Null: there is no such type. */
function firstDayOf(type: number): number | null {
  if (type === 1) return 0
  if (type === 2) return 1
  return type >= 11 && type <= 17 ? (type - 10) % 7 : null
}

/** The day of the week, numbered as the type says; null: there is no such type. */
function weekday(day: DateValue, type: number): number | null {
  if (type === 3) return (excelWeekday(day) + 6) % 7
  const first = firstDayOf(type)
  return first === null ? null : ((excelWeekday(day) - first + 7) % 7) + 1
}

const WEEKDAY: FunctionDefinition = {
  name: 'WEEKDAY',
  category: 'date',
  help: 'The day of the week: 1 Sunday to 7 Saturday; with type 2 from Monday 1, with 3 from Monday 0, with 11 to 17 from Monday … Sunday 1.',
  params: [DATE, TYPE],
  result: always('int'),
  evaluation: { mode: 'strict', make: () => (date: Timestamp, type: number) => weekday(date.days, type) ?? NUM },
  volatility: 'pure',
  examples: [
    { formula: '=WEEKDAY("2008-02-14")', result: '5' },
    { formula: '=WEEKDAY("2008-02-14", 2)', result: '4' },
    { formula: '=WEEKDAY("2008-02-14", 3)', result: '3' },
    { formula: '=WEEKDAY([@blank])', result: '7' },
    { formula: '=WEEKDAY([@date], 4)', result: '#NUM!' },
  ],
}

const WEEKNUM: FunctionDefinition = {
  name: 'WEEKNUM',
  category: 'date',
  help: 'The number of the week in its year, week 1 having 1 January; from Sunday on (type 1), Monday (2), Monday … Sunday (11 to 17); ISO 8601 (21).',
  params: [DATE, TYPE],
  result: always('int'),
  evaluation: {
    mode: 'strict',
    make: () => (date: Timestamp, type: number) => {
      if (type === 21) return isoWeek(date.days)
      const first = firstDayOf(type)
      return first === null ? NUM : weekOfYear(date.days, first)
    },
  },
  volatility: 'pure',
  examples: [
    { formula: '=WEEKNUM("2012-03-09")', result: '10' },
    { formula: '=WEEKNUM("2012-03-09", 2)', result: '11' },
    { formula: '=WEEKNUM("2012-01-01", 21)', result: '52' },
    { formula: '=WEEKNUM([@date], [@blank])', result: '#NUM!' },
  ],
}

const ISOWEEKNUM: FunctionDefinition = {
  name: 'ISOWEEKNUM',
  category: 'date',
  help: 'The number of the week by ISO 8601: from Monday on, week 1 having the first Thursday of the year.',
  params: [DATE],
  result: always('int'),
  evaluation: { mode: 'strict', make: () => (date: Timestamp) => isoWeek(date.days) },
  volatility: 'pure',
  examples: [
    { formula: '=ISOWEEKNUM("2012-03-09")', result: '10' },
    { formula: '=ISOWEEKNUM("2021-01-01")', result: '53' },
    { formula: '=ISOWEEKNUM([@blank])', result: '52' },
    { formula: '=ISOWEEKNUM("soon")', result: '#VALUE!' },
  ],
}

/** Days of the week and weeks of the year. */
export const WEEKS: readonly FunctionDefinition[] = [WEEKDAY, toolpak(WEEKNUM), ISOWEEKNUM]
