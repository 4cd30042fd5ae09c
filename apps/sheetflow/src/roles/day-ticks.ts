import { encodeBody } from '@sheetflow/core/framing/codec'
import type { GraphInbox } from '@sheetflow/core/message'
import type { Bus } from '@sheetflow/core/ports/bus'
import { isSheetflowError, type SheetflowError } from '@sheetflow/core/errors'
import type { Clock, Log } from '@sheetflow/core/ports/host'
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
  readonly log: Pick<Log, 'warn'>
  readonly signal: AbortSignal
}

/**
 * Tells a graph when a day begins in one of its time zones, or a minute where that is used: the engine reads no clock, so that a replay gives what was (law 4). A day that began
 * while nobody ran is told at the start. What the inbox cannot take now (the disk is full) is told when it can. Resolves when the signal aborts; rejects with what no retry mends.
 */
export async function tickDays({ bus, graph, reader, clock, log, signal }: DayTickOptions): Promise<void> {
  let told = ''
  let trouble: string | null = null
  while (!signal.aborted) {
    const now = new Date(clock.now()).toISOString()
    const known = told > reader.now() ? told : reader.now()
    const tick = beginsSomewhere(known, now, reader.zones()) ? 'day' : reader.minutes() && minuteOf(known) < minuteOf(now) ? 'minute' : null
    if (tick !== null) {
      const error = await tell(bus, graph, { v: 1, kind: 'tick', tick, now })
      if (error === null) told = now
      else if (error.message !== trouble) log.warn('graph/tick', { graph, code: error.code, message: error.message })
      trouble = error?.message ?? null
    }
    await clock.sleep(LOOK_MS, signal)
  }
}

/** Null when it is told; else why the inbox does not take it now. */
async function tell(
  bus: DayTickOptions['bus'],
  graph: string,
  message: Extract<GraphInbox, { kind: 'tick' }>,
): Promise<SheetflowError | null> {
  const id = `${message.tick}/${message.now}`
  try {
    await bus.append(graphInbox(graph), [{ subject: graphInboxSubject(graph, 'tick'), id, body: encodeBody(message) }])
    return null
  } catch (error) {
    if (!isSheetflowError(error) || error.retry === 'never') throw error
    return error
  }
}

/** `2026-11-23T10:30`: minutes begin everywhere at once. */
function minuteOf(time: string): string {
  return time.slice(0, 16)
}

/** Is it a later day now than it was, in one of the zones? A clock that was set back begins none: a graph's time does not go back. */
export function beginsSomewhere(before: string, now: string, zones: readonly string[]): boolean {
  return before < now && zones.some((zone) => dayOf(before, zone) !== dayOf(now, zone))
}
