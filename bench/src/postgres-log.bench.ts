import { must } from '@sheetflow/core/assert'
import type { BenchOptions, BusName } from './lib/bench-options.ts'
import { filesPlace, natsPlace } from './lib/bus-place.ts'
import type { BusPlace } from './lib/bus-place.ts'
import { compare, timed } from './lib/measure.ts'
import type { Figure } from './lib/measure.ts'
import { readBare, readByLibrary } from './lib/replication-rivals.ts'
import type { SlotReading } from './lib/replication-rivals.ts'
import { makeCapture, startShopDatabase } from './lib/shop-database.ts'
import type { Capture, ShopDatabase } from './lib/shop-database.ts'

/**
 * Rows of 11 columns out of log that is written already, onto the durable bus: fsynced files, or with `--bus nats` a server that syncs its files as it does by itself, each second, or before it
 * answers (the source is confirmed as much later). The rival is `pg-logical-replication` with one bus message a row; the limit reads the protocol and throws everything away (Postgres
 * decodes its log for it at the same time, on the same machine).
 */
export default async function* postgresLog({ bus, rounds }: BenchOptions): AsyncIterable<Figure> {
  for (const { name, rows, perTransaction, rivalRows } of CASES) {
    await using database = await startShopDatabase()
    await using slots = await prepareSlots(database, BUSES[bus], rounds + 1)
    await database.fill(1, rows, perTransaction)
    const reading = (slot: string, upTo: number): SlotReading => ({ url: database.url, slot, publication: slots.publication, rows: upTo })
    yield* await compare({
      bench: 'postgres-log',
      case: name,
      unit: 'rows/s',
      runs: rounds,
      contenders: [
        ...BUSES[bus].map(({ who }) => ({
          who,
          run: () => timed(rows, () => slots.capture(who).runUntil((m) => Number(m['source_rows_total'] ?? 0) >= rows && isPublished(m))),
        })),
        {
          who: `pg-logical-replication, ${bus === 'nats' ? 'js.publish' : 'a message'} per row`,
          run: async () => {
            await using place = bus === 'nats' ? natsPlace('default') : filesPlace()
            return await timed(rivalRows, () => readByLibrary(reading(slots.bare(), rivalRows), place))
          },
        },
        { who: 'limit: bare protocol', run: () => timed(rows, () => readBare(reading(slots.bare(), rows))) },
      ],
    })
  }
}

/** Ours, by bus. */
const BUSES: Readonly<Record<BusName, readonly OurBus[]>> = {
  sqlite: [{ who: 'sheetflow', place: filesPlace }],
  nats: (['default', '1s', 'always'] as const).map((sync) => ({ who: `sheetflow, sync_interval ${sync}`, place: () => natsPlace(sync) })),
}

interface OurBus {
  readonly who: string
  readonly place: () => BusPlace
}

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
  /** The next capture of this one of ours: its table is loaded and its slot stands before the rows. */
  capture(who: string): Capture
  /** A slot that stands before the rows. */
  bare(): string
}

/** One slot for each run: they must all stand before the rows are written. */
async function prepareSlots({ url, db }: ShopDatabase, buses: readonly OurBus[], runs: number): Promise<Slots> {
  const captures = new Map(buses.map(({ who, place }) => [who, Array.from({ length: runs }, () => makeCapture(url, place()))]))
  const all = [...captures.values()].flat()
  for (const capture of all)
    await capture.runUntil((m) => Number(m['source_transactions_total'] ?? 0) > 0 && m['source_snapshot_active'] === 0)
  await db.query('create publication bench for table orders')
  const bare = Array.from({ length: runs * 2 }, (_, i) => `bare_${i}`)
  for (const slot of bare) await db.query("select pg_create_logical_replication_slot($1, 'pgoutput')", [slot])
  const taken = new Map<string, number>()
  const next = (of: string): number => {
    const n = taken.get(of) ?? 0
    taken.set(of, n + 1)
    return n
  }
  return {
    publication: 'bench',
    capture: (who) => must(captures.get(who)?.[next(who)]),
    bare: () => must(bare[next('bare')]),
    [Symbol.asyncDispose]: async () => {
      for (const capture of all) await capture[Symbol.asyncDispose]()
    },
  }
}
