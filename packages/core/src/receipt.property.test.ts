import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, test } from 'vitest'
import type { ReceiptStatus } from './message.ts'
import { NEXT_STATUS, RECEIPTS, addReceipt, receiptFromRow, receiptRow } from './receipt.ts'
import type { Receipt, ReceiptInput } from './receipt.ts'
import { isJsonOf } from './json-codec.ts'

const STATUSES = Object.keys(NEXT_STATUS) as ReceiptStatus[]

function event(status: ReceiptStatus, more: Partial<ReceiptInput> = {}): ReceiptInput {
  return { id: '01J9ZQ3K7M4T8V2W5X6Y7Z8A9B', user: '7', status, at: '2026-11-23T10:00:00.000000Z', ...more }
}

function after(events: readonly ReceiptInput[]): Receipt | null {
  return events.reduce<Receipt | null>((receipt, next) => addReceipt(receipt, next), null)
}

describe('receipts', () => {
  test('the table is the maximum of one order: idempotent, commutative, associative, never back', () => {
    for (const a of STATUSES) {
      expect(NEXT_STATUS[a][a]).toBe(a)
      for (const b of STATUSES) {
        expect(NEXT_STATUS[a][b]).toBe(NEXT_STATUS[b][a])
        for (const c of STATUSES) expect(NEXT_STATUS[NEXT_STATUS[a][b]][c]).toBe(NEXT_STATUS[a][NEXT_STATUS[b][c]])
      }
      expect(NEXT_STATUS['accepted'][a]).toBe(a)
      expect(NEXT_STATUS[a]['applied']).toBe('applied')
    }
  })

  test('what a command really went through gives one receipt, whatever comes late or twice', () => {
    const accepted = event('accepted', { at: 't1' })
    const done = event('done', { at: 't2', result: [1, 2] })
    const applied = event('applied', { at: 't3', user: null, inputs: { SF_SRC_shop: { epoch: 1, offset: 9 } } })
    const expected = after([accepted, done, applied])
    expect(expected).toEqual({
      id: accepted.id,
      user: '7',
      status: 'applied',
      code: null,
      result: [1, 2],
      at: 't3',
      inputs: applied.inputs,
    })
    const someOrder = fc.shuffledSubarray([accepted, done, applied, accepted, done, applied], { minLength: 6 })
    fc.assert(
      fc.property(someOrder, (events) => {
        expect(after(events)).toEqual(expected)
      }),
    )
  })

  test('unknown gives way to an outcome, with its fields', () => {
    const outcome = after([
      event('accepted'),
      event('unknown', { code: 'command/failed' }),
      event('rejected', { code: 'shop/no-stock', at: 'later' }),
    ])
    expect(outcome).toMatchObject({ status: 'rejected', code: 'shop/no-stock', at: 'later' })
  })

  test('go round as rows of their sheet', () => {
    const receipts = [
      after([event('accepted')]),
      after([event('failed', { code: 'x', result: null })]),
      after([event('applied', { result: 'r', inputs: {} })]),
    ]
    for (const receipt of receipts as Receipt[]) {
      const row = receiptRow(receipt)
      expect(receiptFromRow(row)).toEqual(receipt)
      expect(RECEIPTS.columns.every((column, index) => isJsonOf(column, row[index] ?? null))).toBe(true)
    }
  })
})
