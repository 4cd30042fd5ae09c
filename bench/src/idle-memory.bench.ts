import { startChild } from './lib/child.ts'
import type { IdleAnswer, IdleTask } from './lib/idle-server.ts'
import { median } from './lib/measure.ts'
import type { Figure } from './lib/measure.ts'
import type { CrowdAnswer, CrowdTask } from './lib/socket-crowd.ts'

/**
 * Resident memory of the server's process per idle connection, from the difference between 500 and 3,000 of them (so that what the first ones
 * cost once does not count), after garbage collection; sockets in the kernel are not in it. Each run is a fresh process.
 */
export default async function* idleMemory(): AsyncIterable<Figure> {
  for (const { case: name, who, subscribes } of CASES) {
    const runs: number[] = []
    for (let run = 0; run < RUNS; run++) runs.push(await oneRun(who, subscribes))
    yield { bench: 'idle-memory', case: name, who: who === 'ws' ? 'ws' : 'sheetflow', unit: 'bytes/connection', value: median(runs), runs }
  }
}

const CASES = [
  { case: 'idle connection', who: 'sheetflow', subscribes: false },
  { case: 'idle connection', who: 'ws', subscribes: false },
  { case: 'idle connection with a live list', who: 'sheetflow', subscribes: true },
] as const

const RUNS = 5
const FEW = 500
const MANY = 3_000

async function oneRun(who: 'sheetflow' | 'ws', subscribes: boolean): Promise<number> {
  using server = startChild<IdleTask, IdleAnswer>(new URL('lib/idle-server.ts', import.meta.url), ['--expose-gc'])
  using crowd = startChild<CrowdTask, CrowdAnswer>(new URL('lib/socket-crowd.ts', import.meta.url))
  const { url, httpUrl, token } = await server.ask({ kind: 'start', who })
  const hello =
    who === 'ws'
      ? ['{"id":1}']
      : [JSON.stringify({ id: 1, connect: { token } }), ...(subscribes ? [await subscription(httpUrl, token)] : [])]
  await crowd.ask({ kind: 'join', url, sockets: FEW, hello })
  const few = await server.ask({ kind: 'measure' })
  await crowd.ask({ kind: 'join', url, sockets: MANY - FEW, hello })
  const many = await server.ask({ kind: 'measure' })
  return (many.bytes - few.bytes) / (MANY - FEW)
}

async function subscription(url: string, token: string): Promise<string> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: '{ orders(where: {customer_id: {_eq: 7}}) { id total } }' }),
  })
  const { extensions } = (await response.json()) as {
    extensions: { live: { orders: { channel: string; token: string; epoch: string; offset: number } } }
  }
  const { channel, token: subscribe, epoch, offset } = extensions.live.orders
  return JSON.stringify({ id: 2, subscribe: { channel, token: subscribe, recover: true, epoch, offset } })
}
