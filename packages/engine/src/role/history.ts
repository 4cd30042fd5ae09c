import { TransactionReader } from '@sheetflow/core/framing/assembler'
import { decodeMessage } from '@sheetflow/core/framing/codec'
import type { Bus, StreamInfo } from '@sheetflow/core/ports/bus'
import type { Position, Vector } from '@sheetflow/core/position'
import { ALL_SHEET_SCHEMAS, graphStream } from '@sheetflow/core/subject'

/** One output transaction as a replay needs it: where it stands, and up to where it had read its inputs. */
export interface WrittenStep {
  readonly offset: number
  readonly at: string
  readonly inputs: Vector
}

/** What a graph's own stream says of its earlier lives. */
export interface History {
  readonly info: StreamInfo
  /** Whole output transactions behind the place asked for, in order. */
  readonly steps: readonly WrittenStep[]
  /** The greatest attempt that wrote anything, 0 if none did. */
  readonly lastAttempt: number
}

/**
 * Reads the output stream behind `after` (null: from its beginning) to its end, or to the last transaction that stands at or before the offset
 * `until`. A half-written last transaction is left out: it never was.
 */
export async function readHistory(
  bus: Bus,
  graph: string,
  after: Position | null,
  signal: AbortSignal,
  until: number = Number.MAX_SAFE_INTEGER,
): Promise<History> {
  const stream = graphStream(graph)
  const info = await bus.range(stream)
  const steps: WrittenStep[] = []
  let lastAttempt = 0
  const from = after === null ? info.first : after.offset + 1
  if (from > info.last) return { info, steps, lastAttempt: await attemptOfLast(bus, stream, info, signal) }
  const reader = new TransactionReader({ rule: 'graph', epoch: info.epoch })
  for await (const messages of bus.read(stream, { from, untilNow: true, signal })) {
    for (const event of reader.push(messages)) {
      if (event.kind === 'commit' && event.position.offset > until) return { info, steps, lastAttempt }
      if (event.kind === 'begin') lastAttempt = Math.max(lastAttempt, attemptOf(event.tx))
      if (event.kind === 'commit') steps.push({ offset: event.position.offset, at: event.commit.at, inputs: event.commit.inputs ?? {} })
    }
  }
  return { info, steps, lastAttempt }
}

/**
 * Up to where all inputs were read at the end of these steps, which began at `from`: with each position's transaction, which stands in the step that read it.
 */
export function lastRead(from: Vector, { steps }: History): Vector {
  const known = new Map(Object.entries(from))
  for (const { inputs } of steps) {
    for (const [stream, position] of Object.entries(inputs))
      if (position.tx !== undefined || position.offset !== known.get(stream)?.offset) known.set(stream, position)
  }
  const last = steps.at(-1)?.inputs ?? from
  return Object.fromEntries(Object.entries(last).map(([stream, position]) => [stream, known.get(stream) ?? position]))
}

/** Generations that readers know of, by view: a graph that lost its state must count on from them. */
export async function knownGenerations(bus: Bus, graph: string): Promise<ReadonlyMap<string, number>> {
  const generations = new Map<string, number>()
  for (const message of await bus.last(graphStream(graph), ALL_SHEET_SCHEMAS)) {
    const decoded = decodeMessage(message)
    if (decoded.kind === 'schema' && 'generation' in decoded.message) generations.set(decoded.message.table, decoded.message.generation)
  }
  return generations
}

async function attemptOfLast(bus: Bus, stream: string, info: StreamInfo, signal: AbortSignal): Promise<number> {
  if (info.last < info.first) return 0
  for await (const messages of bus.read(stream, { from: info.last, untilNow: true, signal })) {
    const last = messages.at(-1)
    if (last !== undefined) return attemptOf(decodeMessage(last).message.tx)
  }
  return 0
}

function attemptOf(tx: string): number {
  const attempt = Number(tx.split('-')[0])
  return Number.isSafeInteger(attempt) ? attempt : 0
}
