import pg from 'pg'
import { answerTasks } from '../child.ts'
import { sharedMs } from './moments.ts'
import { OPEN_ORDERS } from './world.ts'

/** Transactions of ten changed rows for so many seconds: number `from` on, of which `n` marks the open order `n % OPEN_ORDERS`. */
export interface BatchTask {
  readonly url: string
  readonly from: number
  readonly rowsPerSecond: number
  readonly seconds: number
}

export interface BatchAnswer {
  /** When each transaction was acknowledged as committed, in order of their numbers. */
  readonly acknowledged: readonly number[]
  readonly rows: number
  readonly seconds: number
}

const ROWS = 10
const CONNECTIONS = 4

/** One row that the page sees, seven that it sees in sums, one that leaves and one that comes. A connection has its own orders, so nobody waits for a lock. */
const CHANGES = `with seen as (update orders set total = $2::numeric / 100, n = $1 where id = $3),
  sums as (update orders set total = total + 1 where id between $4 and $4 + 6),
  gone as (delete from orders where id = $5)
  insert into orders select $5 + ${CONNECTIONS}, $3 % 50, 'shipped', 1, 0`

let connected: Promise<readonly pg.Client[]> | null = null
/** The order that the next transaction of each connection takes away: it puts one of a new key in its place. */
const leaving = Array.from({ length: CONNECTIONS }, (_, i) => 1_000_000_000 + i)

answerTasks<BatchTask, BatchAnswer>(async ({ url, from, rowsPerSecond, seconds }) => {
  connected ??= connect(url)
  const clients = await connected
  const count = Math.round((rowsPerSecond / ROWS) * seconds)
  const acknowledged = Array.from({ length: count }, () => 0)
  const startedAt = sharedMs()
  const commit = async (i: number): Promise<void> => {
    const n = from + i
    const row = n % OPEN_ORDERS
    const connection = row % CONNECTIONS
    const key = leaving[connection] as number
    leaving[connection] = key + CONNECTIONS
    const sums = 1_000 + connection * 2_000 + ((n * 7) % 1_990)
    await (clients[connection] as pg.Client).query({ name: 'changes', text: CHANGES, values: [n, n % 1_000_000, row, sums, key] })
    acknowledged[i] = sharedMs()
  }
  await inOpenLoop(count, (rowsPerSecond / ROWS) * 1e-3, commit)
  return { acknowledged, rows: count * ROWS, seconds: (sharedMs() - startedAt) / 1000 }
})

async function connect(url: string): Promise<readonly pg.Client[]> {
  return await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const client = new pg.Client({ connectionString: url, pipeline: true })
      await client.connect()
      return client
    }),
  )
}

/** Begins work at its times: who falls behind is not waited for. */
async function inOpenLoop(count: number, perMs: number, work: (i: number) => Promise<void>): Promise<void> {
  const startedAt = sharedMs()
  const running: Promise<void>[] = []
  while (running.length < count) {
    const due = Math.min(count, Math.floor((sharedMs() - startedAt) * perMs))
    while (running.length < due) running.push(work(running.length))
    await new Promise((next) => setTimeout(next, 1))
  }
  await Promise.all(running)
}
