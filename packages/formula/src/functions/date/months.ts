import { civilFromDays, daysFromCivil, serialFromDays } from '@sheetflow/core/calendar'
import type { DateValue, Timestamp } from '@sheetflow/core/value'
import { basisOf, days360European, yearFraction } from '../../numeric/day-count.ts'
import { addMonths, isMonthEnd, monthEnd } from '../../numeric/months.ts'
import { NUM } from '../../value/cell-errors.ts'
import { isDay } from '../../value/readers.ts'
import { realForm } from '../../value/real.ts'
import type { Example, FunctionDefinition } from '../definition.ts'
import { always, real } from '../results.ts'
import { toolpak } from '../toolpak.ts'

const START = { name: 'start_date', kind: 'moment' } as const
const END = { name: 'end_date', kind: 'moment' } as const
/** The months that all dates lie within. */
const MONTHS_LIMIT = 120_000

/** EDATE and EOMONTH: a day some months away. */
function months(
  name: string,
  help: string,
  move: (day: DateValue, by: number) => DateValue,
  examples: readonly Example[],
): FunctionDefinition {
  return toolpak({
    name,
    category: 'date',
    help,
    params: [START, { name: 'months', kind: 'integer' }],
    result: always('date'),
    evaluation: {
      mode: 'strict',
      make: () => (start: Timestamp, by: number) => {
        if (Math.abs(by) > MONTHS_LIMIT) return NUM
        const day = move(start.days, by)
        return isDay(day) ? day : NUM
      },
    },
    volatility: 'pure',
    examples,
  })
}

const DAYS: FunctionDefinition = {
  name: 'DAYS',
  category: 'date',
  help: 'The number of days from one date to another.',
  params: [END, START],
  result: always('int'),
  evaluation: {
    mode: 'strict',
    make: () => (end: Timestamp, start: Timestamp) => serialFromDays(end.days) - serialFromDays(start.days),
  },
  volatility: 'pure',
  examples: [
    { formula: '=DAYS("2011-03-15", "2011-02-01")', result: '42' },
    { formula: '=DAYS([@date], DATE(2026,12,24))', result: '-31' },
    { formula: '=DAYS([@blank], 10)', result: '-10' },
    { formula: '=DAYS("soon", 10)', result: '#VALUE!' },
  ],
}

/** The US method of DAYS360: unlike that of YEARFRAC, the last of February is never the 30th at the end. */
function days360(from: DateValue, to: DateValue): number {
  const [start, end] = [civilFromDays(from), civilFromDays(to)]
  const startDay = start.day === 31 || (start.month === 2 && isMonthEnd(from)) ? 30 : start.day
  const endDay = end.day === 31 && startDay === 30 ? 30 : end.day
  return (end.year - start.year) * 360 + (end.month - start.month) * 30 + endDay - startDay
}

const DAYS360: FunctionDefinition = {
  name: 'DAYS360',
  category: 'date',
  help: 'The number of days between two dates in a year of twelve months of 30 days, by the US or the European method.',
  params: [START, END, { name: 'european', kind: 'bool', optional: true, fallback: false }],
  result: always('int'),
  evaluation: {
    mode: 'strict',
    make: () => (start: Timestamp, end: Timestamp, european: boolean) =>
      european ? days360European(start.days, end.days) : days360(start.days, end.days),
  },
  volatility: 'pure',
  examples: [
    { formula: '=DAYS360("2011-01-01", "2011-12-31")', result: '360' },
    { formula: '=DAYS360("2011-01-01", "2011-12-31", TRUE)', result: '359' },
    { formula: '=DAYS360("2011-01-30", "2011-02-01", [@blank])', result: '1' },
    { formula: '=DAYS360("2011-01-30", "soon")', result: '#VALUE!' },
  ],
}

/** DATEDIF by its unit; Excel's answers for "md" may be negative. */
const DIFFERENCES: Readonly<Record<string, (start: DateValue, end: DateValue) => number>> = {
  D: (start, end) => serialFromDays(end) - serialFromDays(start),
  M: wholeMonths,
  Y: (start, end) => Math.floor(wholeMonths(start, end) / 12),
  YM: (start, end) => wholeMonths(start, end) % 12,
  MD: (start, end) => {
    const days = civilFromDays(end).day - civilFromDays(start).day
    return days < 0 ? days + civilFromDays(monthEnd(end, -1)).day : days
  },
  YD: (start, end) => {
    const { year } = civilFromDays(start)
    const { month, day } = civilFromDays(end)
    const moved = daysFromCivil(year, month, day)
    return (moved < start ? daysFromCivil(year + 1, month, day) : moved) - start
  },
}

