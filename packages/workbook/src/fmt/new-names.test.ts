import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { compileGraph } from '../compile/compile-graph.ts'
import { lint } from '../lint.ts'
import { runTests } from '../test-runner/run-tests.ts'
import { plainEvaluate } from '../testing/plain-evaluate.ts'
import { ordersWith, SALES, TABLES } from '../testing/shop.ts'
import { takeNewNames } from './new-names.ts'

const renamed = new Map([
  ...TABLES,
  [
    'shop!public.orders',
    ordersWith((columns) =>
      columns.map((one) => (one[0] === 'total' ? ['amount', 3, one[2]] : one[0] === 'customer_id' ? ['the customer', 2, one[2]] : one)),
    ),
  ] as const,
])

describe('fmt --renames', () => {
  const more = {
    ...SALES,
    'sales/big.sheet.yaml':
      'rows: =FILTER(open_orders, open_orders[total]>100)\nkeep: [total]  # kept\ncolumns:\n  total_twice: =[@total]*2\n  customer_id: =1\n',
    'sales/open_orders.sheet.yaml': (SALES['sales/open_orders.sheet.yaml'] ?? '')
      .replace('keep: [id, customer_id, total', 'keep: [id, total')
      .replace('{index: [customer_id, placed_at]', '{index: [placed_at]')
      .replace(/ {2}customer: \{rows.*\n/, ''),
    'sales/customers.sheet.yaml': (SALES['sales/customers.sheet.yaml'] ?? '').replace(/ {2}# a nested.*\n.*\n/, ''),
  }
  const { ids } = compileGraph({ files: more, tables: TABLES })
  const files = takeNewNames(more, renamed, { ids }) ?? {}

  it('rewrites names wherever they stand, and nothing else', () => {
    expect(files['sales/open_orders.sheet.yaml']).toBe(
      more['sales/open_orders.sheet.yaml']
        ?.replaceAll('[@customer_id]', '[@[the customer]]')
        .replace('GROSS([@total])', 'GROSS([@amount])')
        .replace('keep: [id, total', 'keep: [id, amount')
        .replace('customer_id: 7, total: 9.50', 'the customer: 7, amount: 9.50'),
    )
    expect(files['sales/customers.sheet.yaml']).toContain(
      '=SUMIFS(shop!orders[amount], shop!orders[the customer], [@id], shop!orders[status], "paid")',
    )
    expect(files['sales/workbook.yaml']).toBe(SALES['sales/workbook.yaml'])
  })

  it('a column in brackets of its own keeps one pair of them', () => {
    const bracketed = { 'w/s.sheet.yaml': 'rows: =shop!orders\ncolumns:\n  a: =[@[customer_id]]+[[#This Row],[customer_id]]\n' }
    const { ids: used } = compileGraph({ files: bracketed, tables: TABLES })
    expect(takeNewNames(bracketed, renamed, { ids: used })?.['w/s.sheet.yaml']).toBe(
      'rows: =shop!orders\ncolumns:\n  a: =[@[the customer]]+[[#This Row],[the customer]]\n',
    )
  })

  it('follows what a sheet passes on into the sheets that read it', () => {
    expect(files['sales/big.sheet.yaml']).toBe(
      'rows: =FILTER(open_orders, open_orders[amount]>100)\nkeep: [amount]  # kept\ncolumns:\n  total_twice: =[@amount]*2\n  customer_id: =1\n',
    )
  })

  it('rewrites the columns of groups, and what a table calls a column of a stack', () => {
    const sheets = {
      'w/groups.sheet.yaml': 'rows: =GROUPBY(shop!orders[customer_id])\ncolumns:\n  sum: =SUM([total])\n  own: =[@customer_id]\n',
      'w/stack.sheet.yaml': 'rows: =VSTACK(shop!orders, shop!customers)\nmap: {money: {shop!orders: total}}\nkeep: [money]\n',
    }
    const known = compileGraph({ files: sheets, tables: TABLES }).ids
    expect(takeNewNames(sheets, renamed, { ids: known })).toEqual({
      'w/groups.sheet.yaml': 'rows: =GROUPBY(shop!orders[the customer])\ncolumns:\n  sum: =SUM([amount])\n  own: =[@[the customer]]\n',
      'w/stack.sheet.yaml': 'rows: =VSTACK(shop!orders, shop!customers)\nmap: {money: {shop!orders: amount}}\nkeep: [money]\n',
    })
  })

  it.each([
    'Item #',
    'a: b',
    'x, y',
    "it's",
    'q"q',
    '#1',
    '- a',
    '[x]',
    '{x}',
    '@x',
    'null',
    '~',
    'yes',
    '12',
    'ä ö',
    'b\\s',
    'a:',
    '? a',
    'a\tb',
  ])('writes the name %j as each form of a scalar needs it', (name) => {
    const sheets = {
      'w/s.sheet.yaml': `rows: =shop!orders
columns:
  plain: =[@customer_id]&"!"
  double: "=[@customer_id]&\\"q\\""
  single: '=[@customer_id]&"it''s"'
  block: |-
    =[@customer_id] & "x: y #"
tests:
  - name: in flow, and in a block
    given:
      shop!orders: [{id: 1, customer_id: 7, 'total': 1}]
    expect:
      - id: 1
        plain: 7!
`,
      'w/kept.sheet.yaml': 'rows: =shop!orders\nkeep: [total]  # kept\n',
    }
    const other = ordersWith((columns) =>
      columns.map((one) => [
        one[0] === 'total' || one[0] === 'customer_id' ? name + (one[0] === 'total' ? '2' : '') : one[0],
        one[1],
        one[2],
      ]),
    )
    const tables = new Map([...TABLES, ['shop!public.orders', other] as const])
    const { ids: known, diagnostics } = compileGraph({ files: sheets, tables: TABLES })
    expect(diagnostics).toEqual([])
    const now = takeNewNames(sheets, tables, { ids: known })
    // A name that GraphQL has no place for cannot be kept; it is written all the same, and lint says what to do.
    expect(parse(now?.['w/kept.sheet.yaml'] ?? '')).toEqual({ rows: '=shop!orders', keep: [name === '12' ? 122 : `${name}2`] })
    expect(now?.['w/kept.sheet.yaml']).toContain('  # kept')
    expect(lint({ 'w/s.sheet.yaml': now?.['w/s.sheet.yaml'] ?? '' }, tables)).toEqual([])
    expect(runTests({ 'w/s.sheet.yaml': now?.['w/s.sheet.yaml'] ?? '' }, tables, plainEvaluate).results).toMatchObject([{ passed: true }])
  })

  it('leaves nothing for lint to say', () => {
    expect(lint(more, renamed, { ids }).every((one) => one.code === 'workbook/drift')).toBe(true)
    expect(lint(files, renamed)).toEqual([])
  })

  it('changes nothing where nothing was renamed, and nothing that does not compile', () => {
    expect(takeNewNames(more, TABLES, { ids })).toEqual(more)
    expect(takeNewNames({ 'w/s.sheet.yaml': 'rows: =nope\n' }, renamed, { ids })).toBeNull()
  })
})
