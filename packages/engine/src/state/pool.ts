import { CellError, isCellErrorKind } from '@sheetflow/core/cell-error'
import { must } from '@sheetflow/core/assert'
import type { JsonBytes } from '@sheetflow/core/json-bytes'
import type { BlobRef } from '@sheetflow/core/value'
import { grownUint8, roomFor } from './lane.ts'

/** What a text takes beside its letters: its header, its place by id and its entry by text. */
const TEXT_BYTES = 72

/** Texts below this many are never swept: sweeping costs a walk over every text lane. */
const SWEEP_FLOOR = 50_000

const UNKNOWN = 0
const PLAIN = 1
const ESCAPED = 2

/** A lane that holds ids of this pool: it names those that are still in use. */
export interface TextHolder {
  markTexts(mark: (id: number) => void): void
}

/**
 * The texts and cell errors of one graph, each once. A text has a positive id, equal texts have equal ids, so cells compare as integers.
 *
 * Texts are not counted: when their number has doubled since the last time, `sweep` asks every holder which ids are in use and frees the
 * others. So memory is bounded by what rows hold (law 12), and no cell pays for bookkeeping. Errors are few and stay.
 */
export class Pool {
  readonly #ids = new Map<string, number>()
  readonly #texts: (string | BlobRef | null)[] = [null]
  readonly #free: number[] = []
  readonly #errors: CellError[] = []
  readonly #errorIds = new Map<string, number>()
  readonly #holders = new Set<TextHolder>()
  /** By id: can it stand between quotation marks as it is? */
  #plain: Uint8Array<ArrayBuffer> = new Uint8Array(64)
  #sweepAt = SWEEP_FLOOR
  #letters = 0
  /** How often a lane was given something that does not fit it. */
  misfits = 0

  /** The id of a text. */
  textId(text: string): number {
    const known = this.#ids.get(text)
    return known === undefined ? this.#add(text, text) : known
  }

  /** The id of a big text whose content is in the blob store. */
  blobId(blob: BlobRef): number {
    const key = `\0${blob.b}/${blob.n}`
    return this.#ids.get(key) ?? this.#add(key, blob)
  }

  /** The text (or reference) of an id that is in use. */
  text(id: number): string | BlobRef {
    return must(this.#texts[id], 'a text id in use')
  }

  /** Writes the text (or reference) of an id that is in use as JSON. Whether one needs escapes is found out once. */
  write(id: number, to: JsonBytes): void {
    const text = this.text(id)
    if (id >= this.#plain.length) this.#plain = grownUint8(this.#plain, roomFor(this.#plain.length, this.#texts.length))
    if (this.#plain[id] === PLAIN) {
      to.text('"')
      to.text(text as string)
      to.text('"')
      return
    }
    const quoted = JSON.stringify(text)
    to.text(quoted)
    if (this.#plain[id] === UNKNOWN) this.#plain[id] = typeof text === 'string' && quoted.length === text.length + 2 ? PLAIN : ESCAPED
  }

  /** The id of a cell error: errors of one kind and origin are one. */
  errorId(error: CellError): number {
    if (error === MISFIT) this.misfits += 1
    const key = `${error.kind}\0${error.of ?? ''}`
    const known = this.#errorIds.get(key)
    if (known !== undefined) return known
    this.#errors.push(error)
    this.#errorIds.set(key, this.#errors.length - 1)
    return this.#errors.length - 1
  }

  error(id: number): CellError {
    return must(this.#errors[id], 'an error id')
  }

  /** Number of texts held. */
  get size(): number {
    return this.#ids.size
  }

  /** About how many bytes the texts take, a byte a letter. */
  get bytes(): number {
    return this.#letters + TEXT_BYTES * this.#ids.size
  }

  register(holder: TextHolder): void {
    this.#holders.add(holder)
  }

  release(holder: TextHolder): void {
    this.#holders.delete(holder)
  }

  /** Between steps: frees the texts that no lane holds, if there may be many of them. */
  sweep(): void {
    if (this.#ids.size < this.#sweepAt) return
    const used = new Uint8Array(this.#texts.length)
    const mark = (id: number): void => {
      used[id] = 1
    }
    for (const holder of this.#holders) holder.markTexts(mark)
    for (const [key, id] of this.#ids) {
      if (used[id] === 1) continue
      this.#ids.delete(key)
      this.#letters -= key.length
      this.#texts[id] = null
      this.#free.push(id)
    }
    this.#sweepAt = Math.max(SWEEP_FLOOR, this.#ids.size * 2)
  }

  #add(key: string, text: string | BlobRef): number {
    const id = this.#free.pop() ?? this.#texts.length
    this.#texts[id] = text
    if (id < this.#plain.length) this.#plain[id] = UNKNOWN
    this.#ids.set(key, id)
    this.#letters += key.length
    return id
  }
}

/** The error of a value that does not fit its column. */
export const MISFIT: CellError = new CellError('#VALUE!')

/** A cell error from its JSON form; null if the JSON is none. */
export function errorOfJson(json: unknown): CellError | null {
  if (typeof json !== 'object' || json === null || !('e' in json)) return null
  const of = 'of' in json && typeof json.of === 'string' ? json.of : null
  return typeof json.e === 'string' && isCellErrorKind(json.e) ? new CellError(json.e, of) : MISFIT
}

/** A cell error in JSON form. */
export function errorJson(error: CellError): { readonly e: string; readonly of?: string } {
  return error.of === null ? { e: error.kind } : { e: error.kind, of: error.of }
}
