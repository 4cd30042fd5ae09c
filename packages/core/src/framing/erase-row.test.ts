import { expect, test } from 'vitest'
import type { KeyJson } from '../message.ts'
import type { BusMessage } from '../ports/bus.ts'
import { decodeMessage, encodeBody } from './codec.ts'
import { ERASED_JSON, eraseRows, isErased } from './erase-row.ts'

const SUBJECT = 'sf.src.shop.public.people'

function stored(rows: readonly unknown[]): { readonly subject: string; readonly body: Uint8Array } {
  return { subject: SUBJECT, body: encodeBody({ v: 1, table: 'public.people', schema: 1, tx: 't', first: 4, rows }) }
}

/** As `eraseRows`, of one row of whatever table. */
function eraseRow(message: Pick<BusMessage, 'subject' | 'body'>, key: KeyJson): Uint8Array | null {
  const wanted = JSON.stringify(key)
  return eraseRows(message, { row: (_, of) => JSON.stringify(of) === wanted })
}

test('each change of that key becomes its deletion and is marked; the others and the ordinals stay', () => {
  const message = stored([
    ['c', ['1'], ['1', 'Ann'], null],
    ['u', ['7'], ['7', 'Bob'], ['7', 'Rob']],
    ['d', ['7'], null, ['7', 'Bob']],
    ['d', ['7'], null, null],
    ['t', null, null, null],
  ])
  const body = eraseRow(message, ['7'])
  expect(decodeMessage({ subject: SUBJECT, body: body ?? new Uint8Array() }).message).toMatchObject({
    first: 4,
    rows: [
      ['c', ['1'], ['1', 'Ann'], null],
      ['d', ['7'], null, null],
      ['d', ['7'], null, null],
      ['d', ['7'], null, null],
      ['t', null, null, null],
    ],
    erased: [1, 2],
  })
  expect(eraseRow({ subject: SUBJECT, body: body ?? new Uint8Array() }, ['7'])).toBeNull()
})

test('keys are compared as they are written; messages that are no rows say nothing of a row', () => {
  expect(eraseRow(stored([['c', [7], [7, 'Bob'], null]]), ['7'])).toBeNull()
  const commit = { v: 1, tx: 't', first: 5, at: '2026-11-23T10:00:00.000000Z', mark: 'm', causes: [], counts: {} }
  expect(eraseRow({ subject: 'sf.src.shop._commit', body: encodeBody(commit) }, ['7'])).toBeNull()
})

test('cells of other rows, and of their keys, say that they were erased; what was marked before stays marked', () => {
  const first = eraseRow(
    stored([
      ['c', ['7'], ['7', 'x'], null],
      ['u', ['Bob', '2'], ['Bob', '2', 'of Bob'], ['Bob', '2', null]],
    ]),
    ['7'],
  )
  const body = eraseRows(
    { subject: SUBJECT, body: first ?? new Uint8Array() },
    { row: () => false, cell: (_, cell) => JSON.stringify(cell).includes('Bob') },
  )
  expect(decodeMessage({ subject: SUBJECT, body: body ?? new Uint8Array() }).message).toMatchObject({
    rows: [
      ['d', ['7'], null, null],
      ['u', [ERASED_JSON, '2'], [ERASED_JSON, '2', ERASED_JSON], [ERASED_JSON, '2', null]],
    ],
    erased: [0],
  })
  expect([isErased(ERASED_JSON), isErased({ e: '#N/A', of: 'erased' }), isErased(null)]).toEqual([true, false, false])
})

test('of rows of another shape those go whose key is meant; the others stay as they were written; a message that is none is told', () => {
  const other = ['u', ['8'], 'no cells', null]
  const message = stored([['u', ['7'], 'no cells either', null], other, ['?'], ['c', ['9'], ['9', 'x'], null]])
  const body = eraseRow(message, ['7'])
  expect(JSON.parse(new TextDecoder().decode(body ?? new Uint8Array()))).toMatchObject({
    rows: [['d', ['7'], null, null], other, ['?'], ['c', ['9'], ['9', 'x'], null]],
    erased: [0],
  })
  expect(eraseRow({ subject: SUBJECT, body: body ?? new Uint8Array() }, ['7'])).toBeNull()
  const dead = { subject: SUBJECT, body: encodeBody('{"v":') }
  let told = 0
  expect(eraseRows(dead, { row: () => true, unread: () => void told++ })).toBeNull()
  expect(told).toBe(1)
  expect(() => eraseRow(dead, ['7'])).toThrow('is not JSON')
})
