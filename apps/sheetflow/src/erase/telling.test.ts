import type { ColumnSchema } from '@sheetflow/core/schema'
import { expect, test } from 'vitest'
import { Telling } from './telling.ts'

const TEXT: ColumnSchema = { name: 't', id: 1, type: 'text', null: true }
const INT: ColumnSchema = { name: 'i', id: 2, type: 'int', null: true }
const DATE: ColumnSchema = { name: 'd', id: 3, type: 'date', null: true }
const LIST: ColumnSchema = { name: 'l', id: 4, type: 'list', of: { type: 'text' }, null: true }

const telling = new Telling([
  { column: TEXT, json: 'Bob (Secret)' },
  { column: TEXT, json: 'PL' },
  { column: INT, json: 42 },
  { column: INT, json: 600123 },
  { column: DATE, json: '1985-03-04' },
  { column: LIST, json: ['long item', 'x'] },
  { column: TEXT, json: null },
])

test.each([
  ['Bob (Secret)', true],
  ['order of BOB (SECRET), 12', true],
  ['Bob (Secret)s', false],
  ['JimBob (Secret)', false],
  ['PL', false],
  [42, false],
  [600123, true],
  ['600123', false],
  ['1985-03-04', true],
  ['since 1985-03-04', false],
  ['long item', true],
  [['a', 'long item'], true],
  ['x', false],
  [null, false],
  [true, false],
] as const)('%j: %s', (cell, tells) => {
  expect(telling.has(cell)).toBe(tells)
})

test('JSON of any shape loses what tells of the row, and nothing else', () => {
  const payload = { name: 'Bob (Secret)', deep: [{ note: 'call bob (secret)', n: 42 }], other: 'Ann' }
  expect(telling.without(payload)).toEqual({ name: '(erased)', deep: [{ note: '(erased)', n: 42 }], other: 'Ann' })
  const innocent = { a: [1, { b: 'Ann' }], c: null }
  expect(telling.without(innocent)).toBe(innocent)
})
