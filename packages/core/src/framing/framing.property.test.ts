import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { expect, test } from 'vitest'
import { isSheetflowError } from '../errors.ts'
import type { RowChange } from '../message.ts'
import type { StoredPosition } from '../position.ts'
import type { BusMessage, StoredMessage } from '../ports/bus.ts'
import { TransactionReader } from './assembler.ts'
import type { HalfRule } from './assembler.ts'
import { TransactionCollector } from './collector.ts'
import { decodeMessage } from './codec.ts'
import { MESSAGE_ROWS } from './limits.ts'
import { TransactionPacker } from './packer.ts'
import { graphSubjects, sourceSubjects } from './subjects.ts'

/** A part of a transaction: rows of one table, a schema, or a pause in the log. */
type Part = { readonly table: number; readonly rows: readonly RowChange[] } | 'schema' | 'idle'

interface Transaction {
  readonly parts: readonly Part[]
  readonly cause: boolean
}

const AT = '2026-11-23T10:00:00.000000Z'

const someRow: fc.Arbitrary<RowChange[]> = fc.oneof(
  { weight: 6, arbitrary: fc.nat().map((id) => [create(id)]) },
  // A changed key: never cut apart.
  { weight: 2, arbitrary: fc.nat().map((id): RowChange[] => [['d', [`k${id}`], null, null], create(id)]) },
  { weight: 1, arbitrary: fc.integer({ min: 60, max: 140 }).map((n) => Array.from({ length: n }, (_, id) => create(id))) },
)

const someTransaction: fc.Arbitrary<Transaction> = fc.record({
  parts: fc.array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ table: fc.nat({ max: 1 }), rows: fc.array(someRow, { maxLength: 4 }).map((rows) => rows.flat()) }),
      },
      { weight: 1, arbitrary: fc.constantFrom<Part>('schema', 'idle') },
    ),
    { maxLength: 5 },
  ),
  cause: fc.boolean(),
})

function create(id: number): RowChange {
  return ['c', [String(id)], [String(id), 'ż'.repeat(id % 7)], null]
}

/** The rows that a transaction means, table by table, in order. */
function meaning(transaction: Transaction): string[] {
  return transaction.parts.flatMap((part) =>
    typeof part === 'string' ? [] : part.rows.map((row) => `${part.table} ${JSON.stringify(row)}`),
  )
}

function write(packer: TransactionPacker, tx: string, { parts, cause }: Transaction, next = 0): void {
  packer.begin(tx, { next })
  for (const part of parts) {
    if (part === 'idle') packer.idle()
    else if (part === 'schema') packer.schema({ v: 1, table: 't.t0', schema: 1, hash: 'h', key: ['id'], columns: [] })
    else packer.changes(`t.t${part.table}`, 1, part.rows)
  }
  packer.commit({ at: AT, causes: cause ? [{ id: 'x', user: null }] : [] })
}

/** A stream that several lives of one writer have written; each life ends after some messages, in the middle of anything. */
function writtenBy(rule: HalfRule, transactions: readonly Transaction[], lives: readonly number[]): StoredMessage[] {
  const stream: StoredMessage[] = []
  for (const [life, budget] of [...lives, Infinity].entries()) {
    const packer = new TransactionPacker({
      stream: 'S',
      epoch: 1,
      subjects: rule === 'source' ? sourceSubjects('shop') : graphSubjects('sales'),
    })
    const reader = new TransactionReader({ rule, epoch: 1 })
    reader.push(stream)
    const done = reader.position === null ? 0 : indexOf(reader.position) + 1
    const half = rule === 'source' ? reader.half : null
    let left = budget
    for (const [index, transaction] of transactions.entries()) {
      if (index < done) continue
      const tx = rule === 'source' ? `${index}` : `${life}-${index}`
      write(packer, tx, transaction, half?.tx === tx ? half.next : 0)
      for (const message of packer.take()) {
        if (left-- <= 0) break
        stream.push({ ...message, offset: stream.length + 1, storedAt: 0 })
      }
      if (left < 0) break
    }
  }
  return stream
}

function indexOf(position: StoredPosition): number {
  return Number(position.tx.split('-').at(-1))
}

