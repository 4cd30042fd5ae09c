import { fc } from '@sheetflow/testkit/fast-check'
import { expect, test } from 'vitest'
import { Chunk } from './chunk.ts'
import { Recent } from './recent.ts'
import type { StreamedChange } from './row-change.ts'
import { parseSnapshot, sees } from './visibility.ts'

/**
 * The theorem of `docs/snapshot.md` on a model: a table, transactions that become visible in another order than they commit, a chunk of the whole table at any snapshot.
 * A consumer that has the streamed prefix and then the rolled chunk has the table as of exactly that prefix, for every key that the chunk speaks of.
 */

const KEYS = ['a', 'b', 'c', 'd']
const UNCHANGED = '{"~":1}'

interface Row {
  readonly big: number
  readonly n: number
}
type Table = Map<string, Row>

const action = fc.record({
  op: fc.constantFrom('insert', 'update', 'wide', 'move', 'delete', 'truncate'),
  key: fc.constantFrom(...KEYS),
  to: fc.constantFrom(...KEYS),
  value: fc.integer({ min: 0, max: 99 }),
})
interface Action {
  readonly op: string
  readonly key: string
  readonly to: string
  readonly value: number
}

/** What an action does to the table, and how the log tells of it; null if it does nothing there. */
function perform(table: Table, { op, key, to, value }: Action): StreamedChange | null {
  const row = table.get(key)
  if (op === 'truncate') {
    table.clear()
    return { op: 'truncate' }
  }
  if (op === 'insert') {
    if (row !== undefined) return null
    table.set(key, { big: value, n: value })
    return { op: 'create', key, row: null }
  }
  if (row === undefined) return null
  if (op === 'delete') {
    table.delete(key)
    return { op: 'delete', key }
  }
  if (op === 'move') {
    if (to !== key && table.has(to)) return null
    table.delete(key)
    table.set(to, { ...row, n: value })
    return { op: 'update', old: key, key: to, row: `["u",["${to}"],["${to}",${UNCHANGED},${String(value)}],null]` }
  }
  const next = op === 'wide' ? { big: value, n: value } : { ...row, n: value }
  table.set(key, next)
  return { op: 'update', old: key, key, row: op === 'wide' ? null : `["u",["${key}"],["${key}",${UNCHANGED},${String(value)}],null]` }
}

const text = (key: string, row: Row): string => JSON.stringify(['r', [key], [key, row.big, row.n], null])

test('a rolled chunk is the table after exactly the transactions that were streamed', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(action, { minLength: 1, maxLength: 4 }), { maxLength: 8 }),
      fc.nat(8),
      fc.nat(8),
      (transactions, seenCount, readAt) => {
        const seen = Math.min(seenCount, transactions.length)
        const table: Table = new Map([['a', { big: -1, n: -1 }]])
        // The first `seen` are visible; the rest run, and are delivered before (`recent`) or after (`open chunk`) the read.
        const snapshot = parseSnapshot(
          `${String(10 + seen)}:${String(10 + transactions.length)}:${transactions
            .map((_, i) => 10 + i)
            .slice(seen)
            .join(',')}`,
        )
        let chunk: Chunk | null = null
        const atSnapshot: Table[] = [new Map(table)]
        const streamed = transactions.map((actions) => {
          const changes = actions.map((one) => perform(table, one)).filter((change) => change !== null)
          atSnapshot.push(new Map(table))
          return changes
        })
        const rows = new Map([...(atSnapshot[seen] ?? [])].map(([key, row]) => [key, text(key, row)]))
        const recent = new Recent()
        const read = (): Chunk => {
          const made = new Chunk(
            { table: 't', run: 1, number: 1, scope: { kind: 'range', after: null, limit: 100 } },
            snapshot,
            new Map(rows),
          )
          recent.rollInto(made)
          return made
        }
        for (const [i, changes] of streamed.entries()) {
          if (i === readAt) chunk = read()
          if (chunk !== null && !sees(snapshot, 10 + i)) chunk.roll(changes)
          recent.push({ xid: 10 + i, mark: '', bytes: 0, changes: new Map([['t', changes]]) })
        }
        chunk ??= read()
        for (const row of chunk.rows()) {
          const [, [key]] = JSON.parse(row) as [string, [string]]
          expect(row).toBe(text(key, table.get(key) ?? { big: NaN, n: NaN }))
        }
        // What the chunk does not speak of, the stream has told in full or removed.
        const spoken = new Set(chunk.rows().map((row) => (JSON.parse(row) as [string, [string]])[1][0]))
        const told = new Set(
          streamed
            .slice(seen)
            .flatMap((changes) =>
              changes.flatMap((change) => (change.op === 'create' || (change.op === 'update' && change.row === null) ? [change.key] : [])),
            ),
        )
        const movedOn = new Set(
          streamed.slice(seen).flatMap((changes) => changes.flatMap((change) => (change.op === 'update' ? [change.key] : []))),
        )
        for (const key of table.keys()) expect(spoken.has(key) || told.has(key) || movedOn.has(key)).toBe(true)
      },
    ),
    { numRuns: 2_000 },
  )
})
