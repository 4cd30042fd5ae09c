import type { RowChange } from '@sheetflow/core/message'
import { TransactionPacker } from '@sheetflow/core/framing/packer'
import { graphSubjects } from '@sheetflow/core/framing/subjects'
import { expect, test } from 'vitest'
import { GraphReader } from './graph-reader.ts'
import type { GraphTransaction } from './graph-transaction.ts'

const MAX_BYTES = 100_000
const AT = '2026-11-23T10:00:00.000000Z'

/** What a reader makes of one transaction: rows of each view, in order. */
function read(views: Readonly<Record<string, number>>): GraphTransaction | null {
  const packer = new TransactionPacker({ stream: 'SF_GRAPH_g', epoch: 1, subjects: graphSubjects('g') })
  packer.begin('1-1')
  for (const [view, count] of Object.entries(views))
    packer.rows(
      view,
      1,
      Array.from({ length: count }, (_, i) => JSON.stringify(row(i))),
    )
  packer.commit({ at: AT, inputs: {}, causes: [] })
  const reader = new GraphReader({ epoch: 1, after: null, maxBytes: MAX_BYTES })
  const closed = packer.take().map((message, i) => reader.push({ ...message, offset: i + 1, storedAt: 0 }))
  return closed.at(-1) ?? null
}

function row(i: number): RowChange {
  return ['u', [String(i)], [String(i), 'x'.repeat(100)], [String(i), 'y'.repeat(100)]]
}

test('law 12: rows of a view beyond the bound are not held, and its channels are told to ask again', () => {
  const transaction = read({ 's.many': 100_000 })
  expect(transaction?.views).toEqual([{ view: 's.many', rows: [], reset: true }])
  expect(transaction?.bytes).toBeLessThan(MAX_BYTES)
})

test('a view of few rows is told row by row beside one of very many, whichever comes first', () => {
  const transaction = read({ 's.few': 3, 's.many': 100_000, 's.some': 5 })
  expect(transaction?.views.map(({ view, rows, reset }) => [view, rows.length, reset])).toEqual([
    ['s.few', 3, false],
    ['s.many', 0, true],
    ['s.some', 5, false],
  ])
  expect(transaction?.views[2]?.rows[4]).toEqual(row(4))
})
