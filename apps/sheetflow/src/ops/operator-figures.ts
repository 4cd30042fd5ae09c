import { readFile, rename, writeFile } from 'node:fs/promises'
import type { RunningOperator } from '@sheetflow/engine'
import type { Graph } from '@sheetflow/engine/graph/graph'
import type { StateBytes } from '@sheetflow/engine/graph/state-bytes'
import { systemClock } from './system-clock.ts'

/** Of the file. One of another version is not read: the next that is written takes its place. */
const VERSION = 1
/** Figures are written so often at most, */
const EVERY_MS = 5_000
/** and never for more than this part of the time. */
const MOST_OF_TIME = 0.01

/** What has gone through one operator (`Traffic`), and what it holds. */
export interface OperatorFigures {
  readonly kind: string
  readonly on: string
  readonly askedBy: readonly string[]
  readonly size: number
  readonly bytes: number | null
  readonly rowsIn: number
  readonly rowsOut: number
  readonly suppressed: number
  readonly ms: number
  readonly worst: { readonly rows: number; readonly key: string | null } | null
}

/** What has gone through the operators of a graph since its role began: what the role writes beside its checkpoint, and `sheetflow explain` reads. */
export interface GraphFigures {
  readonly v: 1
  /** ISO times: since when it has counted, and up to when. */
  readonly since: string
  readonly at: string
  readonly deployment: string
  readonly operators: readonly OperatorFigures[]
  /** What its state takes, as of `at`. Absent: the file is of a Sheetflow that did not know. */
  readonly state?: StateBytes
}

/** The figures of that file; null: no graph has written any there, or one of another version has. */
export async function readFigures(file: string): Promise<GraphFigures | null> {
  try {
    const read = JSON.parse(await readFile(file, 'utf8')) as GraphFigures
    return read.v === VERSION ? read : null
  } catch {
    return null
  }
}

/** Writes the figures of a live graph into a file, as long as something happens. They hold keys, so they go into the data folder and nowhere else. */
export class FiguresWriter {
  readonly #file: string
  readonly #graph: Graph
  readonly #since = now()
  #dueMs = 0
  #writing = false
  readonly #onState: (state: StateBytes) => void

  /** `onState` hears what the state takes each time that it is found out. */
  constructor(file: string, graph: Graph, onState: (state: StateBytes) => void = () => undefined) {
    this.#file = file
    this.#graph = graph
    this.#onState = onState
    graph.times.watch = () => performance.now()
  }

  /** Writes if it is time, beside what goes on; true if so. Never fails: figures are for people. */
  writeIfDue(): boolean {
    const began = performance.now()
    if (this.#writing || began < this.#dueMs || this.#graph.active === null) return false
    const state = this.#graph.stateBytes()
    this.#onState(state)
    const text = JSON.stringify({ ...figuresOf(this.#graph, this.#graph.active.deployment.version, this.#since), state })
    this.#dueMs = began + Math.max(EVERY_MS, (performance.now() - began) / MOST_OF_TIME)
    this.#writing = true
    this.#write(text)
      .catch(() => undefined)
      .finally(() => (this.#writing = false))
    return true
  }

  async #write(text: string): Promise<void> {
    await writeFile(`${this.#file}.new`, text)
    await rename(`${this.#file}.new`, this.#file)
  }
}

function figuresOf(graph: Graph, deployment: string, since: string): GraphFigures {
  const operators = graph.describe().flatMap((one) => (one.traffic === null ? [] : [figures(one, one.traffic)]))
  return { v: VERSION, since, at: now(), deployment, operators }
}

function figures(
  { kind, on, askedBy, size, bytes, worst }: RunningOperator,
  { rowsIn, rowsOut, suppressed, ms }: NonNullable<RunningOperator['traffic']>,
): OperatorFigures {
  return { kind, on, askedBy: [...(askedBy ?? [])], size, bytes: bytes ?? null, rowsIn, rowsOut, suppressed, ms, worst: worst ?? null }
}

function now(): string {
  return new Date(systemClock.now()).toISOString()
}
