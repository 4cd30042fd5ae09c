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
    ['1234567', '0,.00', '1234.57'],
    ['1234567', '#,##0,.0', '1,234.6'],
    ['1234567', '0.0,', '1234.6'],
    ['12345', '##0.0E+0', '12.3E+3'],
    ['1234', '0E+00', '1E+03'],
    ['1234', '0.00E-00', '1.23E03'],
    ['0.012', '0.0%%', '120.0%%'],
    ['-1234.5', '$#,##0.00;($#,##0.00)', '($1,234.50)'],
    ['1234.5', '_($* #,##0.00_)', ' $1,234.50 '],
    ['5', '[$€-407] 0', '€ 5'],
    ['5', '[$-409]0', '5'],
    ['5', '[Color 10]0', '5'],
    ['5', '[<1]0.00;[<10]0.0;0', '5.0'],
    ['50', '[<1]0.00;[<10]0.0;0', '50'],
    ['0.5', '[<1]0.00;[<10]0.0;0', '0.50'],
    ['46349.75', 'm/d/yyyy h:mm AM/PM', '11/23/2026 6:00 PM'],
    ['46349.75', 'h:mm:ss A/P', '6:00:00 P'],
    ['1.5', '[m]', '2160'],
    ['1.5', '[hh]:mm:ss', '36:00:00'],
    ['0.00001', '[ss].00', '00.86'],
    ['0.5', '[h]" hours"', '12 hours'],
    ['34.075', '0.-00-00.00', '34.-07-50.00'],
    ['1', '0.0.0', '1.0.0'],
    ['5', '0.0x', '5.0x'],
    ['21.5', '0.0°', '21.5°'],
    ['2.5', '0.00×', '2.50×'],
    ['7', '№0', '№7'],
    ['3', '0 😀', '3 😀'],
    ['44197', 'e', '2021'],
    ['44197', 'e-mm', '2021-01'],
    ['44197.5', 'yyyy-mm-ddThh:mm:ssZ', '2021-01-01T12:00:00Z'],
  ])('%s as %s is %s', (value, format, wanted) => {
    expect(decimal(Decimal.parse(value), format)).toBe(wanted)
  })

  it.each([
    ['0.5', '# ?/?', ' 1/2'],
    ['1', '# ?/?', '1    '],
    ['0', '# ?/?', '0    '],
    ['0.99', '# ?/?', '1    '],
    ['-1.2', '# ?/?', '-1 1/5'],
    ['12.3', '# ?/?', '12 1/3'],
    ['123.456', '# ?/?', '123 1/2'],
    ['1234.567', '# ?/?', '1234 4/7'],
    ['12.3', '# ??/??', '12  3/10'],
    ['-12.34', '# ??/??', '-12 17/50'],
    ['0.25', '# ??/??', '  1/4 '],
    ['3.14159265358979', '??/??', '22/7 '],
    ['3.14159265358979', '# ???/???', '3  16/113'],
    ['12.3', '# ??/16', '12  5/16'],
    ['12', '# ?/8', '12    '],
    ['0.75', '0 0/0', '0 3/4'],
    ['2', '0 0/0', '2 0/1'],
    ['0.75', '?/?" inch"', '3/4 inch'],
    ['0.755', '# ?/100', ' 76/100'],
  ])('%s as the fraction %s is "%s"', (value, format, wanted) => {
    expect(decimal(Decimal.parse(value), format)).toBe(wanted)
  })

  it.each([
    ['0.3333333333333333', '0.333333333'],
    ['3.141592653589793', '3.141592654'],
    ['1234567.891', '1234567.891'],
    ['123456789.123', '123456789.1'],
    ['12345678901', '12345678901'],
    ['123456789012', '1.23457E+11'],
    ['99999999999.9', '1E+11'],
    ['0.00001', '0.00001'],
    ['0.0000123456', '1.23456E-05'],
    ['0.000123456789', '0.000123457'],
    ['-2.5', '-2.5'],
    ['0', '0'],
  ])('%s as General is %s', (value, wanted) => {
    expect(decimal(Decimal.parse(value), 'General')).toBe(wanted)
  })

  it('values of any kind are what their form says', () => {
    const any = formatter({ type: 'any' })
    expect([any(5, '0.0'), any('abc', '0.0'), any('5', '0.0'), any(true, '0.0'), any(null, '0.0')]).toEqual([
      '5.0',
      'abc',
      '5.0',
      'TRUE',
      '0.0',
    ])
  })

  it('a text that is a date is one', () => {
    expect(formatter({ type: 'text' })('11/23/2026', 'yyyy-mm-dd')).toBe('2026-11-23')
    expect(formatter({ type: 'text' })('6:30 PM', 'hh:mm')).toBe('18:30')
  })

  it.each(['abc', '0 xyz', '0e', '"open', '0;0;0;@;0', 'yyyy%', `${'0'.repeat(300)}`])('%s is no format', (format) => {
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
