import { isSheetflowError } from '@sheetflow/core/errors'
import type { Bus, TrimLimits } from '@sheetflow/core/ports/bus'
import { graphInbox, graphInboxSubject, graphStream, sourceInbox, sourceStream } from '@sheetflow/core/subject'
import { sizeBytes } from '../config/config.ts'
import { systemClock } from '../ops/system-clock.ts'
import type { Journal } from './journal.ts'
import type { RolePlan } from './role.ts'

const TRIM_EVERY_MS = 60_000
/** Of the bytes that a stream may have, the part that is used before old messages go: the rest is for what comes while a reader is late. */
const FILLED = 0.9
const HOUR_MS = 3_600_000

/** Keeps the streams within their limits until the signal aborts. What readers still need stays: they have registered it with the bus. */
export async function keepWithinLimits(bus: Bus, plan: RolePlan, journal: Journal, signal: AbortSignal): Promise<void> {
  for (;;) {
    await systemClock.sleep(TRIM_EVERY_MS, signal)
    if (signal.aborted) return
    for (const [stream, limits] of streamLimits(plan)) {
      try {
        await bus.trim(stream, limits)
      } catch (error) {
        if (!isSheetflowError(error)) throw error
        if (error.code !== 'bus/unknown-stream') journal.log('retention', 'warn', 'bus.trim', { stream, ...error.toJSON() })
      }
    }
  }
}

/** Every stream of a start, and how much of it is kept (FORMATS 3 and 11). */
function streamLimits({ config, graphs }: Pick<RolePlan, 'config' | 'graphs'>): readonly (readonly [string, TrimLimits])[] {
  const { retentionHours, streamBytes } = config.limits
  const limits: TrimLimits = { maxAgeMs: retentionHours * HOUR_MS, maxBytes: Math.floor(sizeBytes(streamBytes) * FILLED) }
  const sources = Object.keys(config.sources).flatMap((source) => [sourceStream(source), sourceInbox(source)])
  return [
    ...[...sources, ...graphs.map(({ graph }) => graphStream(graph))].map((stream) => [stream, limits] as const),
    ...graphs.map(
      ({ graph }) =>
        [graphInbox(graph), { ...limits, keep: [graphInboxSubject(graph, 'deploy'), graphInboxSubject(graph, 'activate')] }] as const,
    ),
  ]
}
