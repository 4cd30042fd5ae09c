import { isSheetflowError } from '@sheetflow/core/errors'
import { describe, expect, test } from 'vitest'
import { receiptsPlan, rootsQuestion, rowsQuestion } from './documents.ts'
import { literal } from './literal.ts'
import { planPage } from './plan-page.ts'

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (isSheetflowError(error)) return error.code
  }
  return 'nothing thrown'
}

describe('planPage', () => {
  test('adds keys everywhere and the ordering columns where they are not selected', () => {
    const plan = planPage('{ orders(order_by: [{placed_at: desc}, {id: asc}], limit: 5) { id total } }')
    expect(oneLine(plan.roots[0]?.text ?? '')).toBe(
      'orders(order_by: [{placed_at: desc}, {id: asc}], limit: 5) { _key id total _order_placed_at: placed_at }',
    )
    expect(plan.roots[0]?.columns.filter((column) => !column.hidden).map((column) => column.as)).toEqual(['id', 'total'])
  })

  test('takes ordering from variables, and sends only the variables that a question uses', () => {
    const plan = planPage(
      'query Q($o: [orders_order_by!], $c: BigInt) { a: orders(order_by: $o) { id } b: orders(where: {customer_id: {_eq: $c}}) { id } }',
      {
        o: [{ total: 'asc' }],
        c: '7',
      },
    )
    expect(plan.roots[0]?.columns.map((column) => column.column)).toEqual(['id', 'total'])
    const [, second] = plan.roots
    const question = rootsQuestion(plan, second === undefined ? [] : [second])
    expect(oneLine(question.document)).toBe('query ($c: BigInt) { b: orders(where: {customer_id: {_eq: $c}}) { _key id } }')
    expect(question.variables).toEqual({ c: '7' })
  })

  test('puts fragments in their places and merges what is asked twice', () => {
    const plan = planPage('{ customers { ...f id open { id } } } fragment f on customers { id open { total } __typename }')
    expect(oneLine(plan.roots[0]?.text ?? '')).toBe('customers { _key id open { _key total id } }')
  })

  test('values as text are asked for as they are, and shown as text', () => {
    const plan = planPage('{ orders { id total(as: TEXT) } }')
    expect(oneLine(plan.roots[0]?.text ?? '')).toBe('orders { _key id total }')
    expect(plan.roots[0]?.columns[1]).toMatchObject({ column: 'total', asText: true })
  })

  test('a query with nested lists can be asked row by row', () => {
    const plan = planPage('{ customers { name open(order_by: [{id: asc}]) { id } } }')
    const field = plan.roots[0]
    if (field === undefined) throw new TypeError('the query has a field')
    const keyColumns = [
      { column: 'tenant', type: 'int' },
      { column: 'id', type: 'bigint' },
    ] as const
    const { document } = rowsQuestion(plan, [{ field, sheet: 'customers', keyColumns, key: [1, '7'] }])
    expect(oneLine(document)).toBe(
      'query { row_0: customers_by_pk(tenant: 1, id: "7") { _key name open(order_by: [{id: asc}]) { _key id } } }',
    )
  })

  test.each([
    ['{ a', 'query/parse'],
    ['mutation { command(id: "x") { id } }', 'query/invalid'],
    ['query A { a { id } } query B { b { id } }', 'query/invalid'],
    ['fragment f on x { id }', 'query/invalid'],
  ])('refuses %s', (query, code) => {
    expect(codeOf(() => planPage(query))).toBe(code)
  })

  test('receipts are asked of each graph', () => {
    expect(oneLine(receiptsPlan('sales').text)).toMatch(
      /^_receipts_sales: _receipts\(graph: "sales", order_by: \[\{at: desc\}\], limit: 100\) \{ _key id /,
    )
  })
})

describe('literal', () => {
  test('writes JSON as GraphQL reads it', () => {
    expect(literal({ id: 42, note: 'a "b"\n', ok: true, none: null, list: [1, '2'], left: undefined })).toBe(
      String.raw`{id: 42, note: "a \"b\"\n", ok: true, none: null, list: [1, "2"]}`,
    )
  })

  test.each([[{ 'a-b': 1 }], [Number.NaN], [() => 1]])('refuses what cannot be sent', (value) => {
    expect(codeOf(() => literal(value))).toBe('command/bad-payload')
  })
})
