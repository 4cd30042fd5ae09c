import { compare, timed } from './lib/measure.ts'
import type { Figure } from './lib/measure.ts'
import { makeCapture, startShopDatabase } from './lib/shop-database.ts'

/**
 * The first copy of a table of 11 columns: from the start of the capture role until `loaded` is on the fsynced bus (slot, gate and barriers
 * included). The limit is Postgres alone, which copies the table into nothing: `COPY … TO '/dev/null'`.
 */
export default async function* snapshot(): AsyncIterable<Figure> {
  await using database = await startShopDatabase()
  await database.fill(1, ROWS, 10_000)
  await database.db.query('vacuum analyze orders')
  yield* await compare({
    bench: 'snapshot',
    case: `${ROWS.toLocaleString('en-US')} rows of 11 columns`,
    unit: 'rows/s',
    contenders: [
      {
        who: 'sheetflow',
        run: async () => {
          await using capture = makeCapture(database.url)
          return await timed(ROWS, () =>
            capture.runUntil((m) => Number(m['source_snapshot_rows_total'] ?? 0) >= ROWS && m['source_snapshot_active'] === 0),
          )
        },
      },
      { who: 'limit: COPY to /dev/null', run: () => timed(ROWS, () => database.db.query("copy orders to '/dev/null'")) },
    ],
  })
}

/** Large enough that the start (some 100 ms) does not count much. */
const ROWS = 1_000_000
