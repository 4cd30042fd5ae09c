import { isSheetflowError } from '@sheetflow/core/errors'
import { decodeMessage } from '@sheetflow/core/framing/codec'
import { decodeGraphInbox } from '@sheetflow/core/framing/inbox'
import type { Bus, StoredMessage, StreamInfo } from '@sheetflow/core/ports/bus'
import type { Log } from '@sheetflow/core/ports/host'
import type { Checkpoint, StateStore } from '@sheetflow/core/ports/state-store'
import type { Vector } from '@sheetflow/core/position'
import { allTableSchemas, graphInboxSubject, graphStream, sourceSubject } from '@sheetflow/core/subject'
import { Checkpoints } from '../graph/checkpoint.ts'
import type { Compile } from '../graph/compile.ts'
import { Graph } from '../graph/graph.ts'
import { knownGenerations, lastRead, readHistory } from './history.ts'
import type { History } from './history.ts'
import { messageEpoch, messageTx } from './input-cursor.ts'
import type { Input } from './input-cursor.ts'

/** How a graph begins a life. */
export interface Beginning {
  readonly graph: Graph
  readonly checkpoints: Checkpoints
  /** Where the state stands. */
  readonly vector: Vector
  readonly at: string | null
  readonly history: History
  /** In mode `lost`: up to where inputs are read before anything is published. */
  readonly target: Vector
  /**
   * `exact`: the steps of `history` are replayed one by one, and state and output stream agree.
   * `lost`: they cannot be; inputs are read silently up to the last vector, then every view is published anew.
   */
  readonly mode: 'exact' | 'lost'
}

export interface StartOptions {
  readonly bus: Bus
  readonly graph: string
  readonly inputs: readonly Input[]
  readonly stateStore: StateStore | null
  readonly compile: Compile
  readonly signal: AbortSignal
  readonly log: Log
  /** Up to which offset of the graph's own stream it is begun again; absent: all of it. */
  readonly until?: number
  /** See `GraphOptions`. */
  readonly keepsAll?: boolean
}

/**
 * Finds out from where a graph can go on: from its checkpoint, else from the beginning of everything, else from what is left of its inputs.
 * Checkpoints are disposable, streams are not.
 */
export async function begin(options: StartOptions): Promise<Beginning> {
  const ranges = new Map<string, StreamInfo>()
  for (const { stream } of options.inputs) ranges.set(stream, await options.bus.ensure(stream))
  const own = await options.bus.ensure(graphStream(options.graph))
  const resumed = await fromCheckpoint(options, ranges, own)
  if (resumed !== null) return resumed
  const { graph, checkpoints } = newGraph(options)
  const history = await readHistory(options.bus, options.graph, null, options.signal, options.until)
  const read = lastRead({}, history)
  const reason =
    own.first === 1
      ? ((await misfit(options, read, ranges, true)) ?? (await readersBeginAnew(options, own, history)))
      : 'the output stream does not reach back to its beginning'
  if (reason === null) return { graph, checkpoints, vector: {}, at: null, history, target: read, mode: 'exact' }
  options.log.warn('graph/rebuild', { graph: options.graph, reason })
  graph.views.countOnFrom(await knownGenerations(options.bus, options.graph))
  // Sources first: the deployment binds to their tables.
  for (const input of [...options.inputs].sort((a, b) => Number(a.source === null) - Number(b.source === null)))
    await learnTrimmed(options.bus, graph, input, ranges)
  // What was trimmed counts as read.
  const trimmed = [...ranges]
    .filter(([, range]) => range.first > 1)
    .map(([stream, { epoch, first }]) => [stream, { epoch, offset: first - 1 }])
  const target = Object.entries(read).map(([stream, position]) => [
    stream,
    { ...position, offset: Math.min(position.offset, ranges.get(stream)?.last ?? 0) },
  ])
  return {
    graph,
    checkpoints,
    vector: Object.fromEntries(trimmed) as Vector,
    at: null,
    history,
    target: Object.fromEntries(target) as Vector,
    mode: 'lost',
  }
}

async function fromCheckpoint(options: StartOptions, ranges: ReadonlyMap<string, StreamInfo>, own: StreamInfo): Promise<Beginning | null> {
  const checkpoint = (await options.stateStore?.load()) ?? null
  if (checkpoint === null) return null
  const reason = unusable(checkpoint, own) ?? (await misfit(options, checkpoint.head.inputs, ranges, false))
  if (reason === null) {
    const { graph, checkpoints } = newGraph(options)
    try {
      await checkpoints.restore(checkpoint)
      const history = await readHistory(options.bus, options.graph, checkpoint.head.output, options.signal, options.until)
      const target = lastRead(checkpoint.head.inputs, history)
      const gone = await misfit(options, target, ranges, false)
      if (gone === null) return { graph, checkpoints, vector: checkpoint.head.inputs, at: atOf(checkpoint), history, target, mode: 'exact' }
      options.log.warn('graph/checkpoint', { graph: options.graph, reason: gone })
    } catch (error) {
      if (!isSheetflowError(error, 'engine/checkpoint')) throw error
      options.log.warn('graph/checkpoint', { graph: options.graph, reason: error.message })
    }
  } else options.log.warn('graph/checkpoint', { graph: options.graph, reason })
  await options.stateStore?.drop()
  return null
}

