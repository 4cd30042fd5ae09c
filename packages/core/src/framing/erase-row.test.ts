import { expect, test } from 'vitest'
import { decodeMessage, encodeBody } from './codec.ts'
import { eraseRow } from './erase-row.ts'

const SUBJECT = 'sf.src.shop.public.people'

function stored(rows: readonly unknown[]): { readonly subject: string; readonly body: Uint8Array } {
  return { subject: SUBJECT, body: encodeBody({ v: 1, table: 'public.people', schema: 1, tx: 't', first: 4, rows }) }
}

test('each change of that key becomes its deletion; the others and the ordinals stay', () => {
  const message = stored([
    ['c', ['1'], ['1', 'Ann'], null],
    ['u', ['7'], ['7', 'Bob'], ['7', 'Rob']],
    ['d', ['7'], null, ['7', 'Bob']],
    ['t', null, null, null],
  ])
  const body = eraseRow(message, ['7'])
  expect(decodeMessage({ subject: SUBJECT, body: body ?? new Uint8Array() }).message).toMatchObject({
    first: 4,
    rows: [
      ['c', ['1'], ['1', 'Ann'], null],
      ['d', ['7'], null, null],
      ['d', ['7'], null, null],
      ['t', null, null, null],
    ],
  })
  expect(eraseRow({ subject: SUBJECT, body: body ?? new Uint8Array() }, ['7'])).toBeNull()
})

test('keys are compared as they are written; messages that are no rows say nothing of a row', () => {
  expect(eraseRow(stored([['c', [7], [7, 'Bob'], null]]), ['7'])).toBeNull()
  const commit = { v: 1, tx: 't', first: 5, at: '2026-11-23T10:00:00.000000Z', mark: 'm', causes: [], counts: {} }
  expect(eraseRow({ subject: 'sf.src.shop._commit', body: encodeBody(commit) }, ['7'])).toBeNull()
})