function wholeMonths(start: DateValue, end: DateValue): number {
  const [from, to] = [civilFromDays(start), civilFromDays(end)]
  return (to.year - from.year) * 12 + to.month - from.month - (to.day < from.day ? 1 : 0)
}

const DATEDIF: FunctionDefinition = {
  name: 'DATEDIF',
  category: 'date',
  help: 'Whole years "Y", months "M" or days "D" between dates; "YM" months beyond years, "MD" days beyond months, "YD" days beyond years.',
  params: [START, END, { name: 'unit', kind: 'text' }],
  result: always('int'),
  evaluation: {
    mode: 'strict',
    make: () => (start: Timestamp, end: Timestamp, unit: string) => {
      const name = unit.toUpperCase()
      const between = Object.hasOwn(DIFFERENCES, name) ? DIFFERENCES[name] : undefined
      return between === undefined || start.days > end.days ? NUM : between(start.days, end.days)
    },
  },
  volatility: 'pure',
  examples: [
    { formula: '=DATEDIF("2001-01-01", "2003-01-01", "Y")', result: '2' },
    { formula: '=DATEDIF("2001-06-01", "2002-08-15", "D")', result: '440' },
    { formula: '=DATEDIF("2001-06-01", "2002-08-15", "yd")', result: '75' },
    { formula: '=DATEDIF([@blank], 366, "Y")', result: '1' },
    { formula: '=DATEDIF("2003-01-01", "2001-01-01", "Y")', result: '#NUM!' },
  ],
}

const YEARFRAC: FunctionDefinition = {
  name: 'YEARFRAC',
  category: 'date',
  help: 'Years between two dates, days counted US 30/360 (0), actual (1), actual/360 (2), actual/365 (3) or European 30/360 (4).',
  params: [START, END, { name: 'basis', kind: 'integer', optional: true, fallback: 0 }],
  result: real,
  evaluation: {
    mode: 'strict',
    make: ({ result }) => {
      const form = realForm(result)
      return (start: Timestamp, end: Timestamp, basis: number) => {
        const convention = basisOf(basis)
        return convention === null ? NUM : form(yearFraction(start.days, end.days, convention))
      }
    },
  },
  volatility: 'pure',
  examples: [
    { formula: '=ROUND(YEARFRAC("2012-01-01", "2012-07-30", 0), 8)', result: '0.58055556' },
    { formula: '=ROUND(YEARFRAC("2012-01-01", "2012-07-30", 1), 8)', result: '0.57650273' },
    { formula: '=YEARFRAC("2012-01-01", "2013-01-01", [@blank])', result: '1' },
    { formula: '=YEARFRAC("2012-01-01", "2013-01-01", 5)', result: '#NUM!' },
  ],
}

/** Months, years and days between. */
export const MONTHS: readonly FunctionDefinition[] = [
  months('EDATE', 'The same day of a month so many months later; the last one where the month is shorter.', addMonths, [
    { formula: '=EDATE("2011-01-15", 1)', result: 'DATE(2011,2,15)' },
    { formula: '=EDATE("2011-01-31", 1.9)', result: 'DATE(2011,2,28)' },
    { formula: '=EDATE([@date], [@blank])', result: '[@date]' },
    { formula: '=EDATE("9999-12-31", 1)', result: '#NUM!' },
  ]),
  months('EOMONTH', 'The last day of the month so many months later.', monthEnd, [
    { formula: '=EOMONTH("2011-01-15", 1)', result: 'DATE(2011,2,28)' },
    { formula: '=EOMONTH([@date], -9)', result: 'DATE(2026,2,28)' },
    { formula: '=EOMONTH([@date], [@blank])', result: 'DATE(2026,11,30)' },
    { formula: '=EOMONTH("9999-12-31", 1)', result: '#NUM!' },
  ]),
  DAYS,
  DAYS360,
  DATEDIF,
  toolpak(YEARFRAC),
]
