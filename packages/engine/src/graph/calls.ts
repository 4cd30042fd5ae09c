import type { GraphInbox } from '@sheetflow/core/message'
import type { JsonValue, Value } from '@sheetflow/core/value'
import { CallIndex, callKey } from '../operators/call-index.ts'
import type { CalledFunction, SavedAnswer } from '../operators/call-index.ts'
import type { ShownRow } from '../operators/call-node.ts'
import type { ProgramSources } from '../plan/sources.ts'

/** Rows of one deployment that wait and show an earlier answer, by the call that they wait for: part of a checkpoint. */
export interface SavedShown {
  readonly version: string
  readonly call: string
  readonly rows: readonly ShownRow[]
}

/** Out of a checkpoint. */
interface Restoring {
  /** By index, then by key. */
  readonly answers: Map<string, Map<string, JsonValue>>
  /** By deployment and call, then by row: the arguments of what it showed. */
  readonly shown: ReadonlyMap<string, ReadonlyMap<string, readonly JsonValue[]>>
}

/**
 * The answers of all functions that formulas of a graph call, for all of its deployments. They come by messages of the inbox alone; what is open, the
 * role asks for outside of a replay.
 */
export class Calls {
  readonly #indexes = new Map<string, CallIndex>()
  #hasMoved = false
  /** What a checkpoint holds, while it is taken back; else null. */
  #restoring: Restoring | null = null

  /** Every function that was called since the graph began, in the order in which they were first called. */
  all(): Iterable<CallIndex> {
    return this.#indexes.values()
  }

  /** Does anybody wait for an answer? */
  get isWaiting(): boolean {
    for (const index of this.#indexes.values()) if (index.waiting > 0) return true
    return false
  }

  /**
   * Since this was asked last: has an answer come, or a row asked for something else? An answer that nobody asks for goes with its step, and what a row shows
   * while it waits it showed in a step before: a replay must end a step where this one ended.
   */
  takeMoved(): boolean {
    const moved = this.#hasMoved
    this.#hasMoved = false
    return moved
  }

  /** What a program of the deployment with that version asks. */
  of(version: string): Pick<ProgramSources, 'callIndex' | 'callPlace'> {
    return {
      callIndex: (called) => this.#index(called),
      callPlace: (call) => ({ moved: this.#moved, before: () => this.#restoring?.shown.get(placeId(version, call)) ?? null }),
    }
  }

  #index(called: CalledFunction): CallIndex {
    const id = indexId(called)
    const index = this.#indexes.get(id) ?? new CallIndex(called, this.#restoring?.answers.get(id) ?? null)
    this.#indexes.set(id, index)
    return index
  }

  readonly #moved = (): void => {
    this.#hasMoved = true
  }

  /** An answer has come, for whoever asks for it. */
  take(message: GraphInbox & { readonly kind: 'result' }): void {
    this.#hasMoved = true
    for (const index of this.#indexes.values()) {
      const { fn, version } = index.called
      if (fn === message.function && version === message.version) index.take(message.args, message.value)
    }
  }

  /** What is known of it; undefined: nothing. */
  answer(fn: string, version: string, args: readonly JsonValue[]): Value | undefined {
    for (const index of this.#indexes.values()) {
      const { called, entries } = index
      const entry = called.fn === fn && called.version === version ? entries.find(callKey(args)) : -1
      if (entry >= 0) return index.answer(entry)
    }
    return undefined
  }

  /** Ends the step, behind all programs. */
  finish(): void {
    if (this.#indexes.size > 0) for (const index of this.#indexes.values()) index.finish()
  }

  /** Pages of answers by the id of their index, for a checkpoint. */
  pages(): readonly { readonly id: string; readonly answers: CallIndex }[] {
    return [...this.#indexes].map(([id, answers]) => ({ id, answers }))
  }

  /** A checkpoint is taken back: answers follow by `restoreAnswers`, then the rows ask for theirs, then `restored`. */
  restore(shown: readonly SavedShown[]): void {
    const rows = (one: SavedShown): Map<string, readonly JsonValue[]> => new Map(one.rows.map(([key, args]) => [JSON.stringify(key), args]))
    this.#restoring = { answers: new Map(), shown: new Map(shown.map((one) => [placeId(one.version, one.call), rows(one)])) }
  }

  restoreAnswers(id: string, saved: readonly SavedAnswer[]): void {
    const answers = this.#restoring?.answers.get(id) ?? new Map<string, JsonValue>()
    for (const [args, value] of saved) answers.set(callKey(args), value)
    this.#restoring?.answers.set(id, answers)
  }

  restored(): void {
    this.#restoring = null
    for (const index of this.#indexes.values()) index.restoredAll()
  }
}

function placeId(version: string, call: string): string {
  return JSON.stringify([version, call])
}

function indexId({ fn, version, params, result }: CalledFunction): string {
  return JSON.stringify([fn, version, params, result])
}
