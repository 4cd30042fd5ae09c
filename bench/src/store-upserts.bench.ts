import path from 'node:path'
import type { RowChange, RowJson } from '@sheetflow/core/message'
import type { ViewStore, ViewTransaction } from '@sheetflow/core/ports/view-store'
import type { SheetSchema } from '@sheetflow/core/schema'
import { openPostgresViews } from '@sheetflow/store/sql/postgres/view-store'
import { openSqliteViews } from '@sheetflow/store/sql/sqlite/view-store'
import { LivePostgres } from '@sheetflow/testkit/postgres/live-postgres'
import { Random } from '@sheetflow/testkit/random'
import { compare, timed } from './lib/measure.ts'
import type { Figure, Measured } from './lib/measure.ts'
import { openPostgresLimit, openSqliteLimit } from './lib/store-limits.ts'
import type { StoreLimit } from './lib/store-limits.ts'
import { temporaryFolder } from './lib/temporary.ts'

/**
 * Updates of a view of 8 columns with one index and 100,000 rows, in transactions of 1,000, position included: each applied alone, and ten in one
 * `apply` as the store role joins what waits. The limits are the bare statement, prepared once, committed as often, over columns of the database's
 * own types: in SQLite `INSERT … ON CONFLICT DO UPDATE` of each row in the same mode; in Postgres one `INSERT … SELECT FROM unnest(…) ON CONFLICT DO
 * UPDATE` for all rows of a commit, whose commits do not wait for the disk either.
 */
export default async function* storeUpserts(): AsyncIterable<Figure> {
  const first = Array.from({ length: KEYS }, (_, id) => row(id, 0))
  yield* await sqlite(first)
  yield* await postgres(first)
}

async function sqlite(first: readonly RowJson[]): Promise<Figure[]> {
  using folder = temporaryFolder()
  await using store = openSqliteViews(path.join(folder.path, 'views.db'))
  await using limit = openSqliteLimit(path.join(folder.path, 'limit.db'), first)
  return await sideBySide('SQLite', first, { store, limit, stores: 'sheetflow store/sqlite', limits: 'limit: bare node:sqlite' })
}

async function postgres(first: readonly RowJson[]): Promise<Figure[]> {
  const server = await LivePostgres.start({ fsync: 'on', shared_buffers: '256MB', max_wal_size: '4GB' })
  try {
    const url = await server.database()
    await using store = await openPostgresViews({ url, schema: 'bench' })
    await using limit = await openPostgresLimit(url, first)
    return await sideBySide('Postgres', first, { store, limit, stores: 'sheetflow store/postgres', limits: 'limit: bare unnest' })
  } finally {
    await server.end()
  }
}

interface Pair {
  readonly store: ViewStore
  readonly stores: string
  readonly limit: StoreLimit
  readonly limits: string
}

async function sideBySide(name: string, first: readonly RowJson[], { store, stores, limit, limits }: Pair): Promise<Figure[]> {
  await fillStore(store, first)
  const work = new UpdateWork(first)
  const figures: Figure[] = []
  for (const [what, joined] of CASES) {
    figures.push(
      ...(await compare({
        bench: 'store-upserts',
        case: `${name}: ${what}`,
        unit: 'rows/s',
        contenders: [
          { who: stores, run: () => applyAll(store, work.transactions(joined)) },
          { who: limits, run: () => upsertAll(limit, work.transactions(joined)) },
        ],
      })),
    )
  }
  return figures
}

const CASES = [
  ['8 columns, one index, 1,000 a transaction', 1],
  ['8 columns, one index, 10 × 1,000 joined', 10],
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

async function upsertAll(limit: StoreLimit, groups: readonly Group[]): Promise<Measured> {
  return await timed(ROWS * TRANSACTIONS, async () => {
    for (const group of groups) {
      const rows = group.flatMap(({ changes }) =>
        changes.flatMap((one) => one.rows.flatMap(([, , after]) => (after === null ? [] : [after]))),
      )
      await limit.upsert(rows, group.at(-1)?.position.offset ?? 0)
    }
  })
}
