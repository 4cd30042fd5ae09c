import { viewSubjects } from '@sheetflow/core/framing/subjects'
import { graphStream } from '@sheetflow/core/subject'
import { compareRows } from '@sheetflow/core/order'
import type { RowJson } from '@sheetflow/core/message'
import { compileRowPredicate } from '@sheetflow/core/predicate-eval'
import type { ChannelDescription } from '@sheetflow/core/wire'
import type { Channel } from './channel.ts'
import { Conflation } from './conflation.ts'
import type { Delivery } from './delivery.ts'
import type { GraphTransaction } from './graph-transaction.ts'
import { readHistory } from './history.ts'
import type { LiveHub } from './live-hub.ts'
import { contentPublication, recoveredText, rowsPublication } from './publication.ts'
import { readRolled } from './rolled-read.ts'
import type { RolledRows } from './rolled-read.ts'
import type { ViewChannels } from './view-channels.ts'
import { WindowChannel } from './window-channel.ts'
import { WindowContent } from './window-content.ts'

/** A wish to follow a channel. */
export interface JoinRequest {
  readonly name: string
  /** Verified: it comes out of a token of ours. */
  readonly description: ChannelDescription
  /** Where the reader's list stands; null = it begins with what comes now. */
  readonly from: { readonly epoch: string; readonly offset: number } | null
  /** The reader was told before, in a row, that its place is behind the history: now it gets the rows themselves. */
  readonly again: boolean
  readonly delivery: Delivery
  /** Does the connection still want it? */
  readonly wanted: () => boolean
}

/** What became of it. */
export type Joined =
  /** In: `publications` (texts of a subscribe reply) bring the list from its place to `position`. */
  | {
      readonly kind: 'joined'
      readonly channel: Channel
      readonly epoch: string
      /** The reader's place before `publications`, `position` the one behind them. */
      readonly offset: number
      readonly position: number
      readonly publications: readonly string[]
    }
  /** Error 112: its place cannot be joined with what is known here. Ask the root field again. */
  | { readonly kind: 'behind' }

/** `<graph epoch>.<view generation>`: the epoch of a subscription. */
export function channelEpoch(graphEpoch: number, generation: number): string {
  return `${graphEpoch}.${generation}`
}

/**
 * Joins a reader to a channel. `answer` is called once, in the very turn in which the reader joins: every later publication follows it.
 * Nothing is routed between what the answer holds and the first publication, so nothing is missed or repeated (law 10).
 */
export function join(hub: LiveHub, request: JoinRequest, answer: (joined: Joined) => void): void {
  const { description, from } = request
  const view = hub.view(description.view)
  const epoch = channelEpoch(hub.epoch, description.generation)
  if (view === undefined || view.schema.generation !== description.generation || (from !== null && from.epoch !== epoch)) {
    answer({ kind: 'behind' })
    return
  }
  const attempt: Attempt = { hub, view, epoch, request, answer }
  if (description.window !== undefined) joinWindow(attempt)
  else if (from === null) enterWithRows(attempt, hub.position, [])
  else joinList(attempt, from.offset)
}

interface Attempt {
  readonly hub: LiveHub
  readonly view: ViewChannels
  readonly epoch: string
  readonly request: JoinRequest
  readonly answer: (joined: Joined) => void
}

function enter(attempt: Attempt, offset: number, publications: readonly string[]): void {
  const { hub, request, epoch, answer } = attempt
  if (!request.wanted()) return
  const channel: Channel = hub.channel(request.name, request.description)
  channel.audience.join(request.delivery, Math.max(offset, hub.position))
  answer({ kind: 'joined', channel, epoch, offset, position: Math.max(offset, hub.position), publications })
}

/** `rows`: what happened to the list since the reader's place. */
function enterWithRows(attempt: Attempt, after: number, rows: readonly string[]): void {
  const { position } = attempt.hub
  const status = attempt.view.statusBehind(after)
  const isNews = rows.length > 0 || status !== null
  enter(attempt, after, isNews ? [recoveredText(position, rowsPublication(position, rows, status))] : [])
}

function joinList(attempt: Attempt, after: number): void {
  const { hub } = attempt
  if (after > hub.position) void joinWhenRouted(attempt, after)
  else if (after === hub.position) enterWithRows(attempt, after, [])
  else if (hub.context.ring.covers(after)) joinFrom(attempt, after, [], after)
  else void joinFromHistory(attempt, after)
}

/**
 * The query was answered by a store that is ahead of this router. The reader joins once the router has come there: then everything up to its
 * place has been said on its other channels of the graph too, and a page knows that all its lists stand together.
 */
