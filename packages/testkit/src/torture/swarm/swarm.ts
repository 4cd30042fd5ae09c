import { setTimeout as pause } from 'node:timers/promises'
import { breakRule, type BreakableRule } from '@sheetflow/core/breakage'
import { startFaultProxy } from '../../fault-proxy.ts'
import type { FaultProxy } from '../../fault-proxy.ts'
import type { CommandLedger } from '../check/command-ledger.ts'
import type { Findings } from '../check/findings.ts'
import type { FrameCounts } from '../check/frames.ts'
import type { Random } from '../../random.ts'
import type { Ring } from '../run/ring.ts'
import { CLIENTS } from '../world/create-sql.ts'
import type { Shape } from '../world/shape.ts'
import { runClient } from './tortured-client.ts'

/** What the swarm works with. */
export interface SwarmOptions {
  readonly ring: Ring
  readonly shape: Shape
  readonly random: Random
  readonly findings: Findings
  readonly frames: FrameCounts
  readonly ledger: CommandLedger
  readonly broken: BreakableRule | null
}

const CUT_EVERY_MS = 2_000
const CUT_SHARE = 0.15

/** Twenty clients behind a bad network, which know of every process that serves, until the signal aborts. Resolves with how many connections were cut. */
export async function runSwarm(options: SwarmOptions, signal: AbortSignal): Promise<number> {
  const { ring, random, broken } = options
  await using stack = new AsyncDisposableStack()
  const proxies: FaultProxy[] = []
  for (const port of ring.ports) proxies.push(stack.use(await startFaultProxy(port)))
  const urls = proxies.map(({ port }) => `http://127.0.0.1:${port}`)
  // The clients run in this thread, and nothing of the server does.
  breakRule(broken)
  const clients = Array.from({ length: CLIENTS }, (_, number) =>
    runClient({ ...options, number, random: random.fork(number), urls, token: ring.project.token(number) }, signal),
  )
  let cut = 0
  while (!signal.aborted) {
    await pause(CUT_EVERY_MS * (0.5 + random.next()), undefined, { signal }).catch(() => undefined)
    for (const proxy of proxies) cut += proxy.cut(CUT_SHARE, random.next)
  }
  await Promise.all(clients)
  return cut
}
