import type { SheetflowError } from '@sheetflow/core/errors'
import { apiFailure, fenced, isWrongLast } from './failure.ts'
import type { Flight, Part, Waiting } from './flight.ts'
import type { StreamDoor } from './parts.ts'
import { BY, decodeMessage } from './wire-message.ts'

/** What became of appends that were in flight when one of them failed. */
export interface SortedOut {
  readonly stored: readonly Part[]
  readonly refused: readonly { readonly waiting: Waiting; readonly error: SheetflowError }[]
  /** To be sent again, in order. */
  readonly again: readonly Waiting[]
  /** Something other than another writer was in the way: a pause may help. */
  readonly isTrouble: boolean
}

/**
 * Looks for each flight in the stream, which ends at `last`. An append is stored if its messages stand where it expected them to; it is sent again if it
 * still can be; otherwise it is refused, for the reason of the first one before it that failed (`broken`).
 */
export async function sortOut(
  door: StreamDoor,
  flights: readonly Flight[],
  last: number,
  broken: Map<number, SheetflowError>,
): Promise<SortedOut> {
  const sorter = new Sorter(door, last, broken)
  for (const flight of flights) sorter.add(flight, await storedOf(door, flight, last))
  return sorter
}

class Sorter implements SortedOut {
  readonly stored: Part[] = []
  readonly refused: { waiting: Waiting; error: SheetflowError }[] = []
  readonly again: Waiting[] = []
  isTrouble = false
  readonly #stream: string
  readonly #patienceMs: number
  readonly #broken: Map<number, SheetflowError>
  /** Where the stream ends when what is sent again has landed. */
  #end: number

  constructor({ name, parts }: StreamDoor, last: number, broken: Map<number, SheetflowError>) {
    this.#stream = name
    this.#patienceMs = parts.link.patienceMs
    this.#end = last
    this.#broken = broken
  }

  add(flight: Flight, count: number): void {
    const { parts, messages, failure } = flight
    if (count === messages.length) return void this.stored.push(...parts)
    // What the server refused for itself, not for what stands before it.
    const refusal = this.#refusal(failure)
    this.isTrouble ||= refusal !== null
    const isFinal = refusal !== null && !isPassing(refusal) && parts.length === 1 && count === 0
    for (const part of parts) {
      const isOver = refusal !== null && performance.now() - (part.waiting.sentAt ?? Infinity) > this.#patienceMs
      if (refusal !== null && failure !== 'lost') part.waiting.solo = true
      if (refusal !== null && (isFinal || isOver)) this.#refuse(part, refusal)
      else this.#retry(part, count)
    }
  }

  #refusal(failure: Flight['failure']): SheetflowError | null {
    if (failure === 'lost') return apiFailure(this.#stream, { code: 0, description: 'an append was not answered' })
    return failure === null || isWrongLast(failure.code) ? null : apiFailure(this.#stream, failure)
  }

  /** `count` of its messages are stored (a server without batches, where a flight has one part). */
  #retry({ waiting, base, messages }: Part, count: number): void {
    const { expectedLast } = waiting.draft
    if (expectedLast === undefined) {
      this.again.push(waiting)
      this.#end += messages.length - count
    } else if (base + count === this.#end && !this.#broken.has(base)) {
      waiting.stored += count
      this.again.push(waiting)
      this.#end += messages.length - count
    } else {
      this.#refuse(
        { waiting, base, messages, result: { first: 0, last: 0 } },
        this.#broken.get(base) ?? fenced(this.#stream, base, this.#end),
      )
    }
  }

  /** A writer that pipelines learns the reason of the first failure from every append behind it, not that it fenced itself. */
  #refuse({ waiting, base, messages }: Part, error: SheetflowError): void {
    this.refused.push({ waiting, error })
    this.#broken.set(base + messages.length, error)
  }
}

/** A server that has no leader, or whose batch was broken off by a cut, may take it the next time. */
function isPassing(error: SheetflowError): boolean {
  return error.code === 'bus/unavailable'
}

/** How many of its messages stand in the stream: of a batch none or all. */
async function storedOf(door: StreamDoor, flight: Flight, last: number): Promise<number> {
  const { base, messages, isBatch } = flight
  let count = 0
  while (count < messages.length && base + count < last && (await isOurs(door, base + count + 1, messages[count]!.id))) {
    if (isBatch) return messages.length
    count++
  }
  return count
}

async function isOurs({ name, parts }: StreamDoor, seq: number, id: string): Promise<boolean> {
  const { streams } = parts.link.manager
  const found = await parts.link.patiently(() => streams.getMessage(name, { seq }))
  if (found === null) return false
  const { subject, header: headers, data } = found
  return headers.get(BY) === parts.by && decodeMessage(name, { subject, headers, data }, seq).id === id
}
