import type { Bus } from '@sheetflow/core/ports/bus'
import type { Functions } from '@sheetflow/core/ports/functions'
import type { Clock, Log } from '@sheetflow/core/ports/host'
import type { StateStore } from '@sheetflow/core/ports/state-store'
import type { Compile } from '../graph/compile.ts'
import type { Graph } from '../graph/graph.ts'
import type { FunctionReport } from './calls/function-sender.ts'
import type { InputCursorOptions } from './input-cursor.ts'

/** What one live step did, for metrics. */
export interface StepReport {
  readonly rows: number
  readonly transactions: number
  readonly changes: number
  readonly at: string
}

/** What running a graph needs. */
export interface RunGraphOptions {
  readonly bus: Bus
  /** Name of the graph; its stream and inbox are named after it. */
  readonly graph: string
  /** Names of the sources that it reads. */
  readonly sources: readonly string[]
  /** Where checkpoints are kept; null: the graph is rebuilt from the bus at each start. */
  readonly stateStore: StateStore | null
  readonly compile: Compile
  readonly signal: AbortSignal
  readonly log: Log
  /** Seconds since 1970 at which this life began: the attempt is this, or one more than the last. No clock is read here. */
  readonly startedAt: number
  /** Rows of an output transaction above which readers are told to spill (`limits.stepRows`). */
  readonly stepRows?: number
  /** Bytes of state with which a new deployment may answer (`limits.stateBytes`); default: any. */
  readonly stateBytes?: number
  /** Rows of a source transaction above which it enters the graph before its commit has been read; default 10,000. */
  readonly partRows?: number
  /** Rows between two checkpoints; default 200,000. */
  readonly checkpointRows?: number
  /** Called when the state stands where the earlier lives ended, and live steps begin. */
  readonly onLive?: (graph: Graph) => void
  /** Who answers what formulas call, and the clock by which they are asked; absent: nobody does, and what calls waits. */
  readonly functions?: { readonly port: Functions; readonly clock: Clock }
  /** Called when the state stands live with what tells how the functions are doing. */
  readonly onCalls?: (reports: () => readonly FunctionReport[]) => void
  /** See `InputCursorOptions`. */
  readonly pause?: InputCursorOptions['pause']
  readonly onStep?: (report: StepReport) => void
}
