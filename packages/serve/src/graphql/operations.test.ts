import { parse } from 'graphql'
import { expect, test } from 'vitest'
import { rootShapes } from './operations.ts'

function shapes(text: string): readonly string[] {
  return rootShapes(parse(text)).map((shape) => shape.text)
}

test('values that are asked by do not count, written out or given as a variable', () => {
  const known = shapes('{ open_orders(where: {customer_id: {_eq: 7}, status: {_in: ["a", "b"]}}) { id } }')
  expect(known).toEqual(['open_orders(where: {customer_id: {_eq: _}, status: {_in: [_]}}) { id }'])
  expect(shapes('{ open_orders(where: {customer_id: {_eq: 8}, status: {_in: ["c"]}}) { id } }')).toEqual(known)
  expect(shapes('query ($c: BigInt) { open_orders(where: {customer_id: {_eq: $c}, status: {_in: ["c"]}}) { id } }')).toEqual(known)
  expect(shapes('{ row_0: customers_by_pk(id: "7") { id } row_1: customers_by_pk(id: "8") { id } }')).toEqual(
    Array(2).fill('customers_by_pk { id }'),
  )
})

test('what decides the cost counts: columns, order, limit, nested lists, other filters', () => {
  const known = new Set(shapes('{ open_orders(limit: 50, order_by: [{total: desc}]) { id } }'))
  for (const other of [
    '{ open_orders(limit: 51, order_by: [{total: desc}]) { id } }',
    '{ open_orders(limit: 50, order_by: [{total: asc}]) { id } }',
    'query ($n: Int) { open_orders(limit: $n, order_by: [{total: desc}]) { id } }',
    '{ open_orders(limit: 50, order_by: [{total: desc}]) { id total } }',
    '{ open_orders(limit: 50, order_by: [{total: desc}], where: {id: {_eq: 1}}) { id } }',
    '{ open_orders(limit: 50, order_by: [{total: desc}]) { id customer { name } } }',
  ])
    expect(shapes(other).filter((shape) => known.has(shape))).toEqual([])
})

test('fragments stand for what they ask; mutations and names of the schema are left out', () => {
  expect(shapes('{ ...page } fragment page on query_root { a: customers { ...row } } fragment row on customers { id }')).toEqual([
    'customers { ... on customers { id } }',
  ])
  expect(shapes('mutation { command(id: "x", name: "ship", payload: {}) { id } }')).toEqual([])
  expect(shapes('{ _receipts(graph: "sales") { id } customers { id } }')).toEqual(['customers { id }'])
  expect(shapes('{ __typename customers { id } }')).toEqual(['customers { id }'])
})

test('who may ask a list may ask a row of it', () => {
  const [list] = rootShapes(parse('{ customers(limit: 5) { id open(limit: 3) { total } } }'))
  const [row] = rootShapes(parse('{ row_0: customers_by_pk(id: "7") { id open(limit: 3) { total } } }'))
  expect(list?.row).toBe(row?.text)
})