function newGraph({ graph: name, compile, keepsAll = false }: StartOptions): {
  readonly graph: Graph
  readonly checkpoints: Checkpoints
} {
  const graph = new Graph({ name, compile, keepsAll })
  return { graph, checkpoints: new Checkpoints(graph) }
}

/** Why this checkpoint does not fit the output stream, null if it does. */
function unusable({ head }: Checkpoint, own: StreamInfo): string | null {
  if (head.output.epoch !== own.epoch) return 'the output stream is another'
  return head.output.offset > own.last || head.output.offset + 1 < own.first ? 'the output stream does not go on where it ends' : null
}

/** Why the inputs are not those that were read up to `vector`, null if they are. `whole`: their beginning is needed as well. */
async function misfit(
  options: StartOptions,
  vector: Vector,
  ranges: ReadonlyMap<string, StreamInfo>,
  whole: boolean,
): Promise<string | null> {
  for (const input of options.inputs) {
    const { stream, source } = input
    const range = ranges.get(stream)
    const read = vector[stream]
    if (range === undefined) continue
    if (whole && range.first > 1) return `${stream} does not reach back to its beginning`
    if (read === undefined) continue
    if (read.offset > range.last) return `${stream} ends before what was read of it`
    if (read.offset + 1 < range.first) return `${stream} was trimmed behind what was read of it`
    const message = await messageAt(options, read.offset, range)
    const epoch = source === null || message === null ? range.epoch : messageEpoch(message)
    // A stream that was made anew has a later epoch from its first message on; a run of epochs inside of one stream is its own history.
    if (epoch > read.epoch) return `${stream} is another than the one that was read`
    // Its end was lost and something else has been written since.
    if (message !== null && read.tx !== undefined && messageTx(message, input) !== read.tx)
      return `${stream} holds another transaction at offset ${read.offset} than the one that was read`
  }
  return null
}

/**
 * Why readers must be told everything anew, null if they need not: the output stream has a later epoch than what was written last (its server had lost it, or it was restored), so to them it
 * is another history, and changes of views that they have are not for those. Who only looks back tells nobody.
 */
async function readersBeginAnew(options: StartOptions, own: StreamInfo, { steps }: History): Promise<string | null> {
  const last = steps.at(-1)
  if (last === undefined || options.until !== undefined) return null
  const message = await messageAt(options, last.offset, own)
  return message !== null && messageEpoch(message) < own.epoch ? 'the output stream has a new epoch: its readers begin anew' : null
}

/** The message at that offset; null where there is none to ask. */
async function messageAt({ bus, signal }: StartOptions, offset: number, { stream, first }: StreamInfo): Promise<StoredMessage | null> {
  if (offset < first) return null
  for await (const [message] of bus.read(stream, { from: offset, untilNow: true, signal })) return message ?? null
  return null
}

function atOf({ head }: Checkpoint): string | null {
  const { at } = JSON.parse(head.meta) as { readonly at?: string }
  return at ?? null
}

/** What outlives a trim: of a source the schemas and runs of its tables, whose rows must be asked for; of the inbox the last deployment. */
async function learnTrimmed(bus: Bus, graph: Graph, input: Input, ranges: ReadonlyMap<string, StreamInfo>): Promise<void> {
  const range = ranges.get(input.stream)
  if (range === undefined || range.first === 1) return
  if (input.source === null) {
    for (const kind of ['deploy', 'activate'] as const) {
      for (const message of await bus.last(input.stream, graphInboxSubject(graph.name, kind))) {
        if (message.offset >= range.first) continue
        graph.inbox(decodeGraphInbox(message))
        graph.commit(graph.now, [], {})
      }
    }
    return
  }
  for (const message of await bus.last(input.stream, allTableSchemas(input.source))) {
    const decoded = decodeMessage(message)
    if (message.offset < range.first && decoded.kind === 'schema') graph.tables.setSchema(input.source, decoded.message)
  }
  for (const message of await bus.last(input.stream, sourceSubject(input.source, '_ctl'))) {
    const decoded = decodeMessage(message)
    if (decoded.kind !== 'control' || decoded.message.kind === 'view' || decoded.message.kind === 'letters') continue
    for (const [name, { run }] of Object.entries(decoded.message.state.tables)) graph.tables.forget(`${input.source}!${name}`, run)
  }
}
