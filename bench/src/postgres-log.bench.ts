import { compare, timed } from './lib/measure.ts'
import type { Figure } from './lib/measure.ts'
import { readBare, readByLibrary } from './lib/replication-rivals.ts'
import type { SlotReading } from './lib/replication-rivals.ts'
import { makeCapture, startShopDatabase } from './lib/shop-database.ts'
import type { Capture, ShopDatabase } from './lib/shop-database.ts'

/**
 * Rows of 11 columns out of log that is written already, onto the fsynced bus. The rival is `pg-logical-replication` with one bus message a row; the
 * limit reads the protocol and throws everything away (Postgres decodes its log for it at the same time, on the same machine).
 */
export default async function* postgresLog(): AsyncIterable<Figure> {
  for (const { name, rows, perTransaction, rivalRows } of CASES) {
    await using database = await startShopDatabase()
    await using slots = await prepareSlots(database)
    await database.fill(1, rows, perTransaction)
    const reading = (slot: string, upTo: number): SlotReading => ({ url: database.url, slot, publication: slots.publication, rows: upTo })
    yield* await compare({
      bench: 'postgres-log',
      case: name,
      unit: 'rows/s',
      runs: RUNS,
      contenders: [
        {
          who: 'sheetflow',
          run: () => timed(rows, () => slots.capture().runUntil((m) => Number(m['source_rows_total'] ?? 0) >= rows && isPublished(m))),
        },
        { who: 'pg-logical-replication', run: () => timed(rivalRows, () => readByLibrary(reading(slots.bare(), rivalRows))) },
        { who: 'limit: bare protocol', run: () => timed(rows, () => readBare(reading(slots.bare(), rows))) },
      ],
    })
  }
}

const RUNS = 5
/** The rival is slow: it reads the first rows of the same log. */
const CASES = [
  { name: 'transactions of 1,000 rows', rows: 150_000, perTransaction: 1_000, rivalRows: 30_000 },
  { name: 'transactions of one row', rows: 40_000, perTransaction: 1, rivalRows: 8_000 },
] as const

/** What the driver delivered is on the bus. */
function isPublished(metrics: Readonly<Record<string, number | string>>): boolean {
  return metrics['source_published'] === metrics['source_delivered']
}

interface Slots extends AsyncDisposable {
  readonly publication: string
  /** A capture whose table is loaded and whose slot stands before the rows. */
  capture(): Capture
  /** A slot that stands before the rows. */
  bare(): string
}

/** One slot for each run: they must all stand before the rows are written. */
async function prepareSlots({ url, db }: ShopDatabase): Promise<Slots> {
  const captures = Array.from({ length: RUNS + 1 }, () => makeCapture(url))
  for (const capture of captures)
    await capture.runUntil((m) => Number(m['source_transactions_total'] ?? 0) > 0 && m['source_snapshot_active'] === 0)
  await db.query('create publication bench for table orders')
  const bare = Array.from({ length: (RUNS + 1) * 2 }, (_, i) => `bare_${i}`)
  for (const slot of bare) await db.query("select pg_create_logical_replication_slot($1, 'pgoutput')", [slot])
  let [captured, read] = [0, 0]
  return {
    publication: 'bench',
    capture: () => captures[captured++] as Capture,
    bare: () => bare[read++] as string,
    [Symbol.asyncDispose]: async () => {
      for (const capture of captures) await capture[Symbol.asyncDispose]()
    },
  }
}
