import { encodeBody } from '@sheetflow/core/framing/codec'
import type { GraphInbox } from '@sheetflow/core/message'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { Clock } from '@sheetflow/core/ports/host'
import { graphInbox, graphInboxSubject } from '@sheetflow/core/subject'
import { dayOf } from '@sheetflow/engine/program/clock'

/** How late a new day may be noticed. */
const LOOK_MS = 1000

/** What the ticker has to know of a running graph. */
export interface DayReader {
  /** Time zones of workbooks that use TODAY; empty if none does. */
  zones(): readonly string[]
  /** Does one use NOW? */
  minutes(): boolean
  /** ISO time that messages have told the graph last. */
  now(): string
}

/** What a ticker works with. */
export interface DayTickOptions {
  readonly bus: Pick<Bus, 'append'>
  readonly graph: string
  readonly reader: DayReader
  readonly clock: Clock
  readonly signal: AbortSignal
}

/**
 * Tells a graph when a day begins in one of its time zones, or a minute where that is used: the engine reads no clock, so that a replay gives what was (law 4). A day that began
 * while nobody ran is told at the start. Resolves when the signal aborts.
 */
export async function tickDays({ bus, graph, reader, clock, signal }: DayTickOptions): Promise<void> {
  let told = ''
  while (!signal.aborted) {
    const now = new Date(clock.now()).toISOString()
    const known = told > reader.now() ? told : reader.now()
    const tick = beginsSomewhere(known, now, reader.zones())
      ? 'day'
      : reader.minutes() && minuteOf(known) !== minuteOf(now)
        ? 'minute'
        : null
    if (tick !== null) {
      const message: GraphInbox = { v: 1, kind: 'tick', tick, now }
      await bus.append(graphInbox(graph), [{ subject: graphInboxSubject(graph, 'tick'), id: `${tick}/${now}`, body: encodeBody(message) }])
      told = now
    }
    await clock.sleep(LOOK_MS, signal)
  }
}

/** `2026-11-23T10:30`: minutes begin everywhere at once. */
function minuteOf(time: string): string {
  return time.slice(0, 16)
}

/** Is it another day now than it was, in one of the zones? */
export function beginsSomewhere(before: string, now: string, zones: readonly string[]): boolean {
  return zones.some((zone) => dayOf(before, zone) !== dayOf(now, zone))
}
