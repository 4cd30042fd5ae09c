import { describe, expect, test } from 'vitest'
import type { RowChange } from '../message.ts'
import type { BusMessage, StoredMessage } from '../ports/bus.ts'
import { TransactionReader } from './assembler.ts'
import type { HalfRule, StreamEvent } from './assembler.ts'
import { TransactionCollector } from './collector.ts'
import { decodeMessage } from './codec.ts'
import { MESSAGE_BYTES, MESSAGE_ROWS } from './limits.ts'
import { TransactionPacker } from './packer.ts'
import { graphSubjects, sourceSubjects } from './subjects.ts'

const AT = '2026-11-23T10:00:00.123456Z'
const COMMIT = { at: AT, mark: 'm1', causes: [] }
const CAUSE = { id: '01J9ZQ3K7M4T8V2W5X6Y7Z8A9B', user: '7' }

function sourcePacker(): TransactionPacker {
  return new TransactionPacker({ stream: 'SF_SRC_shop', epoch: 5, subjects: sourceSubjects('shop') })
}

function create(id: number): RowChange {
  return ['c', [String(id)], [String(id), 'x'], null]
}

function remove(id: number): RowChange {
  return ['d', [String(id)], null, null]
}

function range(count: number, from = 0): RowChange[] {
  return Array.from({ length: count }, (_, i) => create(from + i))
}

function stored(messages: readonly BusMessage[], from = 1): StoredMessage[] {
  return messages.map((message, i) => ({ ...message, offset: from + i, storedAt: 0 }))
}

function bodies(messages: readonly BusMessage[]): unknown[] {
  return messages.map((message) => decodeMessage(message).message)
}

function reader(rule: HalfRule): TransactionReader {
  return new TransactionReader({ rule, epoch: 5 })
}

/** Keys of the rows that a source's reader would put into its state. */
function rowKeys(events: readonly StreamEvent[]): unknown[] {
  return events.flatMap((event) => (event.kind === 'rows' ? event.message.rows.map((row) => row[1]?.[0]) : []))
}

