import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { RowChange, RowJson } from '@sheetflow/core/message'
import type { ViewStore, ViewTransaction } from '@sheetflow/core/ports/view-store'
import type { SheetSchema } from '@sheetflow/core/schema'
import { openSqliteViews } from '@sheetflow/store/sql/sqlite/view-store'
import { Random } from '@sheetflow/testkit/random'
import { compare, timed } from './lib/measure.ts'
import type { Figure, Measured } from './lib/measure.ts'
import { temporaryFolder } from './lib/temporary.ts'

/**
 * Updates of a view of 8 columns with one index and 100,000 rows, in transactions of 1,000, position included: each applied alone, and ten in one
 * `apply` as the store role joins what waits. The limit is the bare statement: `INSERT … ON CONFLICT DO UPDATE`, prepared once, in the same mode of
 * SQLite, committed as often, values bound as they are.
 */
export default async function* storeUpserts(): AsyncIterable<Figure> {
  using folder = temporaryFolder()
  await using store = openSqliteViews(path.join(folder.path, 'views.db'))
  const first = Array.from({ length: KEYS }, (_, id) => row(id, 0))
  await fillStore(store, first)
  using limit = openLimit(path.join(folder.path, 'limit.db'), first)
  const work = new UpdateWork(first)
  for (const { name, joined } of CASES) {
    yield* await compare({
      bench: 'store-upserts',
      case: name,
      unit: 'rows/s',
      contenders: [
        { who: 'sheetflow store/sqlite', run: () => applyAll(store, work.transactions(joined)) },
        { who: 'limit: bare node:sqlite', run: () => limit.upsertAll(work.transactions(joined)) },
      ],
    })
  }
}

const CASES = [
  { name: '8 columns, one index, 1,000 a transaction', joined: 1 },
  { name: '8 columns, one index, 10 × 1,000 joined', joined: 10 },
] as const

const KEYS = 100_000
const ROWS = 1_000
const TRANSACTIONS = 100
/** Transactions of one `apply`. */
type Group = readonly ViewTransaction[]

const VIEW = 'sales.orders'
const STREAM = 'SF_GRAPH_sales'

const SCHEMA: SheetSchema = {
  v: 1,
  table: VIEW,
  schema: 1,
  hash: 'bench',
  generation: 1,
  key: ['id'],
  columns: [
    { name: 'id', id: 1, type: 'bigint', null: false },
    { name: 'customer_id', id: 2, type: 'bigint', null: true },
    { name: 'customer', id: 3, type: 'text', null: true },
    { name: 'status', id: 4, type: 'text', null: true },
    { name: 'total', id: 5, type: 'decimal', p: 12, s: 2, null: true },
    { name: 'lines', id: 6, type: 'int', null: true },
    { name: 'placed_at', id: 7, type: 'timestamptz', null: true },
    { name: 'note', id: 8, type: 'text', null: true },
  ],
  index: ['customer_id'],
  search: [],
  lists: {},
}

/** One version of a row; the indexed column changes in every tenth. */
function row(id: number, version: number): RowJson {
  const customer = (id + Math.floor(version / 10)) % 10_000
  return [
    String(id),
    String(customer),
    `Customer ${customer}`,
    version % 2 === 0 ? 'open' : 'shipped',
    `${id + version}.50`,
    version % 7,
    '2026-11-23T10:00:00.000000Z',
    'as ordered',
  ]
}

/** Random updates, with the row before as the stream of a graph carries it. */
class UpdateWork {
  readonly #rows: RowJson[]
  readonly #versions: Uint32Array = new Uint32Array(KEYS)
  readonly #random = new Random(7).next
  #offset = 1

  constructor(rows: readonly RowJson[]) {
    this.#rows = [...rows]
  }

  /** In groups of so many that are applied together. */
  transactions(joined: number): Group[] {
    return Array.from({ length: TRANSACTIONS / joined }, () => Array.from({ length: joined }, () => this.#transaction()))
  }

  #transaction(): ViewTransaction {
    this.#offset += 1
    const position = { epoch: 1, offset: this.#offset, tx: `1-${this.#offset}` }
    return { position, at: '2026-11-23T10:00:00.000000Z', changes: [{ view: VIEW, generation: 1, swap: false, rows: this.#changes() }] }
  }

  #changes(): RowChange[] {
    const changes = new Map<number, RowChange>()
    while (changes.size < ROWS) {
      const id = Math.floor(this.#random() * KEYS)
      if (changes.has(id)) continue
      const version = (this.#versions[id] ?? 0) + 1
      this.#versions[id] = version
      const after = row(id, version)
      changes.set(id, ['u', [String(id)], after, this.#rows[id] ?? null])
      this.#rows[id] = after
    }
    return [...changes.values()]
  }
}

async function fillStore(store: ViewStore, rows: readonly RowJson[]): Promise<void> {
  await store.ensure(SCHEMA)
  const created = rows.map((one): RowChange => ['c', [one[0] ?? null], one, null])
  const changes = [{ view: VIEW, generation: 1, swap: true, status: 'ready' as const, rows: created }]
  await store.apply(STREAM, [{ position: { epoch: 1, offset: 1, tx: '1-1' }, at: '2026-11-23T10:00:00.000000Z', changes }])
}

async function applyAll(store: ViewStore, groups: readonly Group[]): Promise<Measured> {
  return await timed(ROWS * TRANSACTIONS, async () => {
    for (const group of groups) await store.apply(STREAM, group)
  })
}

interface Limit extends Disposable {
  upsertAll(groups: readonly Group[]): Promise<Measured>
}

function openLimit(file: string, rows: readonly RowJson[]): Limit {
  const db = new DatabaseSync(file)
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 16384; PRAGMA cache_size = -65536;
    CREATE TABLE t (a INTEGER PRIMARY KEY, b INTEGER, c TEXT, d TEXT, e INTEGER, f INTEGER, g TEXT, h TEXT);
    CREATE INDEX i ON t (b); CREATE TABLE position (o INTEGER); INSERT INTO position VALUES (0)`)
  const upsert = db.prepare(`INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (a)
    DO UPDATE SET b = excluded.b, c = excluded.c, d = excluded.d, e = excluded.e, f = excluded.f, g = excluded.g, h = excluded.h`)
  const position = db.prepare('UPDATE position SET o = ?')
  const write = ([id, customer, name, status, total, ...rest]: RowJson): void => {
    upsert.run(
      Number(id),
      Number(customer),
      name as string,
      status as string,
      Math.round(Number(total) * 100),
      ...(rest as (string | number)[]),
    )
  }
  db.exec('BEGIN')
  rows.forEach(write)
  db.exec('COMMIT')
  return {
    upsertAll: (groups) =>
      timed(ROWS * TRANSACTIONS, () => {
        for (const group of groups) {
          db.exec('BEGIN')
          for (const { changes } of group)
            for (const { rows: changed } of changes) for (const [, , after] of changed) if (after !== null) write(after)
          position.run(group.at(-1)?.position.offset ?? 0)
          db.exec('COMMIT')
        }
      }),
    [Symbol.dispose]: () => db.close(),
  }
}
