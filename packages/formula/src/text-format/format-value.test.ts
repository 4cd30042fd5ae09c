import { describe, expect, it } from 'vitest'
import { parseTimestamp } from '@sheetflow/core/calendar'
import { Decimal } from '@sheetflow/core/decimal'
import { must } from '@sheetflow/core/assert'
import { formatter } from './format-value.ts'

const decimal = formatter({ type: 'decimal' })

describe('TEXT of numbers, as Excel (en-US) writes them', () => {
  it.each([
    ['1234.567', '0', '1235'],
    ['1234.567', '0.00', '1234.57'],
    ['1234.567', '#,##0.00', '1,234.57'],
    ['1234567', '#,##0', '1,234,567'],
    ['0', '#,##0', '0'],
    ['0', '#', ''],
    ['0', '#.##', '.'],
    ['0.5', '#.##', '.5'],
    ['12', '#.##', '12.'],
    ['5', '000', '005'],
    ['5', '0,000', '0,005'],
    ['5', '??0', '  5'],
    ['1.5', '0.??', '1.5 '],
    ['0.256', '0%', '26%'],
    ['0.256', '0.0%', '25.6%'],
    ['-5', '0', '-5'],
    ['-5', '0;(0)', '(5)'],
    ['-5', '0;;', ''],
    ['0', '0;-0;"none"', 'none'],
    ['5', '"$"#,##0.00', '$5.00'],
    ['5', '$0', '$5'],
    ['5', '0 "items"', '5 items'],
    ['5', '0\\x', '5x'],
    ['-0.001', '0.00', '-0.00'],
    ['0.5', '0', '1'],
    ['2.5', '0', '3'],
    ['-2.5', '0', '-3'],
    ['1234567', '0,', '1235'],
    ['1234567', '0.0,,"M"', '1.2M'],
    ['12345', '0.00E+00', '1.23E+04'],
    ['0.00012345', '0.0E+0', '1.2E-4'],
    ['0', '0.00E+00', '0.00E+00'],
    ['99999', '0.0E+0', '1.0E+5'],
    ['123456789', '000-00-0000', '123-45-6789'],
    ['1234.5', 'General', '1234.5'],
    ['1234.50', '@', '1234.5'],
    ['5', '[Red]0', '5'],
    ['150', '[>100]"big";0', 'big'],
    ['50', '[>100]"big";0', '50'],
    ['12345678901234567890.12', '#,##0.00', '12,345,678,901,234,567,890.12'],
    ['46349', 'yyyy-mm-dd', '2026-11-23'],
    ['46349.75', 'yyyy-mm-dd hh:mm', '2026-11-23 18:00'],
    ['1.5', '[h]:mm', '36:00'],
    ['0.5', 'h AM/PM', '12 PM'],
    ['5', '', ''],
  ])('%s as %s is %s', (value, format, wanted) => {
    expect(decimal(Decimal.parse(value), format)).toBe(wanted)
  })

  it.each(['abc', '0 xyz', '"open', '0;0;0;@;0', 'yyyy%', `${'0'.repeat(300)}`])('%s is no format', (format) => {
    expect(decimal(Decimal.parse('5'), format)).toMatchObject({ kind: '#VALUE!' })
  })

  it('a negative number is no date', () => {
    expect(decimal(Decimal.parse('-1'), 'yyyy')).toMatchObject({ kind: '#VALUE!' })
  })
})

describe('TEXT of moments', () => {
  const timestamp = formatter({ type: 'timestamp' })
  const moment = must(parseTimestamp('timestamp', '2026-03-05T09:07:03.600000'))

  it.each([
    ['yyyy-mm-dd', '2026-03-05'],
    ['d/m/yy', '5/3/26'],
    ['dd mmm yyyy', '05 Mar 2026'],
    ['mmmm d', 'March 5'],
    ['mmmmm', 'M'],
    ['ddd', 'Thu'],
    ['dddd', 'Thursday'],
    ['h:mm', '9:07'],
    ['hh:mm:ss', '09:07:04'],
    ['hh:mm:ss.0', '09:07:03.6'],
    ['hh:mm:ss.000', '09:07:03.600'],
    ['h:mm AM/PM', '9:07 AM'],
    ['h:mm a/p', '9:07 a'],
    ['mm:ss', '07:04'],
    ['yyyy"-Q1"', '2026-Q1'],
    ['m', '3'],
    ['yyyy', '2026'],
  ])('%s is %s', (format, wanted) => {
    expect(timestamp(moment, format)).toBe(wanted)
  })

  it('a date has no time, its serial number is a number', () => {
    expect(formatter({ type: 'date' })(20_780, 'yyyy-mm-dd hh:mm')).toBe('2026-11-23 00:00')
    expect(formatter({ type: 'date' })(20_780, '0')).toBe('46349')
  })

  it('rounds up into the next day, month and year', () => {
    expect(timestamp(must(parseTimestamp('timestamp', '2026-12-31T23:59:59.900000')), 'yyyy-mm-dd hh:mm:ss')).toBe('2027-01-01 00:00:00')
  })
})

describe('TEXT of other values', () => {
  it('texts stay, unless they are numbers', () => {
    const text = formatter({ type: 'text' })
    expect(text('abc', '0.00')).toBe('abc')
    expect(text('5', '0.00')).toBe('5.00')
    expect(text('abc', '"<"@">"')).toBe('<abc>')
    expect(text('abc', '0;0;0;"t:"@')).toBe('t:abc')
  })

  it('booleans are words', () => {
    expect(formatter({ type: 'bool' })(true, '0')).toBe('TRUE')
  })

  it('Blank is 0', () => {
    expect(decimal(null, '0.0')).toBe('0.0')
  })

  it('doubles show no binary noise', () => {
    expect(formatter({ type: 'double' })(0.1 + 0.2, '0.0000000000000000000')).toBe('0.3000000000000000400')
    expect(formatter({ type: 'double' })(1.005, '0.00')).toBe('1.01')
  })
})
