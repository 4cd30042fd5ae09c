import { expect, test } from 'vitest'
import { decodeMessage, encodeBody } from './codec.ts'
import { ERASED_JSON, eraseRow, eraseRows, isErased } from './erase-row.ts'

const SUBJECT = 'sf.src.shop.public.people'

function stored(rows: readonly unknown[]): { readonly subject: string; readonly body: Uint8Array } {
  return { subject: SUBJECT, body: encodeBody({ v: 1, table: 'public.people', schema: 1, tx: 't', first: 4, rows }) }
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
