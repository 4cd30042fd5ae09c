import { isSheetflowError } from '@sheetflow/core/errors'
import type { Bus, TrimLimits } from '@sheetflow/core/ports/bus'
import type { Clock } from '@sheetflow/core/ports/host'
import { graphInbox, graphInboxSubject, graphStream, sourceInbox, sourceStream } from '@sheetflow/core/subject'
import { sizeBytes } from '../config/config.ts'
import type { Journal } from './journal.ts'
import type { Role, RolePlan } from './role.ts'

const TRIM_EVERY_MS = 60_000
/** Of the bytes that a stream may have, the part that is used before old messages go: the rest is for what comes while a reader is late. */
const FILLED = 0.9
const HOUR_MS = 3_600_000

/** What keeping the streams within their limits needs. */
export interface RetentionOptions {
  readonly bus: Pick<Bus, 'trim'>
  readonly clock: Pick<Clock, 'sleep'>
  readonly plan: RolePlan
  readonly journal: Journal
  /** Does this process run the role for all? It trims what that role writes and its inbox. */
  readonly leads: (role: Role) => boolean
  readonly signal: AbortSignal
}

/** Keeps the streams within their limits until the signal aborts. What readers still need stays: they have registered it with the bus. */
export async function keepWithinLimits({ bus, clock, plan, journal, leads, signal }: RetentionOptions): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(TRIM_EVERY_MS, signal)
    for (const [stream, limits] of streamLimits(plan, leads)) {
      // A bus that is away is waited for a minute, at each stream.
      if (signal.aborted) return
      try {
        await bus.trim(stream, limits)
      } catch (error) {
        if (!isSheetflowError(error)) throw error
        if (error.code !== 'bus/unknown-stream') journal.log('retention', 'warn', 'bus.trim', { stream, ...error.toJSON() })
      }
    }
  }
}

/** Every stream that we look after, and how much of it is kept (FORMATS 3 and 11). */
function streamLimits(
  plan: Pick<RolePlan, 'config' | 'graphs'>,
  leads: RetentionOptions['leads'],
): readonly (readonly [string, TrimLimits])[] {
  const { retentionHours, streamBytes } = plan.config.limits
  const graphs = plan.graphs.filter(({ graph }) => leads({ kind: 'graph', graph }))
  const limits: TrimLimits = { maxAgeMs: retentionHours * HOUR_MS, maxBytes: Math.floor(sizeBytes(streamBytes) * FILLED) }
  const led = Object.keys(plan.config.sources).filter((source) => leads({ kind: 'capture', source }))
  const sources = led.flatMap((source) => [sourceStream(source), sourceInbox(source)])
  return [
    ...[...sources, ...graphs.map(({ graph }) => graphStream(graph))].map((stream) => [stream, limits] as const),
    ...graphs.map(
      ({ graph }) =>
        [graphInbox(graph), { ...limits, keep: [graphInboxSubject(graph, 'deploy'), graphInboxSubject(graph, 'activate')] }] as const,
    ),
  ]
}
