import { encodeBody } from '@sheetflow/core/framing/codec'
import { ERASED_JSON } from '@sheetflow/core/framing/erase-row'
import type { StoredMessage } from '@sheetflow/core/ports/bus'
import { expect, test } from 'vitest'
import { commandRule, graphRule, receiptRule, tellsElsewhere, type Rule } from './stream-rules.ts'
import { Telling } from './telling.ts'

const telling = new Telling([{ column: { name: 'name', id: 1, type: 'text', null: true }, json: 'Bob Secret' }])
const AT = '2026-11-26T00:00:00.000000Z'

function stored(offset: number, subject: string, body: unknown): StoredMessage {
  return { offset, storedAt: 0, id: String(offset), subject, body: encodeBody(body) }
}

/** The body without what shall be forgotten; everything can be read. */
function without(rule: Rule, message: StoredMessage): Uint8Array | null {
  return rule(message, () => expect.unreachable())
}

const jsonOf = (body: Uint8Array | null): unknown => (body === null ? null : JSON.parse(new TextDecoder().decode(body)))

test('of a graph: rows that are the row, cells that tell of it, nothing behind the offset', () => {
  const rows = [
    ['c', ['7'], ['7', 'x'], null],
    ['u', ['Bob Secret'], ['Bob Secret', 'a'], ['Bob Secret', null]],
    ['c', ['8'], ['8', 'for bob secret'], null],
  ]
  const body = { v: 1, table: 's.people', schema: 1, tx: '1-1', first: 0, rows }
  const rule = graphRule(10, (view, key) => view === 's.people' && key[0] === '7', telling)
  expect(jsonOf(without(rule, stored(10, 'sf.wb.s.people', body)))).toMatchObject({
    rows: [
      ['d', ['7'], null, null],
      ['u', [ERASED_JSON], [ERASED_JSON, 'a'], [ERASED_JSON, null]],
      ['c', ['8'], ['8', ERASED_JSON], null],
    ],
    erased: [0],
  })
  expect(without(rule, stored(11, 'sf.wb.s.people', body))).toBeNull()
})

test('of finished commands what they carried, of receipts what was answered', () => {
  const command = {
    v: 1,
    kind: 'command',
    id: 'c1',
    name: 'rename',
    payload: { id: 7, name: 'Bob Secret' },
    user: 'u',
    claims: {},
    order: 'u',
    at: AT,
    validForMs: 1,
  }
  const rule = commandRule(3, telling)
  expect(jsonOf(without(rule, stored(3, 'sf.in.src.shop.command', command)))).toEqual({ ...command, payload: { id: 7, name: '(erased)' } })
  expect(without(rule, stored(4, 'sf.in.src.shop.command', command))).toBeNull()
  expect(without(rule, stored(3, 'sf.in.src.shop.command', { ...command, payload: { id: 7 } }))).toBeNull()
  expect(without(rule, stored(3, 'sf.in.src.shop.resnapshot', { v: 1, kind: 'resnapshot', tables: [] }))).toBeNull()
  const receipt = { v: 1, kind: 'receipt', id: 'c1', user: 'u', status: 'done', result: { of: 'Bob Secret' }, at: AT }
  expect(jsonOf(without(receiptRule(3, telling), stored(3, 'sf.in.graph.g.receipt', receipt)))).toEqual({
    ...receipt,
    result: { of: '(erased)' },
  })
})

test('what people typed and what functions were asked is told', () => {
  const edit = (name: string): StoredMessage =>
    stored(1, 'sf.in.graph.g.edit', { v: 1, kind: 'edit', sheet: 's.notes', changes: [['c', ['1'], ['1', name], null]] })
  expect([tellsElsewhere(edit('Bob Secret called'), telling), tellsElsewhere(edit('Ann'), telling)]).toEqual([true, false])
  const asked = { v: 1, kind: 'result', function: 'f', version: '1', args: ['Bob Secret'], value: 1 }
  expect(tellsElsewhere(stored(1, 'sf.in.graph.g.result', asked), telling)).toBe(true)
})

test('what cannot be read stays, and is told', () => {
  const told: number[] = []
  const unread = ({ offset }: StoredMessage): void => void told.push(offset)
  const bad = (offset: number): StoredMessage => stored(offset, 'sf.wb.s.people', '{"v":1')
  const rules = [graphRule(10, () => true, telling), commandRule(10, telling), receiptRule(10, telling)]
  expect(rules.map((rule, i) => rule(bad(i + 1), unread))).toEqual([null, null, null])
  expect(told).toEqual([1, 2, 3])
  expect(tellsElsewhere(bad(4), telling)).toBe(false)
})
