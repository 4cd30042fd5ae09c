import type { LiveExtension } from '@sheetflow/core/wire'
import { describe, expect, test } from 'vitest'
import type { Answer } from '../net/transport.ts'
import { planPage } from '../plan/plan-page.ts'
import { documentError, readAnswer, type AnsweredField } from './answered.ts'
import { readPath } from './live-path.ts'

function liveOf(channel: string): LiveExtension {
  const key = [{ column: 'id', type: 'int' }] as const
  return { channel, token: 't', epoch: '1.1', offset: 5, at: 5, view: 'sales.orders', graph: 'sales', order: [], key }
}

function read(query: string, answer: Partial<Answer>): AnsweredField[] {
  const plan = planPage(query)
  return readAnswer(
    { data: null, errors: [], live: {}, state: {}, ...answer },
    plan.roots.map((root) => ({ plan: root, as: root.as })),
  )
}

describe('paths of lists', () => {
  test.each([
    ['customers', 'customers'],
    ['customers[["7"]].open', 'customers[["7"]].open'],
    ['customers[[7]].open', 'customers[["7"]].open'],
    ['c[["a]b\\"[", "2"]].open[["9"]].lines', 'c[["a]b\\"[","2"]].open[["9"]].lines'],
  ])('%s', (text, path) => {
    expect(readPath(text)).toBe(path)
  })

  test.each(['customers[', 'customers[[7].open', 'customers[{}].open'])('%s is none', (text) => {
    expect(readPath(text)).toBeNull()
  })
})

describe('readAnswer', () => {
  test('finds the feeds of nested lists by the keys of their rows, as texts or as values', () => {
    const data = { c: [{ _key: ['7'], id: 7, open: [{ _key: ['1'], id: 1 }] }] }
    for (const path of ['c[["7"]].open', 'c[[7]].open']) {
      const [field] = read('{ c: customers { id open { id } } }', { data, live: { c: liveOf('sf:a'), [path]: liveOf('sf:b') } })
      expect(field?.rows[0]?.key).toEqual([7])
      expect(field?.rows[0]?.nested[0]?.live?.channel).toBe('sf:b')
    }
  })

  test('a single row is no list; one that is not there has no rows', () => {
    const live = { customers_by_pk: liveOf('sf:a'), 'customers_by_pk.open': liveOf('sf:b') }
    const query = '{ customers_by_pk(id: 7) { id open { id } } }'
    const [there] = read(query, { data: { customers_by_pk: { _key: ['7'], id: 7, open: [] } }, live })
    expect(there).toMatchObject({ single: true, rows: [{ id: '["7"]', nested: [{ live: { channel: 'sf:b' } }] }] })
    const [gone] = read(query, { data: { customers_by_pk: null }, live })
    expect(gone).toMatchObject({ single: true, rows: [] })
  })

  test('the row of values needs no key', () => {
    const [field] = read('{ sales_values { open_count } }', { data: { sales_values: { _key: [], open_count: 3 } } })
    expect(field).toMatchObject({ single: true, rows: [{ id: '[]', cells: { open_count: 3 } }] })
  })

  test('cell errors are put where their cells are', () => {
    const errors = [
      { message: 'customer: #N/A', path: ['orders', 1, 'customer'], extensions: { code: 'CELL_ERROR', error: '#N/A' } },
      { message: 'gross is #DIV/0!', path: ['orders', 0, 'g'], extensions: { code: 'CELL_ERROR' } },
    ]
    const data = {
      orders: [
        { _key: ['1'], customer: null, g: null },
        { _key: ['2'], customer: null, g: 1 },
      ],
    }
    const [field] = read('{ orders { customer g: gross } }', { data, errors })
    expect(field?.rows.map((row) => row.cells)).toEqual([
      { customer: null, gross: { e: '#DIV/0!' } },
      { customer: { e: '#N/A' }, gross: 1 },
    ])
    expect(field?.error).toBeNull()
  })

  test('the error of a field is the field’s, the error of a document the page’s', () => {
    const tooMany = { message: 'too many', path: ['orders'], extensions: { code: 'query/too-many-rows', fix: 'limit' } }
    const [field] = read('{ orders { id } }', { data: { orders: null }, errors: [tooMany] })
    expect(field?.error).toEqual({ code: 'query/too-many-rows', message: 'too many', fix: 'limit' })
    expect(documentError({ data: { orders: null }, errors: [tooMany], live: {}, state: {} })).toBeNull()
    expect(documentError({ data: null, errors: [{ message: 'no field x' }], live: {}, state: {} })).toEqual({
      code: 'query/invalid',
      message: 'no field x',
    })
  })
})
