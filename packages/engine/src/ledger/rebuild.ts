import { Bell } from '@sheetflow/core/bell'
import { SheetflowError } from '@sheetflow/core/errors'
import type { Log } from '@sheetflow/core/ports/host'
import type { Checkpoint, StateStore } from '@sheetflow/core/ports/state-store'
import type { Position, Vector } from '@sheetflow/core/position'
import { graphInbox, graphStream, sourceStream } from '@sheetflow/core/subject'
import type { Compile } from '../graph/compile.ts'
import type { Graph } from '../graph/graph.ts'
import { InputCursor } from '../role/input-cursor.ts'
import type { Input } from '../role/input-cursor.ts'
import { begin } from '../role/start.ts'
import type { Beginning } from '../role/start.ts'
import { Stepper } from '../role/stepper.ts'
import { rangeOf, readingBus } from './reading-bus.ts'
import type { ReadableBus } from './reading-bus.ts'

/** What is to be rebuilt, and from what. */
export interface RebuildOptions {
  readonly bus: ReadableBus
  readonly graph: string
  /** Names of the sources that it reads. */
  readonly sources: readonly string[]
  /** The last checkpoint; null: there is none, or it shall not be used. */
  readonly checkpoint: Checkpoint | null
  readonly compile: Compile
  /** Offset in the graph's own stream: its state is rebuilt as of the last commit at or before it. Absent: as of the last one. */
  readonly until?: number
  /** Keeps what no deployment reads as well, so that another one can be tried on. Only a state rebuilt without a checkpoint has all of it. */
  readonly keepsAll?: boolean
  readonly signal: AbortSignal
}

/** A graph as it was. */
export interface Rebuilt {
  readonly graph: Graph
  /** The commit in the graph's own stream that it stands at. */
  readonly position: Position
  /** That commit's time. */
  readonly at: string
  /** Up to where each input had been read. */
  readonly inputs: Vector
  readonly from: 'checkpoint' | 'beginning'
}

const SILENT: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

/**
 * Rebuilds the state of a graph as of one of its output commits: its checkpoint, or nothing, then its inputs replayed along the vectors that its
 * commits recorded, as a start of the graph role does (law 4), but writing nothing. It may be done beside the running graph, in another process.
 *
 * `ledger/empty`: the graph has written nothing yet. `ledger/out-of-reach`: neither the streams nor the checkpoint reach back so far; the message
 * names the oldest position that can be had.
 */
export async function rebuild(options: RebuildOptions): Promise<Rebuilt> {
  const { graph: name } = options
  const own = await rangeOf(options.bus, graphStream(name))
  if (own.last === 0) throw nothingYet(name)
  // The graph may run on meanwhile: what it writes from here on is of inputs that are looked at too early.
  const until = Math.min(options.until ?? own.last, own.last)
  const usable = options.checkpoint !== null && options.checkpoint.head.output.offset <= until ? options.checkpoint : null
  const inputs: Input[] = [
    { stream: graphInbox(name), source: null },
    ...options.sources.map((source) => ({ stream: sourceStream(source), source })),
  ]
  const beginning = await begin({ ...options, bus: readingBus(options.bus), inputs, stateStore: lending(usable), log: SILENT, until })
  if (beginning.mode === 'lost') throw outOfReach(name, options.until ?? null, options.checkpoint)
  const last = beginning.history.steps.at(-1)
  const position = last === undefined ? usable?.head.output : { epoch: own.epoch, offset: last.offset }
  if (position === undefined) throw outOfReach(name, options.until ?? null, options.checkpoint)
  await replay(options, inputs, beginning)
  return {
    graph: beginning.graph,
    position: { epoch: position.epoch, offset: position.offset },
    at: last?.at ?? beginning.at ?? '',
    inputs: last?.inputs ?? beginning.vector,
    from: Object.keys(beginning.vector).length > 0 ? 'checkpoint' : 'beginning',
  }
}

/** Does again what was done, step by step. */
async function replay({ bus, signal }: RebuildOptions, inputs: readonly Input[], { graph, vector, at, history }: Beginning): Promise<void> {
  const stop = new AbortController()
  const reading = AbortSignal.any([signal, stop.signal])
  const bell = new Bell()
  const wake = (): void => bell.ring()
  signal.addEventListener('abort', wake)
  const cursors: InputCursor[] = []
  for (const input of inputs) {
    const { first, last, epoch } = await rangeOf(bus, input.stream)
    const after = vector[input.stream] ?? null
    if (last > 0) cursors.push(new InputCursor({ bus: readingBus(bus), input, bell, after, from: first, epoch }))
  }
  const failed = Promise.all(cursors.map((cursor) => cursor.run(reading)))
  const stepper = new Stepper(graph, cursors, vector, at)
  const done = (async () => {
    for (const step of history.steps) {
      while (stepper.replay(step.inputs) === null) {
        signal.throwIfAborted()
        await bell.next()
      }
    }
  })()
  try {
    await Promise.race([done, failed.then(() => done)])
  } finally {
    signal.removeEventListener('abort', wake)
    stop.abort()
    await Promise.allSettled([failed])
  }
}

/** A checkpoint to be loaded, and left alone. */
function lending(checkpoint: Checkpoint | null): StateStore {
  return {
    load: () => Promise.resolve(checkpoint),
    drop: () => Promise.resolve(),
    save: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

function nothingYet(graph: string): SheetflowError {
  return new SheetflowError('ledger/empty', `the graph ${graph} has published nothing yet`, {
    fix: "Start it once, with 'sheetflow dev' or 'sheetflow start'.",
  })
}

function outOfReach(graph: string, until: number | null, checkpoint: Checkpoint | null): SheetflowError {
  const asked = until === null ? 'now' : `at ${until}`
  const oldest = checkpoint?.head.output.offset
  return new SheetflowError(
    'ledger/out-of-reach',
    `the state of ${graph} ${asked} cannot be rebuilt: its inputs are trimmed, and ${
      oldest === undefined ? 'it has no checkpoint' : `its checkpoint stands at ${oldest}, the oldest position that can be reached`
    }`,
    {
      fix:
        oldest === undefined
          ? 'Start it: it takes a checkpoint by itself.'
          : `Ask --at ${oldest} or later; 'sheetflow history' reaches further back.`,
      details: { graph, oldest: oldest ?? null },
    },
  )
}
