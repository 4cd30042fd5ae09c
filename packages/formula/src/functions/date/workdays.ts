import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import { isNumber, toDecimal } from '@sheetflow/core/number'
import type { DateValue, Timestamp, Value } from '@sheetflow/core/value'
import { countWorkdays, moveWorkdays, type Weekend } from '../../numeric/workdays.ts'
import { NUM, VALUE } from '../../value/cell-errors.ts'
import { momentFromText } from '../../value/number-text.ts'
import { isDay, momentOfSerial } from '../../value/readers.ts'
import type { Example, FunctionDefinition, Parameter } from '../definition.ts'
import { always } from '../results.ts'
import { toolpak } from '../toolpak.ts'

const START: Parameter = { name: 'start_date', kind: 'moment' }
const END: Parameter = { name: 'end_date', kind: 'moment' }
const BY: Parameter = { name: 'days', kind: 'integer' }
const WEEKEND: Parameter = { name: 'weekend', kind: 'value', optional: true }
const HOLIDAYS: Parameter = { name: 'holidays', kind: 'values', optional: true }
/** More days than there are between the years 1 and 9999. */
const DAYS_LIMIT = 4_000_000

const SATURDAY_AND_SUNDAY: Weekend = [true, false, false, false, false, false, true]

/** A weekend by its number: 1 to 7 are two days, Saturday and Sunday first; 11 to 17 one day, Sunday first. */
function numberedWeekend(number: number): Weekend | CellError {
  const isFree = (day: number): boolean => day === (number + 5) % 7 || day === (number + 6) % 7
  if (number >= 1 && number <= 7) return SATURDAY_AND_SUNDAY.map((_, day) => isFree(day))
  return number >= 11 && number <= 17 ? SATURDAY_AND_SUNDAY.map((_, day) => day === number - 11) : NUM
}

/** A weekend as Excel writes one: a number, or a text of seven digits from Monday on, 1 for a free day. Blank is Saturday and Sunday. */
function weekendOf(value: Value): Weekend | CellError {
  if (value === null) return SATURDAY_AND_SUNDAY
  if (isNumber(value)) return numberedWeekend(Math.trunc(toDecimal(value).toNumber()))
  if (typeof value !== 'string' || !/^[01]{7}$/.test(value)) return VALUE
  const days = Array.from(value, (digit) => digit === '1')
  return [days[6] === true, ...days.slice(0, 6)]
}

/** The days that are listed as dates, serial numbers or texts; Blank is none. */
function holidaysOf(values: readonly Value[] | null): readonly DateValue[] | CellError {
  const days: DateValue[] = []
  for (const value of values ?? []) {
    if (value === null) continue
    const moment = isNumber(value) ? momentOfSerial(toDecimal(value)) : typeof value === 'string' ? momentFromText(value) : value
    if (isCellError(moment)) return moment
    if (moment === null || typeof moment !== 'object' || !('micros' in moment)) return VALUE
    days.push(moment.days)
  }
  return days
}

function countBetween(start: Timestamp, end: Timestamp, weekend: Weekend | CellError, listed: readonly Value[] | null): number | CellError {
  if (isCellError(weekend)) return weekend
  const holidays = holidaysOf(listed)
  return isCellError(holidays) ? holidays : countWorkdays(start.days, end.days, weekend, holidays)
}

function move(start: Timestamp, by: number, weekend: Weekend | CellError, listed: readonly Value[] | null): DateValue | CellError {
  if (isCellError(weekend)) return weekend
  const holidays = holidaysOf(listed)
  if (isCellError(holidays)) return holidays
  if (Math.abs(by) > DAYS_LIMIT) return NUM
  const day = moveWorkdays(start.days, by, weekend, holidays)
  return day === null ? VALUE : isDay(day) ? day : NUM
}

function definition(
  name: string,
  help: string,
  params: readonly Parameter[],
  result: 'int' | 'date',
  run: (...args: never[]) => number | CellError,
  examples: readonly Example[],
): FunctionDefinition {
  return {
    name,
    category: 'date',
    help,
    params,
    result: always(result),
    evaluation: { mode: 'strict', make: () => run },
    volatility: 'pure',
    examples,
  }
}