describe('TransactionPacker', () => {
  test('puts the commit of a transaction of one message into it', () => {
    const packer = sourcePacker()
    packer.begin('A')
    packer.changes('public.orders', 7, [create(1), create(2)])
    packer.commit(COMMIT)
    const [only, ...more] = packer.take()
    expect(more).toEqual([])
    expect(only).toMatchObject({ subject: 'sf.src.shop.public.orders', id: 'SF_SRC_shop/5/A/0' })
    expect(bodies([only as BusMessage])).toEqual([
      {
        v: 1,
        table: 'public.orders',
        schema: 7,
        tx: 'A',
        first: 0,
        rows: [create(1), create(2)],
        commit: { ...COMMIT, counts: { 'public.orders': 2 } },
      },
    ])
  })

  test('writes the commit alone where there are causes, other messages or none at all', () => {
    const packer = sourcePacker()
    packer.begin('A')
    packer.changes('public.orders', 7, [create(1)])
    packer.commit({ ...COMMIT, causes: [CAUSE] })
    packer.begin('B')
    packer.commit(COMMIT)
    packer.begin('C')
    packer.changes('public.orders', 7, [create(1)])
    packer.changes('public.customers', 2, [create(1)])
    packer.commit(COMMIT)
    expect(packer.take().map((message) => message.id.slice('SF_SRC_shop/5/'.length))).toEqual(['A/0', 'A/1', 'B/0', 'C/0', 'C/1', 'C/2'])
  })

  test('counts rows, schema and control messages alike', () => {
    const packer = sourcePacker()
    packer.begin('A')
    packer.schema({ v: 1, table: 'public.orders', schema: 7, hash: 'h', key: ['id'], columns: [] })
    packer.changes('public.orders', 7, [create(1), create(2), create(3)])
    packer.control({
      kind: 'drop',
      table: 'public.gone',
      state: { origin: { system: '', timeline: '', slot: '' }, epochs: [], tables: {} },
    })
    packer.commit(COMMIT)
    const messages = packer.take()
    expect(messages.map((message) => [message.subject, message.id.split('/').at(-1)])).toEqual([
      ['sf.src.shop._schema.public.orders', '0'],
      ['sf.src.shop.public.orders', '1'],
      ['sf.src.shop._ctl', '4'],
      ['sf.src.shop._commit', '5'],
    ])
    expect(bodies(messages).map((body) => (body as { first: number }).first)).toEqual([0, 1, 4, 5])
  })

  test('cuts after 64 rows, and a changed key never', () => {
    const packer = sourcePacker()
    packer.begin('A')
    packer.changes('t.t', 1, [...range(MESSAGE_ROWS - 1), remove(1), create(100), ...range(3, 200)])
    packer.commit(COMMIT)
    const rows = packer.take().flatMap((message) => {
      const decoded = decodeMessage(message)
      return decoded.kind === 'rows' ? [decoded.message] : []
    })
    expect(rows.map((message) => [message.first, message.rows.length])).toEqual([
      [0, 63],
      [63, 5],
    ])
    expect(rows[1]?.rows.slice(0, 2)).toEqual([remove(1), create(100)])
  })

  test('cuts at 256 KiB of UTF-8, and lets a single bigger row through', () => {
    const wide = (units: number, char: string): RowChange => ['c', ['1'], [char.repeat(units)], null]
    const packer = sourcePacker()
    packer.begin('A')
    packer.changes('t.t', 1, [wide(60_000, 'ż'), wide(60_000, 'ż'), wide(60_000, 'ż'), wide(400_000, 'a'), create(1)])
    packer.commit(COMMIT)
    const messages = packer.take()
    expect(bodies(messages).map((body) => (body as { rows?: unknown[] }).rows?.length)).toEqual([2, 1, 1, 1, undefined])
    expect(messages[0]?.body.length).toBeLessThan(MESSAGE_BYTES + 200)
  })

  test('keeps a changed key together even where its row alone is too big', () => {
    const packer = sourcePacker()
    packer.begin('A')
    packer.changes('t.t', 1, [remove(1), ['c', ['2'], ['a'.repeat(300_000)], null], create(3)])
    packer.commit(COMMIT)
    expect(bodies(packer.take()).map((body) => (body as { rows?: unknown[] }).rows?.length)).toEqual([2, 1, undefined])
  })

  test('a schema that was read from a stream can be written again', () => {
    const packer = sourcePacker()
    const schema = { v: 1, table: 'public.orders', schema: 7, hash: 'h', key: ['id'], columns: [] } as const
    for (const tx of ['A', 'B']) {
      packer.begin(tx)
      packer.schema(tx === 'A' ? schema : (bodies(packer.take())[0] as typeof schema))
      packer.commit(COMMIT)
    }
    expect(bodies(packer.take())).toEqual([{ ...schema, tx: 'B', first: 0, commit: { ...COMMIT, counts: {} } }])
  })

  test('completes a half-written transaction by ordinal, however it was cut', () => {
    const packer = sourcePacker()
    packer.begin('A', { next: 3 })
    packer.changes('t.t', 1, range(5))
    packer.commit(COMMIT)
    expect(bodies(packer.take())).toMatchObject([
      { first: 3, rows: [create(3), create(4)] },
      { first: 5, counts: { 't.t': 5 } },
    ])
    packer.begin('B', { next: 1 })
    packer.changes('t.t', 1, range(1))
    packer.commit(COMMIT)
    expect(packer.take().map((message) => message.id)).toEqual(['SF_SRC_shop/5/B/1'])
  })

  test('marks the first message of a big transaction', () => {
    const packer = new TransactionPacker({ stream: 'SF_GRAPH_sales', epoch: 9, subjects: graphSubjects('sales') })
    packer.begin('9-1', { big: true })
    packer.changes('sales.open', 1, range(70))
    packer.commit({ at: AT, inputs: { SF_SRC_shop: { epoch: 5, offset: 1 } }, causes: [] })
    const messages = packer.take()
    expect(messages.map((message) => message.subject)).toEqual(['sf.wb.sales.open', 'sf.wb.sales.open', 'sf.graph.sales._commit'])
    expect(bodies(messages).map((body) => (body as { big?: true }).big)).toEqual([true, undefined, undefined])
  })

  test('idle gives what is there, and the commit then comes alone', () => {
    const packer = sourcePacker()
    packer.event({ kind: 'begin', tx: 'A' })
    packer.event({ kind: 'rows', table: 't.t', schema: 1, rows: [JSON.stringify(create(1))] })
    expect(packer.take()).toEqual([])
    packer.event({ kind: 'idle' })
    expect(packer.take()).toHaveLength(1)
    packer.event({ kind: 'commit', at: AT, mark: 'm', causes: [] }, { offset: 17 })
    expect(bodies(packer.take())).toEqual([{ v: 1, tx: 'A', first: 1, at: AT, mark: 'm', inbox: 17, causes: [], counts: { 't.t': 1 } }])
  })
})

