import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { expect, test } from 'vitest'
import { JsonBytes } from '../json-bytes.ts'
import type { RowChange } from '../message.ts'
import type { BusMessage } from '../ports/bus.ts'
import type { RowBytes } from './byte-block.ts'
import { TransactionPacker } from './packer.ts'
import { graphSubjects } from './subjects.ts'

/** Rows of one view, given to the packer at once; a schema between; or everything that is packed is sent. */
type Part = { readonly view: number; readonly rows: readonly RowChange[] } | 'schema' | 'idle'

const row: fc.Arbitrary<RowChange[]> = fc.oneof(
  { weight: 6, arbitrary: fc.nat({ max: 999 }).map((id) => [create(id, 'ż'.repeat(id % 5))]) },
  { weight: 3, arbitrary: fc.nat({ max: 999 }).map((id): RowChange[] => [['d', [id], null, [id, 'x']], create(id, 'y')]) },
  { weight: 1, arbitrary: fc.nat({ max: 999 }).map((id): RowChange[] => [['d', [id], null, [id, 'x']]]) },
  // A message is full of bytes before it is full of rows.
  { weight: 1, arbitrary: fc.constantFrom(40_000, 100_000, 260_000, 270_000).map((width) => [create(1, 'ż'.repeat(width / 2))]) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(140_000, 300_000)
      .map((width): RowChange[] => [['d', [1], null, [1, 'x'.repeat(width)]], create(1, 'y'.repeat(width))]),
  },
  { weight: 1, arbitrary: fc.integer({ min: 55, max: 140 }).map((n) => Array.from({ length: n }, (_, id) => create(id, ''))) },
)

const part: fc.Arbitrary<Part> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ view: fc.nat({ max: 1 }), rows: fc.array(row, { maxLength: 6 }).map((rows) => rows.flat()) }) },
  { weight: 1, arbitrary: fc.constantFrom<Part>('schema', 'idle') },
)

function create(id: number, text: string): RowChange {
  return ['c', [id], [id, text], null]
}

function asBytes(rows: readonly RowChange[]): RowBytes {
  const to = new JsonBytes()
  const ends = rows.map((one, i) => {
    if (i > 0) to.text(',')
    to.json(one)
    return to.size
  })
  return { bytes: to.cut(), ends }
}

/** The messages of two transactions. `next`: up to where the first one stands on the bus already. */
function written(
  parts: readonly Part[],
  next: number,
  give: (packer: TransactionPacker, view: string, rows: readonly RowChange[]) => void,
) {
  const packer = new TransactionPacker({ stream: 'SF_GRAPH_sales', epoch: 1, subjects: graphSubjects('sales') })
  for (const tx of ['1-1', '1-2']) {
    packer.begin(tx, { next: tx === '1-1' ? next : 0, big: parts.length > 4 })
    for (const one of parts) {
      if (one === 'idle') packer.idle()
      else if (one === 'schema') packer.schema({ v: 1, table: 'sales.v0', schema: 1, hash: 'h', key: ['id'], columns: [] })
      else give(packer, `sales.v${one.view}`, one.rows)
    }
    packer.commit({ at: '2026-11-23T10:00:00.000000Z', inputs: { SF_SRC_shop: { epoch: 1, offset: 7 } }, causes: [] })
  }
  return packer.take().map(plain)
}

function plain({ subject, id, body }: BusMessage): readonly string[] {
  return [subject, id, new TextDecoder().decode(body)]
}

/** Each with its transaction and the view. */
function rowsOf(messages: readonly (readonly string[])[]): unknown[] {
  return messages.flatMap(([subject, , body]) => {
    const { tx, rows = [] } = JSON.parse(body ?? '') as { readonly tx: string; readonly rows?: readonly RowChange[] }
    return rows.map((one) => [subject, tx, one])
  })
}

test('rows as bytes are the same messages as the same rows as text', () => {
  const property = fc.property(fc.array(part, { maxLength: 6 }), fc.nat({ max: 80 }), (parts, next) => {
    const texts = written(parts, next, (packer, view, rows) => packer.changes(view, 1, rows))
    expect(written(parts, next, (packer, view, rows) => packer.rowBytes(view, 1, asBytes(rows)))).toEqual(texts)
    // One kind after the other: the messages are cut otherwise, their rows are the same.
    let turn = 0
    const mixed = written(parts, next, (packer, view, rows) =>
      turn++ % 2 === 0 ? packer.rowBytes(view, 1, asBytes(rows)) : packer.changes(view, 1, rows),
    )
    expect(rowsOf(mixed)).toEqual(rowsOf(texts))
  })
  expect(() => fc.assert(property, { numRuns: runs(150, 2_000) })).not.toThrow()
})

test('a row that is bigger than a message may be is a message by itself, also between others', () => {
  const rows = [create(1, 'a'), create(2, 'b'.repeat(300_000)), create(3, 'c')]
  const whole = (of: readonly RowChange[]): readonly RowChange[][] =>
    written([{ view: 0, rows: of }], 0, (packer, view, given) => packer.rowBytes(view, 1, asBytes(given))).flatMap(([subject, , body]) =>
      subject?.includes('v0') === true ? [(JSON.parse(body ?? '') as { readonly rows: RowChange[] }).rows] : [],
    )
  expect(whole(rows).slice(0, 3)).toEqual(rows.map((row) => [row]))
  expect(whole(rows.slice(1, 2))[0]).toEqual(rows.slice(1, 2))
})

test('what an abandoned transaction had of a message is not in the next one', () => {
  const packer = new TransactionPacker({ stream: 'SF_GRAPH_sales', epoch: 1, subjects: graphSubjects('sales') })
  packer.begin('1-1')
  packer.rowBytes('sales.v0', 1, asBytes([create(1, 'gone')]))
  packer.abandon()
  packer.begin('1-2')
  packer.rowBytes('sales.v0', 1, asBytes([create(2, 'here')]))
  packer.commit({ at: '2026-11-23T10:00:00.000000Z', causes: [] })
  const [message, ...more] = packer.take()
  expect([message?.body === undefined ? null : JSON.parse(new TextDecoder().decode(message.body)).rows, more]).toEqual([
    [create(2, 'here')],
    [],
  ])
})
