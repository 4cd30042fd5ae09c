import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openSqliteBus } from '@sheetflow/bus/sqlite/sqlite-bus'
import { sourceSubjects } from '@sheetflow/core/framing/subjects'
import { TransactionPacker } from '@sheetflow/core/framing/packer'
import type { BusMessage } from '@sheetflow/core/ports/bus'
import { sourceStream } from '@sheetflow/core/subject'
import { appendPipelined } from './lib/append-pipelined.ts'
import { compare, timed } from './lib/measure.ts'
import type { Figure, Measured } from './lib/measure.ts'
import { natsAppend, natsPublishEach } from './lib/nats-append.ts'
import { temporaryFolder } from './lib/temporary.ts'

/**
 * Rows appended to the bus and fsynced. The limits write the same bytes in the same groups: into a bare file with `fdatasync`, and into a bare
 * table of `node:sqlite` with `synchronous = FULL`. None of them has offsets to give, subjects to index or a writer to fence.
 */
export default async function* busAppend(): AsyncIterable<Figure> {
  for (const { name, transactions, rows } of CASES) {
    const groups = groupsOf(packed(transactions, rows))
    const items = transactions * rows
    yield* await compare({
      bench: 'bus-append',
      case: name,
      unit: 'rows/s, fsynced',
      contenders: [
        { who: 'sheetflow bus/sqlite', run: () => appendAll(groups, items) },
        { who: 'limit: node:sqlite table', run: () => insertAll(groups, items) },
        { who: 'limit: file + fdatasync', run: () => writeAll(groups, items) },
      ],
    })
  }
  for (const { name, transactions, rows } of NATS_CASES) {
    const groups = groupsOf(packed(transactions, rows))
    const items = transactions * rows
    const each = Array.from({ length: RIVAL_ROWS }, (_, i) => new TextEncoder().encode(rowText(i)))
    for (const sync of ['default', 'always'] as const) {
      yield* await compare({
        bench: 'bus-append',
        case: `NATS, sync_interval ${sync}, ${name}`,
        unit: 'rows/s, acknowledged',
        runs: 3,
        contenders: [
          { who: 'sheetflow bus/nats', run: () => natsAppend(STREAM, groups, items, sync) },
          { who: 'js.publish per row, 512 under way', run: () => natsPublishEach(sync === 'always' ? each.slice(0, 1_000) : each, sync) },
        ],
      })
    }
  }
}

const NATS_CASES = [
  { name: 'transactions of 1,000 rows', transactions: 200, rows: 1_000 },
  { name: 'transactions of one row', transactions: 30_000, rows: 1 },
] as const
/** Rows that the rival publishes: it is slow. */
const RIVAL_ROWS = 30_000

const CASES = [
  { name: 'transactions of 1,000 rows', transactions: 300, rows: 1_000 },
  { name: 'transactions of one row', transactions: 60_000, rows: 1 },
] as const

const STREAM = sourceStream('shop')
/** What one append takes (port `Bus`). */
const GROUP_MESSAGES = 1_000
const GROUP_BYTES = 4 * 1024 * 1024
type Group = readonly BusMessage[]

async function appendAll(groups: readonly Group[], items: number): Promise<Measured> {
  using folder = temporaryFolder()
  await using bus = await openSqliteBus({ dir: folder.path })
  return await timed(items, () => appendPipelined(bus, STREAM, groups))
}

async function insertAll(groups: readonly Group[], items: number): Promise<Measured> {
  using folder = temporaryFolder()
  const db = new DatabaseSync(path.join(folder.path, 'limit.db'))
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE m (o INTEGER PRIMARY KEY, subject TEXT, id TEXT, body BLOB)')
  const insert = db.prepare('INSERT INTO m (subject, id, body) VALUES (?, ?, ?)')
  const measured = await timed(items, () => {
    for (const group of groups) {
      db.exec('BEGIN')
      for (const { subject, id, body } of group) insert.run(subject, id, body)
      db.exec('COMMIT')
    }
  })
  db.close()
  return measured
}

async function writeAll(groups: readonly Group[], items: number): Promise<Measured> {
  using folder = temporaryFolder()
  const file = openSync(path.join(folder.path, 'limit.log'), 'w')
  const measured = await timed(items, () => {
    for (const group of groups) {
      writeSync(file, Buffer.concat(group.map(({ body }) => body)))
      fdatasyncSync(file)
    }
  })
  closeSync(file)
  return measured
}

/** The messages of so many transactions as capture makes them. */
function packed(transactions: number, rows: number): BusMessage[] {
  const packer = new TransactionPacker({ stream: STREAM, epoch: 1, subjects: sourceSubjects('shop') })
  const messages: BusMessage[] = []
  for (let n = 0; n < transactions; n++) {
    const mark = n.toString(16).padStart(16, '0')
    packer.begin(mark)
    packer.rows(
      'public.orders',
      1,
      Array.from({ length: rows }, (_, i) => rowText(n * rows + i)),
    )
    packer.commit({ at: '2026-11-23T10:00:00.000000Z', mark, causes: [] })
    messages.push(...packer.take())
  }
  return messages
}

/** A row of 11 columns as capture writes it, 180 bytes. */
function rowText(id: number): string {
  const row = `["${id}","customer name ${id}","some street ${id}","city",${id},"${id}.25",true,"2026-11-23T10:00:00.000000Z","{\\"k\\": 1}",${id / 2},"open"]`
  return `["c",["${id}"],${row},null]`
}

function groupsOf(messages: readonly BusMessage[]): Group[] {
  const groups: BusMessage[][] = []
  let bytes = Infinity
  for (const message of messages) {
    const group = groups.at(-1)
    if (group === undefined || group.length === GROUP_MESSAGES || bytes + message.body.length > GROUP_BYTES * 0.9) {
      groups.push([message])
      bytes = message.body.length
    } else {
      group.push(message)
      bytes += message.body.length
    }
  }
  return groups
}
