import { describe, expect, it } from 'vitest'
import { evaluated } from '../../testing/evaluated.ts'

describe('dates', () => {
  it.each<[string, unknown]>([
    ['EOMONTH(44987, -4.7)', '2022-11-30'],
    ['EOMONTH(44987, "2")', '2023-05-31'],
    ['EOMONTH(44987, TRUE)', '#VALUE!'],
    ['EDATE("2024-02-29", 12)', '2025-02-28'],
    ['EDATE("2024-02-29", 1E9)', '#NUM!'],
    ['DAYS("2026-01-01 23:00", "2025-12-31 01:00")', 1],
    ['DAYS("1900-03-01", "1900-02-28")', 2],
    ['DAYS360("2011-02-28", "2012-02-29")', 359],
    ['DAYS360("2011-02-28", "2011-03-31")', 30],
    ['DAYS360("2011-12-31", "2011-01-01")', -359],
    ['DATEDIF("2007-01-31", "2007-03-01", "md")', -2],
    ['DATEDIF("2001-06-01", "2002-08-15", "ym")', 2],
    ['DATEDIF("2000-11-15", "2002-02-10", "yd")', 87],
    ['DATEDIF("2000-01-01", "2001-01-01", "constructor")', '#NUM!'],
    ['DATEDIF("2000-01-31", "2000-02-29", "m")', 0],
    ['YEAR(2958465)', 9999],
    ['YEAR(2958466)', '#NUM!'],
    ['MONTH(2958466)', '#NUM!'],
    ['DAY(2958466)', '#NUM!'],
    ['WEEKDAY(2958466)', '#NUM!'],
    ['HOUR(2958465.99999999999999)', '#NUM!'],
    ['TEXT(2958466, "yyyy")', '#VALUE!'],
    ['YEARFRAC("2026-01-01", "2027-01-01", TRUE)', '#VALUE!'],
  ])('%s is %s', (formula, result) => {
    expect(evaluated(formula)).toBe(result)
  })
})

describe('weeks', () => {
  it.each<[string, unknown]>([
    ['WEEKDAY("2026-11-23", 11)', 1],
    ['WEEKDAY("2026-11-22", 11)', 7],
    ['WEEKDAY("2026-11-22", 17)', 1],
    ['WEEKDAY("2026-11-22", 3)', 6],
    ['WEEKDAY(1)', 1],
    ['WEEKDAY(61)', 5],
    ['WEEKDAY("2026-11-22", 18)', '#NUM!'],
    ['WEEKNUM("2026-01-04", 1)', 2],
    ['WEEKNUM("2026-01-04", 11)', 1],
    ['WEEKNUM("2026-01-08", 14)', 2],
    ['WEEKNUM("2026-01-01", TRUE)', '#VALUE!'],
    ['ISOWEEKNUM("2027-01-03")', 53],
    ['ISOWEEKNUM("2027-01-04")', 1],
  ])('%s is %s', (formula, result) => {
    expect(evaluated(formula)).toBe(result)
  })
})

describe('working days', () => {
  it.each<[string, unknown]>([
    ['NETWORKDAYS("2013-03-01", "2012-10-01")', -110],
    ['NETWORKDAYS.INTL("2006-02-28", "2006-01-31")', -21],
    ['NETWORKDAYS.INTL("2006-01-01", "2006-01-31", "1111111")', 0],
    ['NETWORKDAYS.INTL("2006-01-01", "2006-01-31", "111")', '#VALUE!'],
    ['NETWORKDAYS.INTL("2006-01-01", "2006-01-07", 17)', 6],
    ['NETWORKDAYS.INTL("2006-01-01", "2006-01-07", 2)', 5],
    ['NETWORKDAYS("2006-01-02", "2006-01-06", {38719,38719,38720})', 3],
    ['NETWORKDAYS("2006-01-02", "2006-01-06", {TRUE})', '#VALUE!'],
    ['NETWORKDAYS("2006-01-02", "2006-01-06", {#N/A})', '#N/A'],
    ['NETWORKDAYS([@date], [@date], [@date])', 0],
    ['WORKDAY("2026-11-21", 0)', '2026-11-21'],
    ['WORKDAY("2026-11-21", 5)', '2026-11-27'],
    ['WORKDAY("2026-11-21", -1.9)', '2026-11-20'],
    ['WORKDAY.INTL("2012-01-01", 30, 0)', '#NUM!'],
    ['WORKDAY("2026-11-21", 1E12)', '#NUM!'],
  ])('%s is %s', (formula, result) => {
    expect(evaluated(formula)).toBe(result)
  })
})

describe('times', () => {
  it.each<[string, unknown]>([
    ['TIME(13, -20, -30)', '12:39:30.000000'],
    ['TIME(32767, 32767, 32767)', '10:13:07.000000'],
    ['TIME(32768, 0, 0)', '#NUM!'],
    ['TIME(23, 59, 59.999999)', '23:59:59.000000'],
    ['TIME(TRUE, FALSE, TRUE)', '01:00:01.000000'],
    ['TIME(12, 0, 0) + 1', 1.5],
    ['HOUR(TIME(16, 60, 24))', 17],
    ['SECOND("10:00:59.6")', 0],
    ['MINUTE("10:00:59.6")', 1],
    ['HOUR(0.9999999)', 0],
    ['TIMEVALUE("2 pm")', '14:00:00.000000'],
    ['TIMEVALUE("2026-11-23")', '00:00:00.000000'],
    ['TIMEVALUE("2")', '#VALUE!'],
    ['DATEVALUE("2026-11-23 10:00")', '2026-11-23'],
    ['DATEVALUE("1/2/29")', '2029-01-02'],
    ['DATEVALUE("1/2/30")', '1930-01-02'],
    ['DATEVALUE("November 2026")', '2026-11-01'],
    ['DATEVALUE("13/1/2026")', '#VALUE!'],
    ['DATEVALUE(46349)', '#VALUE!'],
  ])('%s is %s', (formula, result) => {
    expect(evaluated(formula)).toBe(result)
  })
})
