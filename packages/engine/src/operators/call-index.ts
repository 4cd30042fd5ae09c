import { must } from '@sheetflow/core/assert'
import { CellError, isCellErrorKind } from '@sheetflow/core/cell-error'
import type { FunctionValueType } from '@sheetflow/core/function-signature'
import { fromJson, isJsonOf, toJson } from '@sheetflow/core/json-codec'
import { isJsonError } from '@sheetflow/core/json-special'
import type { JsonValue, Value } from '@sheetflow/core/value'
import { BUSY, VALUE } from '@sheetflow/formula/value/cell-errors'
import { Entries } from '../structures/entries.ts'
import type { OperatorInfo } from './relation.ts'

/** Answers of a page: what a checkpoint writes at once. */
const PAGE_BITS = 12

/** A function that formulas call: whose answers are remembered together. */
export interface CalledFunction {
  readonly fn: string
  readonly version: string
  readonly params: readonly FunctionValueType[]
  readonly result: FunctionValueType
}

/** Arguments and answer as a checkpoint keeps them. */
export type SavedAnswer = readonly [args: readonly JsonValue[], value: JsonValue]

/** What is asked for by those arguments. */
interface Asked {
  readonly args: readonly JsonValue[]
  /** Undefined: nobody has answered yet. */
  answer: Value | undefined
}

/**
 * The answers of one function in one version, by the value of the arguments, and who asks for which. One for all programs over the same tables.
 *
 * An entry lives while a row calls with its arguments, or shows its answer while it waits for another. The first answer stands: what is taken back in
 * a row is what was put there, and a function that would answer otherwise today is not asked again (law 4). An answer to what nobody asks
 * any more is forgotten at the end of the step that it came with.
 */
export class CallIndex {
  readonly called: CalledFunction
  /** Dirty are those that have been answered in this step. */
  readonly entries: Entries = new Entries()
  readonly #asked: (Asked | undefined)[] = []
  /** Entries without an answer, in the order in which they were asked for. */
  readonly #waiting = new Set<number>()
  /** Pages that changed since the last checkpoint. */
  readonly #dirtyPages = new Set<number>()
  /** Answers out of a checkpoint, by key, until the rows have asked for theirs. */
  #restored: ReadonlyMap<string, JsonValue> | null

  constructor(called: CalledFunction, restored: ReadonlyMap<string, JsonValue> | null = null) {
    this.called = called
    this.#restored = restored
  }

  /** Distinct arguments that wait for an answer. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** The entry of these arguments, held once more. */
  hold(args: readonly JsonValue[]): number {
    const key = callKey(args)
    const known = this.entries.find(key)
    const entry = this.entries.hold(key)
    if (known < 0) this.#begin(entry, key, args)
    return entry
  }

  argsOf(entry: number): readonly JsonValue[] {
    return must(this.#asked[entry]).args
  }

  /** The answer; undefined: there is none yet. */
  answer(entry: number): Value | undefined {
    return this.#asked[entry]?.answer
  }

  /** An answer has come. What does not fit the function's result is `#VALUE!`; a second answer is none. */
  take(args: readonly JsonValue[], value: JsonValue): void {
    // Whoever asks later in this step finds it; if nobody does it goes with the step.
    const entry = this.hold(args)
    this.entries.release(entry)
    const asked = must(this.#asked[entry])
    if (asked.answer !== undefined) return
    this.#set(entry, asked, value)
    this.entries.dirty.add(entry)
  }

  /** Arguments that wait, those asked for first before others; at most so many, and none for which `except` is true of their key. */
  open(most: number, except: (key: string) => boolean): readonly { readonly key: string; readonly args: readonly JsonValue[] }[] {
    const open: { readonly key: string; readonly args: readonly JsonValue[] }[] = []
    for (const entry of this.#waiting) {
      if (open.length >= most) break
      const args = this.argsOf(entry)
      const key = callKey(args)
      if (!except(key)) open.push({ key, args })
    }
    return open
  }

  /** Does somebody still wait for that? */
  isOpen(key: string): boolean {
    const entry = this.entries.find(key)
    return entry >= 0 && this.#waiting.has(entry)
  }

  /** Ends the step, behind all programs. */
  finish(): void {
    this.entries.finish((entry) => {
      if (this.#asked[entry]?.answer !== undefined) this.#dirtyPages.add(entry >> PAGE_BITS)
      this.#asked[entry] = undefined
      this.#waiting.delete(entry)
    })
  }

  /** All rows have asked again: what is left of a checkpoint is nobody's. */
  restoredAll(): void {
    this.#restored = null
  }

  /** Pages that there are, and those among them that changed since this was asked last. */
  pages(): { readonly count: number; readonly dirty: ReadonlySet<number> } {
    const dirty = new Set(this.#dirtyPages)
    this.#dirtyPages.clear()
    return { count: Math.ceil(this.#asked.length / (1 << PAGE_BITS)), dirty }
  }

  page(number: number): readonly SavedAnswer[] {
    const { type } = this.called.result
    return this.#asked.slice(number << PAGE_BITS, (number + 1) << PAGE_BITS).flatMap((asked): readonly SavedAnswer[] => {
      return asked?.answer === undefined ? [] : [[asked.args, toJson(type, asked.answer)]]
    })
  }

  describe(): OperatorInfo {
    const { fn, version } = this.called
    return { kind: 'calls', on: `${fn} ${version}`, size: this.entries.size, waiting: this.waiting }
  }

  #begin(entry: number, key: string, args: readonly JsonValue[]): void {
    const asked: Asked = { args, answer: undefined }
    this.#asked[entry] = asked
    const known = this.#restored?.get(key)
    if (known === undefined) this.#waiting.add(entry)
    else this.#set(entry, asked, known)
  }

  #set(entry: number, asked: Asked, json: JsonValue): void {
    asked.answer = answerOf(this.called.result, json)
    this.#waiting.delete(entry)
    this.#dirtyPages.add(entry >> PAGE_BITS)
  }
}

/** Equal exactly for equal arguments: their JSON has one form per value (`callArguments`). */
export function callKey(args: readonly JsonValue[]): string {
  return JSON.stringify(args)
}

function answerOf({ type, nullable }: FunctionValueType, json: JsonValue): Value {
  if (json === null) return nullable ? null : VALUE
  if (typeof json !== 'object' || Array.isArray(json)) return isJsonOf(type, json) ? fromJson(type, json) : VALUE
  // No other object is a value here, and who answers is not busy any more.
  return isJsonError(json) && isCellErrorKind(json.e) && json.e !== BUSY.kind ? new CellError(json.e) : VALUE
}
