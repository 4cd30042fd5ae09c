import type { Position, Vector } from '../position.ts'

/**
 * Port `StateStore`: checkpoints of one graph (FORMATS 11). Disposable: what cannot be loaded is rebuilt from the streams.
 *
 * What callers may rely on: `save` writes pages, vector and deployment in one transaction; after a crash `load` gives the whole of one `save`. It has read the pages when it returns its promise: they are made
 * as they are read, out of a state that changes afterwards.
 * One life of a graph uses a checkpoint at a time, the one that opened it last: what an earlier one saves after that is refused with `store/fenced`, so that a process that was stopped and
 * wakes can not mix its pages into another's.
 */
export interface StateStore extends AsyncDisposable {
  /** The last checkpoint, or null if there is none of this format. Pages come in any order. */
  load(): Promise<Checkpoint | null>
  save(checkpoint: CheckpointDelta): Promise<void>
  /** Forgets everything. */
  drop(): Promise<void>
}

/** What a checkpoint says beside its pages. */
export interface CheckpointHead {
  readonly format: number
  readonly inputs: Vector
  /** The graph's own stream: up to where outputs were written. */
  readonly output: Position
  /** Small state as JSON: deployment, generations, run numbers, receipts, pending calls. */
  readonly meta: string
}

export interface Checkpoint {
  readonly head: CheckpointHead
  pages(): AsyncIterable<Page>
}

/** The pages that changed since the last `save`; pages that are gone are listed in `dropped`. `full` replaces everything. */
export interface CheckpointDelta {
  readonly head: CheckpointHead
  readonly full: boolean
  /** To be read once. */
  readonly pages: Iterable<Page>
  readonly dropped: readonly string[]
}

/** One page: 4,096 slots of one column of one row store. */
export interface Page {
  readonly id: string
  readonly bytes: Uint8Array
}