async function joinWhenRouted(attempt: Attempt, after: number): Promise<void> {
  const { wanted } = attempt.request
  const isThere = await attempt.hub.context.routed(after, wanted)
  if (!wanted()) return
  if (isThere && isCurrent(attempt)) joinList(attempt, after)
  else attempt.answer({ kind: 'behind' })
}

async function joinFromHistory(attempt: Attempt, after: number): Promise<void> {
  const { hub, request } = attempt
  const { bus, graph, limits, signal, log } = hub.host
  const stream = graphStream(graph)
  using _place = await hub.historyReads.enter()
  if (!request.wanted()) return
  const to = hub.position
  using _pin = hub.context.ring.pin(to)
  const subjects = viewSubjects(graph, request.description.view)
  try {
    const older = await readHistory(bus, { stream, subjects, after, to }, limits, signal)
    if (older === null || !hub.context.ring.covers(to) || !isCurrent(attempt)) fallBehind(attempt, after)
    else joinFrom(attempt, after, older, to)
  } catch (error) {
    log.warn('recovery from the bus failed', { stream, error: String(error) })
    fallBehind(attempt, after)
  }
}

/** The first time in a row the reader is sent to ask again, the second time it gets the rows. */
function fallBehind(attempt: Attempt, after: number): void {
  if (attempt.request.again) void joinWithRows(attempt, after)
  else attempt.answer({ kind: 'behind' })
}

/** `older`: the view's transactions in (after, ringAfter], which the ring does not have. */
function joinFrom(attempt: Attempt, after: number, older: readonly GraphTransaction[], ringAfter: number): void {
  const { hub, view, request } = attempt
  const { description } = request
  const conflation = new Conflation(view.projection(description.columns), compileRowPredicate(description.predicate, view.schema))
  for (const transaction of [...older, ...hub.context.ring.between(ringAfter, hub.position)]) {
    for (const { view: name, rows, reset } of transaction.views) {
      if (name !== description.view) continue
      if (reset) {
        fallBehind(attempt, after)
        return
      }
      for (const change of rows) conflation.add(change)
    }
  }
  const rows = conflation.rows()
  const { channelRows, publicationBytes } = hub.host.limits
  const isTooMuch = rows.length > channelRows || rows.reduce((sum, row) => sum + row.length, 0) > publicationBytes
  if (isTooMuch) fallBehind(attempt, after)
  else enterWithRows(attempt, after, rows)
}

function joinWindow(attempt: Attempt): void {
  const { hub, request, answer } = attempt
  const after = request.from?.offset ?? 0
  const channel = hub.channel(request.name, request.description)
  if (!(channel instanceof WindowChannel)) return
  channel.open(after, request.wanted, (opened) => {
    if (opened === null) answer({ kind: 'behind' })
    else enter(attempt, after, [recoveredText(opened.offset, opened.content)])
  })
}

/** A list that could not be recovered twice in a row gets its rows from here, as a window does. If they are too many it has to go on asking. */
async function joinWithRows(attempt: Attempt, after: number): Promise<void> {
  const { hub, view, request } = attempt
  const { description } = request
  const limit = hub.host.limits.channelRows + 1
  const isWanted = (): boolean => request.wanted() && isCurrent(attempt)
  const isThere = await hub.context.routed(after, isWanted)
  if (!isThere) {
    attempt.answer({ kind: 'behind' })
    return
  }
  const isRead = await readRolled(hub.context, { description, limit, isWanted, signal: hub.host.signal }, (rolled) => {
    const content = listContent(view, description, rolled, limit)
    if (content.short) return false
    const rows = content.content()
    if (rows.length === limit) attempt.answer({ kind: 'behind' })
    else enter(attempt, after, [recoveredText(rolled.position, contentPublication(rolled.position, rows, view.statusBehind(after)))])
    return true
  })
  if (!isRead) attempt.answer({ kind: 'behind' })
}

function listContent(view: ViewChannels, description: ChannelDescription, rolled: RolledRows, limit: number): WindowContent {
  const compareRow = compareRows([], view.schema.key, view.schema.columns)
  const content = new WindowContent({
    limit,
    capacity: limit,
    compare: (a, b) => compareRow(a.row, b.row),
    projection: view.projection(description.columns),
  })
  const holds: (row: RowJson) => boolean = compileRowPredicate(description.predicate, view.schema)
  content.load(rolled.rows, rolled.isAll)
  for (const [, key, row] of rolled.changes) if (key !== null) content.apply(key, row !== null && holds(row) ? row : null)
  return content
}

/** Is the generation that was asked for still the one that is routed? */
function isCurrent({ hub, view, epoch, request }: Attempt): boolean {
  return hub.view(request.description.view) === view && epoch === channelEpoch(hub.epoch, request.description.generation)
}