const NETWORKDAYS = definition(
  'NETWORKDAYS',
  'The number of days from one date to another that are neither Saturdays, Sundays nor holidays, both dates included.',
  [START, END, HOLIDAYS],
  'int',
  (start: Timestamp, end: Timestamp, listed: readonly Value[] | null) => countBetween(start, end, SATURDAY_AND_SUNDAY, listed),
  [
    { formula: '=NETWORKDAYS("2012-10-01", "2013-03-01")', result: '110' },
    { formula: '=NETWORKDAYS("2012-10-01", "2013-03-01", {"2012-11-22","2012-12-04","2013-01-21"})', result: '107' },
    { formula: '=NETWORKDAYS([@date], [@date], [@blank])', result: '1' },
    { formula: '=NETWORKDAYS("2012-10-01", "2013-03-01", {"a"})', result: '#VALUE!' },
  ],
)

const NETWORKDAYS_INTL = definition(
  'NETWORKDAYS.INTL',
  'The number of days from one date to another that are neither holidays nor free days of the week, both dates included.',
  [START, END, WEEKEND, HOLIDAYS],
  'int',
  (start: Timestamp, end: Timestamp, weekend: Value, listed: readonly Value[] | null) =>
    countBetween(start, end, weekendOf(weekend), listed),
  [
    { formula: '=NETWORKDAYS.INTL("2006-01-01", "2006-01-31")', result: '22' },
    { formula: '=NETWORKDAYS.INTL("2006-01-01", "2006-02-01", 7, {"2006-01-02","2006-01-16"})', result: '22' },
    { formula: '=NETWORKDAYS.INTL("2006-01-01", "2006-02-01", "0010001", {"2006-01-02","2006-01-16"})', result: '20' },
    { formula: '=NETWORKDAYS.INTL("2006-01-01", "2006-01-31", [@blank])', result: '22' },
    { formula: '=NETWORKDAYS.INTL("2006-01-01", "2006-01-31", 8)', result: '#NUM!' },
  ],
)

const WORKDAY = definition(
  'WORKDAY',
  'The day so many days later that are neither Saturdays, Sundays nor holidays.',
  [START, BY, HOLIDAYS],
  'date',
  (start: Timestamp, by: number, listed: readonly Value[] | null) => move(start, by, SATURDAY_AND_SUNDAY, listed),
  [
    { formula: '=WORKDAY("2008-10-01", 151)', result: 'DATE(2009,4,30)' },
    { formula: '=WORKDAY("2008-10-01", 151, {"2008-11-26","2008-12-04","2009-01-21"})', result: 'DATE(2009,5,5)' },
    { formula: '=WORKDAY([@date], [@blank])', result: '[@date]' },
    { formula: '=WORKDAY("9999-12-31", 1)', result: '#NUM!' },
  ],
)

const WORKDAY_INTL = definition(
  'WORKDAY.INTL',
  'The day so many days later that are neither holidays nor free days of the week.',
  [START, BY, WEEKEND, HOLIDAYS],
  'date',
  (start: Timestamp, by: number, weekend: Value, listed: readonly Value[] | null) => move(start, by, weekendOf(weekend), listed),
  [
    { formula: '=WORKDAY.INTL("2012-01-01", 90, 11)', result: 'DATE(2012,4,14)' },
    { formula: '=WORKDAY.INTL("2012-01-01", 30, 17)', result: 'DATE(2012,2,5)' },
    { formula: '=WORKDAY.INTL([@date], 1, [@blank])', result: 'DATE(2026,11,24)' },
    { formula: '=WORKDAY.INTL([@date], 1, "1111111")', result: '#VALUE!' },
  ],
)

/** Working days. */
export const WORKDAYS: readonly FunctionDefinition[] = [toolpak(NETWORKDAYS), NETWORKDAYS_INTL, toolpak(WORKDAY), WORKDAY_INTL]
