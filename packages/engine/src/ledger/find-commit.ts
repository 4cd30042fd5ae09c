import { TransactionReader } from '@sheetflow/core/framing/assembler'
import type { CommitBody } from '@sheetflow/core/message'
import type { StoredPosition } from '@sheetflow/core/position'
import { graphStream } from '@sheetflow/core/subject'
import type { OutputRange } from './read-output.ts'
import { rangeOf } from './reading-bus.ts'

/** A commit of a graph's own stream. */
export interface FoundCommit {
  readonly position: StoredPosition
  readonly commit: CommitBody
}

/** Messages that are looked at before the place where a commit should be; a bigger transaction is met by looking further back. */
const LOOK_BACK = 256

/** The first commit that is retained; null: there is none. */
export async function firstCommit(range: Omit<OutputRange, 'until'>): Promise<FoundCommit | null> {
  return await nextCommit(range, (await rangeOf(range.bus, graphStream(range.graph))).first)
}

/** The last commit at or before an offset (absent: of all); null: none of those that are retained. */
export async function lastCommit(range: OutputRange): Promise<FoundCommit | null> {
  const { first, last } = await rangeOf(range.bus, graphStream(range.graph))
  const until = Math.min(range.until ?? last, last)
  for (let back = LOOK_BACK; ; back *= 4) {
    const from = Math.max(first, until - back)
    const found = await lastBetween(range, from, until)
    if (found !== null || from <= first) return found
  }
}

/**
 * The last commit whose time is at or before an ISO time (UTC, six decimals: such texts are ordered as their times are); null: all that are
 * retained came later. Times of a graph's commits never go back, so the place is found by halving.
 */
export async function lastCommitBy(range: Omit<OutputRange, 'until'>, at: string): Promise<FoundCommit | null> {
  const bounds = await rangeOf(range.bus, graphStream(range.graph))
  let low = bounds.first
  let high = bounds.last + 1
  // Every commit before `low` is early enough; the first one at or behind `high` is too late, or there is none.
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const found = await nextCommit(range, middle)
    if (found === null || found.commit.at > at) high = middle
    else low = found.position.offset + 1
  }
  return low <= bounds.first ? null : await lastCommit({ ...range, until: low - 1 })
}

async function nextCommit({ bus, graph, signal }: OutputRange, from: number): Promise<FoundCommit | null> {
  for await (const found of commits({ bus, graph, signal }, from)) return found
  return null
}

async function lastBetween(range: OutputRange, from: number, until: number): Promise<FoundCommit | null> {
  let last: FoundCommit | null = null
  for await (const found of commits(range, from)) {
    if (found.position.offset > until) break
    last = found
  }
  return last
}

async function* commits({ bus, graph, signal }: OutputRange, from: number): AsyncGenerator<FoundCommit> {
  const stream = graphStream(graph)
  const { epoch, last } = await rangeOf(bus, stream)
  if (from > last) return
  const reader = new TransactionReader({ rule: 'graph', epoch })
  for await (const messages of bus.read(stream, { from, untilNow: true, signal })) {
    for (const event of reader.push(messages)) if (event.kind === 'commit') yield { position: event.position, commit: event.commit }
  }
}
