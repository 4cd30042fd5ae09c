import { describe, expect, test } from 'vitest'
import { formatterOf } from './format.ts'
import { expectationsOf, payloadOf } from './payload.ts'

const EN = 'en-US'

describe('formats', () => {
  test.each([
    ['#,##0.00', '1234.5', '1,234.50'],
    ['#,##0.00', '-0.005', '-0.01'],
    ['#,##0.00', '12345678901234567890123.455', '12,345,678,901,234,567,890,123.46'],
    ['0.0##', '2.5', '2.5'],
    ['#,##0', 1234567, '1,234,567'],
    ['0%', '0.256', '26%'],
    ['"€ "#,##0.00', '9.5', '€ 9.50'],
    ['0.0" kg"', 3, '3.0 kg'],
  ])('%s of %s is %s', (format, value, text) => {
    expect(formatterOf(format, EN)(value)).toEqual({ text, kind: 'number' })
  })

  test('other languages have other separators', () => {
    expect(formatterOf('#,##0.00', 'de-DE')('1234.5').text).toBe('1.234,50')
  })

  test.each([
    ['#,##0.00', null, '', 'blank'],
    ['#,##0.00', { e: '#N/A' }, '#N/A', 'error'],
    ['#,##0.00', 'not a number', 'not a number', 'text'],
    [null, '<b>', '<b>', 'text'],
    [null, true, '✓', 'text'],
    ['date', 'tomorrow', 'tomorrow', 'text'],
    ['date', '2026-11-23', 'Nov 23, 2026', 'text'],
    ['datetime', '2026-11-23T10:05:00.000000', 'Nov 23, 2026, 10:05 AM', 'text'],
  ])('%s of %o is shown as %s', (format, value, text, kind) => {
    const shown = formatterOf(format, EN)(value)
    // Newer language data put a narrow space before AM and PM.
    expect({ ...shown, text: shown.text.replaceAll(' ', ' ') }).toEqual({ text, kind })
  })
})

describe('payloads', () => {
  const row = { id: '["7"]', key: ['7'], values: { id: '7', total: '9.50' }, nested: {}, pending: [], leaving: false }
  const field = { state: 'live', progress: null, single: false, rows: [row], view: 'sales.orders', graph: 'sales', error: null } as const
  const scope = { row, field }

  test('take values of the row, as they are and at any depth', () => {
    expect(payloadOf('{"id": "$row.id", "more": ["$row.total", {"x": "$row.none"}], "text": "row.id"}', scope)).toEqual({
      id: '7',
      more: ['9.50', { x: null }],
      text: 'row.id',
    })
    expect(payloadOf(null, null)).toEqual({})
  })

  test('expect something of the row around, or of others', () => {
    expect(expectationsOf(null, scope)).toEqual([{ view: 'sales.orders', key: ['7'], values: {} }])
    expect(expectationsOf('leaves', scope)).toEqual([{ view: 'sales.orders', key: ['7'], values: null }])
    expect(expectationsOf('{"total": "0.00"}', scope)).toEqual([{ view: 'sales.orders', key: ['7'], values: { total: '0.00' } }])
    expect(expectationsOf('[{"view": "sales.customers", "key": ["$row.id"], "values": {}}]', scope)).toEqual([
      { view: 'sales.customers', key: ['7'], values: {} },
    ])
    expect(expectationsOf(null, null)).toEqual([])
  })
})