/** What a reader takes in that itself ends after each batch of some size, and reads on from its last commit; batches come twice. */
function readBy(rule: HalfRule, stream: readonly StoredMessage[], batches: readonly number[]): { rows: string[]; commits: number[] } {
  const rows: string[] = []
  const commits: number[] = []
  let after: StoredPosition | null = null
  for (const size of [...batches, Infinity]) {
    const collector: TransactionCollector = new TransactionCollector({ rule, epoch: 1, after })
    const from = after === null ? 0 : after.offset
    const batch = stream.slice(from, from + size)
    for (const whole of [...collector.push(batch), ...collector.push(batch)]) {
      if (whole.position === null) continue
      commits.push(indexOf(whole.position))
      after = whole.position
      for (const piece of whole.pieces) {
        if (piece.kind === 'rows') rows.push(...piece.message.rows.map((row) => `${piece.message.table.at(-1)} ${JSON.stringify(row)}`))
      }
    }
  }
  return { rows, commits }
}

const lives = fc.array(fc.nat({ max: 6 }), { maxLength: 6 })
const batches = fc.array(fc.nat({ max: 9 }), { maxLength: 6 })

for (const rule of ['source', 'graph'] as const) {
  test(`law 5: a ${rule}’s transactions are read once and whole, however its writer and reader died`, () => {
    fc.assert(
      fc.property(fc.array(someTransaction, { maxLength: 5 }), lives, batches, (transactions, deaths, sizes) => {
        const stream = writtenBy(rule, transactions, deaths)
        const read = readBy(rule, stream, sizes)
        expect(read.rows).toEqual(transactions.flatMap(meaning))
        expect(read.commits).toEqual(transactions.map((_, index) => index))
      }),
      { numRuns: runs(300, 3_000) },
    )
  })
}

test('messages are within their limits, ordinals have no gap, and a changed key is in one message', () => {
  fc.assert(
    fc.property(someTransaction, (transaction) => {
      const packer = new TransactionPacker({ stream: 'S', epoch: 1, subjects: sourceSubjects('shop') })
      write(packer, 'A', transaction)
      let next = 0
      for (const message of packer.take() as BusMessage[]) {
        const decoded = decodeMessage(message)
        expect(decoded.message.first).toBe(next)
        expect(message.id).toBe(`S/1/A/${next}`)
        const rows = decoded.kind === 'rows' ? decoded.message.rows : []
        next += decoded.kind === 'rows' ? rows.length : 1
        expect(rows.length).toBeLessThanOrEqual(MESSAGE_ROWS)
        expect(rows.at(-1)?.[0]).not.toBe('d')
      }
    }),
    { numRuns: runs(300, 3_000) },
  )
})

test('whatever a body holds, it is read or refused with a code', () => {
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 30 }),
    fc.json().map((text) => new TextEncoder().encode(text)),
    fc
      .record(
        {
          v: fc.constantFrom(1, 1, 1, 2, '1', null),
          tx: fc.constantFrom('A', 1),
          first: fc.constantFrom(0, -1, 1.5, '0'),
          table: fc.constantFrom('t.t', null),
          schema: fc.constantFrom(1, 'x'),
          rows: fc.array(
            fc.oneof(fc.jsonValue(), fc.tuple(fc.constantFrom('c', 'd', 't', 'x'), fc.jsonValue(), fc.jsonValue(), fc.jsonValue())),
          ),
          kind: fc.constantFrom('gate', 1),
          commit: fc.jsonValue(),
          at: fc.jsonValue(),
          causes: fc.jsonValue(),
          counts: fc.jsonValue(),
          key: fc.jsonValue(),
          columns: fc.jsonValue(),
        },
        { requiredKeys: ['v', 'tx', 'first'] },
      )
      .map((json) => new TextEncoder().encode(JSON.stringify(json))),
  )
  const subject = fc.constantFrom(
    'sf.src.shop.public.orders',
    'sf.src.shop._schema.public.orders',
    'sf.src.shop._ctl',
    'sf.graph.sales._commit',
    'x',
    '',
  )
  fc.assert(
    fc.property(subject, anything, (where, body) => {
      expect(outcome(where, body)).toMatch(/^(read|core\/bad-message|core\/unknown-format)$/)
    }),
    { numRuns: runs(5_000, 100_000) },
  )
})

function outcome(subject: string, body: Uint8Array): string {
  try {
    decodeMessage({ subject, body })
    return 'read'
  } catch (error) {
    return isSheetflowError(error) ? error.code : String(error)
  }
}