describe('TransactionReader', () => {
  const written = (write: (packer: TransactionPacker) => void): readonly BusMessage[] => {
    const packer = sourcePacker()
    write(packer)
    return packer.take()
  }

  test('gives pieces as they come and the position of the commit', () => {
    const messages = written((packer) => {
      packer.begin('A')
      packer.changes('t.t', 1, range(70))
      packer.commit(COMMIT)
      packer.begin('B')
      packer.changes('t.t', 1, range(1))
      packer.commit(COMMIT)
    })
    const events = reader('source').push(stored(messages, 10))
    expect(events.map((event) => event.kind)).toEqual(['begin', 'rows', 'rows', 'commit', 'begin', 'rows', 'commit'])
    expect(events.flatMap((event) => (event.kind === 'commit' ? [event.position] : []))).toEqual([
      { epoch: 5, offset: 12, tx: 'A' },
      { epoch: 5, offset: 13, tx: 'B' },
    ])
  })

  test('leaves out what came before: by offset, by tx, and by ordinal inside of a message', () => {
    const whole = written((packer) => {
      packer.begin('A')
      packer.changes('t.t', 1, range(100))
      packer.commit({ ...COMMIT, causes: [CAUSE] })
    })
    const one = reader('source')
    expect(rowKeys(one.push(stored(whole, 1)))).toHaveLength(100)
    expect(one.push(stored(whole, 1))).toEqual([])
    expect(one.push(stored(whole, 4))).toEqual([])

    const [head] = written((packer) => {
      packer.begin('A')
      packer.changes('t.t', 1, range(10))
      packer.idle()
    })
    const keys = rowKeys(reader('source').push(stored([head as BusMessage, ...whole])))
    expect(keys).toEqual(range(100).map((row) => row[1]?.[0]))
  })

  test('completes a source’s half-written transaction across a restart of its writer', () => {
    const first = written((packer) => {
      packer.begin('A')
      packer.changes('t.t', 1, range(80))
      packer.idle()
    }).slice(0, 1)
    const one = reader('source')
    const before = one.push(stored(first))
    expect(one.half).toEqual({ tx: 'A', next: 64 })
    const rest = written((packer) => {
      packer.begin('A', { next: one.half?.next ?? 0 })
      packer.changes('t.t', 1, range(80))
      packer.commit(COMMIT)
    })
    const after = one.push(stored(rest, 2))
    expect(rowKeys([...before, ...after])).toEqual(range(80).map((row) => row[1]?.[0]))
    expect(one.half).toBeNull()
    expect(one.position).toEqual({ epoch: 5, offset: 3, tx: 'A' })
  })

  test('closes a snapshot chunk when the next transaction begins, and drops a graph’s half-written one', () => {
    const messages = stored(
      written((packer) => {
        packer.begin('snap-1-1')
        packer.changes('t.t', 1, range(2))
        packer.idle()
        packer.abandon()
        packer.begin('B')
        packer.changes('t.t', 1, range(1))
        packer.commit(COMMIT)
      }),
    )
    expect(reader('source').push(messages)[2]).toEqual({ kind: 'half', tx: 'snap-1-1', keep: true })
    expect(reader('graph').push(messages)[2]).toEqual({ kind: 'half', tx: 'snap-1-1', keep: false })
    const collected = (rule: HalfRule): string[] =>
      new TransactionCollector({ rule, epoch: 5 }).push(messages).map((transaction) => transaction.tx)
    expect(collected('source')).toEqual(['snap-1-1', 'B'])
    expect(collected('graph')).toEqual(['B'])
  })

  test('a new epoch counts from its control message on', () => {
    const state = { origin: { system: 's', timeline: '1', slot: 'x' }, epochs: [], tables: {} }
    const messages = written((packer) => {
      packer.begin('A')
      packer.commit(COMMIT)
      packer.epoch = 6
      packer.begin('ctl-1')
      packer.control({ kind: 'epoch', epoch: 6, reason: 'slot lost', from: { epoch: 5, offset: 1 }, state })
      packer.commit(COMMIT)
    })
    expect(messages.map((message) => message.id)).toEqual(['SF_SRC_shop/5/A/0', 'SF_SRC_shop/6/ctl-1/0'])
    const one = reader('source')
    one.push(stored(messages))
    expect(one.position).toEqual({ epoch: 6, offset: 2, tx: 'ctl-1' })
  })
})

describe('decodeMessage', () => {
  const decode = (subject: string, text: string): unknown => decodeMessage({ subject, body: new TextEncoder().encode(text) })

  test.each([
    ['sf.src.shop.public.orders', '{'],
    ['sf.src.shop.public.orders', '[]'],
    ['sf.src.shop.public.orders', '{"v":1}'],
    ['sf.src.shop.public.orders', '{"v":1,"tx":"A","first":0,"table":"t.t","schema":1,"rows":[]}'],
    ['sf.src.shop.public.orders', '{"v":1,"tx":"A","first":0,"table":"t.t","schema":1,"rows":[["c",["1"],null,null]]}'],
    ['sf.src.shop.public.orders', '{"v":1,"tx":"A","first":-1,"table":"t.t","schema":1,"rows":[["d",["1"],null,null]]}'],
    ['sf.src.shop._commit', '{"v":1,"tx":"A","first":0}'],
    ['sf.src.shop._ctl', '{"v":1,"tx":"A","first":0}'],
    ['sf.src.shop._schema.public.orders', '{"v":1,"tx":"A","first":0,"table":"t.t","schema":1,"key":["id"],"columns":[{}]}'],
  ])('refuses %s %s', (subject, text) => {
    expect(() => decode(subject, text)).toThrow(expect.objectContaining({ code: 'core/bad-message' }))
  })

  test('names a format that it does not know', () => {
    expect(() => decode('sf.src.shop._commit', '{"v":2}')).toThrow(expect.objectContaining({ code: 'core/unknown-format' }))
  })
})
