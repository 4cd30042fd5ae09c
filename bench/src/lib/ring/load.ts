import pg from 'pg'
import { answerTasks } from '../child.ts'
import { sharedMs } from './moments.ts'

/** Updates of single rows, each a transaction: numbers `from` on, so many a second for so long. `n` changes row `n % rows`. */
export interface LoadTask {
  readonly url: string
  readonly rows: number
  readonly from: number
  readonly perSecond: number
  readonly seconds: number
}

/** When each of them was acknowledged as committed, in order of their numbers. */
export interface LoadAnswer {
  readonly acknowledged: readonly number[]
  /** Until the last of them was acknowledged. */
  readonly seconds: number
}

/** Enough that a commit waits for no other one's turn at these rates. */
const CONNECTIONS = 8

const UPDATE = 'update orders set total = $2::numeric / 100, n = $1 where id = $3'

const pools = new Map<string, Promise<pg.Client[]>>()

answerTasks<LoadTask, LoadAnswer>(async (task) => {
  const clients = await connected(task.url)
  return await commitAll(clients, task)
})

/** Connections stay for the next load. */
function connected(url: string): Promise<pg.Client[]> {
  const known = pools.get(url)
  if (known !== undefined) return known
  const made = Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const client = new pg.Client({ connectionString: url, pipeline: true })
      await client.connect()
      return client
    }),
  )
  pools.set(url, made)
  return made
}

/** An open loop: who falls behind is not waited for. */
function commitAll(clients: readonly pg.Client[], { rows, from, perSecond, seconds }: LoadTask): Promise<LoadAnswer> {
  const count = Math.round(perSecond * seconds)
  const acknowledged = Array.from({ length: count }, () => 0)
  const startedAt = sharedMs()
  let [sent, done] = [0, 0]
  return new Promise((resolve, reject) => {
    const commit = (i: number): void => {
      const n = from + i
      const row = n % rows
      const client = clients[row % clients.length] as pg.Client
      client.query({ name: 'update', text: UPDATE, values: [n, n % 1_000_000, row] }, (error: Error | null) => {
        if (error !== null) reject(error)
        acknowledged[i] = sharedMs()
        done += 1
        if (done === count) resolve({ acknowledged, seconds: (sharedMs() - startedAt) / 1000 })
      })
    }
    const sendDue = (): void => {
      const due = Math.min(count, Math.floor(((sharedMs() - startedAt) / 1000) * perSecond))
      while (sent < due) commit(sent++)
      if (sent < count) setTimeout(sendDue, 1)
    }
    sendDue()
  })
}
