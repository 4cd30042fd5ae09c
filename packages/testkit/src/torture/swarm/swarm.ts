import { setTimeout as pause } from 'node:timers/promises'
import { ALL_RULES } from '@sheetflow/client/rows/rules'
import type { BreakableRule } from '@sheetflow/core/breakage'
import { startFaultProxy } from '../../fault-proxy.ts'
import type { CommandLedger } from '../check/command-ledger.ts'
import type { Findings } from '../check/findings.ts'
import type { FrameCounts } from '../check/frames.ts'
import type { Random } from '../../random.ts'
import type { Project } from '../run/project.ts'
import { CLIENTS } from '../world/create-sql.ts'
import type { Shape } from '../world/shape.ts'
import { runClient } from './tortured-client.ts'

/** What the swarm works with. */
export interface SwarmOptions {
  readonly project: Project
  readonly shape: Shape
  readonly random: Random
  readonly findings: Findings
  readonly frames: FrameCounts
  readonly ledger: CommandLedger
  readonly broken: BreakableRule | null
}

const CUT_EVERY_MS = 2_000
const CUT_SHARE = 0.15

/** Twenty clients behind a bad network, until the signal aborts. Resolves with how many connections were cut. */
export async function runSwarm(options: SwarmOptions, signal: AbortSignal): Promise<number> {
  const { project, random, broken } = options
  await using proxy = await startFaultProxy(project.port)
  const rules = { ...ALL_RULES, listOffsets: broken !== 'list-offsets', cellOffsets: broken !== 'cell-offsets' }
  const clients = Array.from({ length: CLIENTS }, (_, number) =>
    runClient(
      { ...options, number, rules, random: random.fork(number), url: `http://127.0.0.1:${proxy.port}`, token: project.token(number) },
      signal,
    ),
  )
  let cut = 0
  while (!signal.aborted) {
    await pause(CUT_EVERY_MS * (0.5 + random.next()), undefined, { signal }).catch(() => undefined)
    cut += proxy.cut(CUT_SHARE, random.next)
  }
  await Promise.all(clients)
  return cut
}
