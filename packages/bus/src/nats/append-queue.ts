import { assert } from '@sheetflow/core/assert'
import { SheetflowError, isSheetflowError } from '@sheetflow/core/errors'
import type { AppendResult, BusMessage } from '@sheetflow/core/ports/bus'
import { APPEND_BYTES, APPEND_MESSAGES, messageBytes, type Draft } from '../draft.ts'
import { reasonOf } from '../promises.ts'
import { busFailure, fenced, tooLarge } from './failure.ts'
import { Flight, type Part, type Waiting } from './flight.ts'
import { ACK_MS, BATCH_MESSAGES, CLOSE_MS, IN_FLIGHT_BYTES, IN_FLIGHT_MESSAGES, MESSAGE_ROOM, RETRY_MS, WATCH_MS } from './limits.ts'
import type { StreamDoor } from './parts.ts'
import { RecentIds } from './recent-ids.ts'
import { sortOut } from './recovery.ts'

/**
 * The appends of one stream, in call order, many under way. Every message says after which one it stands (`Nats-Expected-Last-Sequence`), also those of an inbox, for which the
 * end is looked up here: so the order holds whatever is lost, sent twice or comes late, and nobody writes between.
 *
 *            append → waiting ──pump──▶ in flight ──acknowledged──▶ resolved
 *                        ▲                  │ refused, lost, connection cut
 *                        └── to send again ─┴─▶ halted: the end of the stream is read, each flight is looked for there
 */
export class AppendQueue {
  readonly #door: StreamDoor
  readonly #ids: RecentIds
  #waiting: Waiting[] = []
  /** In the order in which they were sent. */
  readonly #flights = new Set<Flight>()
  readonly #flying = { messages: 0, bytes: 0, batches: 0 }
  /** Where the stream will end when all that is in flight has landed; null: to be looked up. */
  #end: number | null = null
  /** The first retained offset when the end was looked up. */
  #first = 1
  /** When the server had made the stream then: another one of the same name has other messages and subjects. */
  #created: string | null = null
  #pumping = false
  #halted = false
  #recovering = false
  #closed = false
  #timer: ReturnType<typeof setTimeout> | null = null
  readonly #covered = new Set<string>()
  /** The offset at which a refused append would have ended → why it was: an append pipelined behind it fails for the same reason. */
  readonly #broken = new Map<number, SheetflowError>()
  readonly #idle = new Set<() => void>()
  readonly #offCut: () => void

  constructor(door: StreamDoor) {
    this.#door = door
    this.#ids = new RecentIds(door.parts.link, door.name)
    this.#offCut = door.parts.link.onCut(() => this.#giveUp())
  }

  append(draft: Draft, signal: AbortSignal | undefined): Promise<AppendResult> {
    signal?.throwIfAborted()
    if (this.#closed) throw new SheetflowError('bus/unavailable', 'the bus is closed')
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        draft,
        resolve,
        reject,
        done: () => signal?.removeEventListener('abort', abort),
        stored: 0,
        solo: false,
        sentAt: null,
      }
      // Only what has not been sent can be taken back.
      const abort = (): void => {
        if (!this.#waiting.includes(waiting)) return
        this.#waiting = this.#waiting.filter((each) => each !== waiting)
        reject(reasonOf(signal))
      }
      signal?.addEventListener('abort', abort, { once: true })
      this.#waiting.push(waiting)
      void this.#pump()
    })
  }

  /** Waits until everything is stored that was given, a few seconds at most; what is left then is refused. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#waiting.length > 0 || this.#flights.size > 0 || this.#halted) {
      await new Promise<void>((resolve) => {
        this.#idle.add(resolve)
        setTimeout(resolve, CLOSE_MS).unref()
      })
    }
    this.#offCut()
    if (this.#timer !== null) clearTimeout(this.#timer)
    const error = new SheetflowError('bus/unavailable', 'the bus is closed', { retry: 'later' })
    for (const flight of this.#flights) {
      flight.giveUp(this.#door.parts)
      for (const { waiting } of flight.parts) this.#refuse(waiting, error)
    }
    this.#clear()
    this.#failAll(error)
  }

  async #pump(): Promise<void> {
    if (this.#pumping || this.#halted) return
    this.#pumping = true
    try {
      while (this.#waiting.length > 0 && this.#hasRoom()) {
        const next = this.#waiting[0]!
        const ready = await this.#prepare(next)
        if (this.#halted) break
        // What it waits for may have landed since: then nobody else would go on.
        if (!ready && this.#flights.size > 0) break
        // Or it was taken back meanwhile.
        if (!ready || this.#waiting[0] !== next) continue
        const isBatch = this.#isBatch(next)
        const parts = this.#take(isBatch)
        if (parts === null) {
          assert(this.#flights.size > 0, 'an append waits for what is in flight')
          break
        }
        if (parts.length > 0) this.#send(new Flight(parts, isBatch, [...this.#flights].at(-1) ?? null))
      }
    } catch (error) {
      this.#failAll(busFailure(this.#door.name, error))
    } finally {
      this.#pumping = false
      this.#rest()
    }
  }

  /** Does it go as an atomic batch? */
  #isBatch({ draft: { messages, whole } }: Waiting): boolean {
    if (!this.#door.parts.link.features.atomicBatches) return false
    return messages.length >= (whole ? 2 : BATCH_MESSAGES)
  }

  #hasRoom(): boolean {
    const { messages, bytes, batches } = this.#flying
    if (messages >= IN_FLIGHT_MESSAGES || bytes >= IN_FLIGHT_BYTES) return false
    // A batch cannot name the message before it by its id, nor be named: it goes when its place is certain.
    return this.#flights.size === 0 || (batches === 0 && !this.#isBatch(this.#waiting[0]!))
  }

  /** Looks up what sending this append needs to know. False: what is in flight has to land first. */
  async #prepare({ draft }: Waiting): Promise<boolean> {
    await this.#door.parts.link.connected()
    const fresh = draft.messages.filter(({ subject }) => !this.#covered.has(subject)).map(({ subject }) => subject)
    if (fresh.length > 0) {
      await this.#door.cover(fresh)
      for (const subject of fresh) this.#covered.add(subject)
    }
    if (draft.expectedLast !== undefined && draft.messages.length > 0) return true
    // An id that is known is an answer without the server: it has to be asked whether the stream is still the one in which that id stands.
    const isFresh = !draft.messages.some(({ id }) => this.#ids.offsetOf(id) !== undefined)
    if (this.#end !== null && this.#ids.last === this.#end && isFresh) return true
    if (this.#flights.size > 0) return false
    await this.#locate()
    if (draft.expectedLast === undefined) await this.#ids.sync(this.#first, this.#end!)
    return true
  }

  /** Takes the first append, and of a batch those behind it that fit into the same one. Empty: it came to its end here. Null: what is in flight has to land first. */
  #take(isBatch: boolean): Part[] | null {
    const parts: Part[] = []
    let messages = 0
    let bytes = 0
    for (let waiting = this.#waiting[0]; waiting !== undefined; waiting = this.#waiting[0]) {
      if (parts.length > 0 && !this.#fits(waiting, messages, bytes)) break
      const part = this.#partOf(waiting)
      if (part === null) return parts.length > 0 ? parts : null
      if (part !== 'ended' && parts.length > 0 && part.base !== this.#end) break
      this.#waiting.shift()
      if (part === 'ended') break
      parts.push(part)
      messages += part.messages.length
      bytes += waiting.draft.bytes
      this.#end = part.base + part.messages.length
      for (const [i, { id }] of part.messages.entries()) this.#ids.add(id, part.base + 1 + i)
      if (!isBatch || waiting.solo) break
    }
    return parts
  }

  #fits({ draft, solo }: Waiting, messages: number, bytes: number): boolean {
    if (solo || draft.messages.length === 0 || !draft.messages.every(({ subject }) => this.#covered.has(subject))) return false
    return messages + draft.messages.length <= APPEND_MESSAGES && bytes + draft.bytes <= APPEND_BYTES
  }

  /** What is to be sent of this append; `ended` if nothing; null if that is not known before what is in flight has landed. */
  #partOf(waiting: Waiting): Part | 'ended' | null {
    const { draft, stored } = waiting
    const { expectedLast, messages } = draft
    const large = messages.find((message) => messageBytes(message) + MESSAGE_ROOM > this.#door.parts.link.maxPayload)
    if (large !== undefined) {
      return this.#refuse(waiting, tooLarge(this.#door.name, `a message of ${large.body.byteLength} bytes is more than the server takes`))
    }
    if (expectedLast === undefined) return this.#unfenced(waiting)
    const before = this.#broken.get(expectedLast)
    if (before !== undefined && isSheetflowError(before, 'bus/fenced')) return this.#refuse(waiting, before)
    if (messages.length === 0) return this.#empty(waiting, expectedLast)
    const base = expectedLast + stored
    return { waiting, base, messages: messages.slice(stored), result: { first: expectedLast + 1, last: expectedLast + messages.length } }
  }

  #unfenced(waiting: Waiting): Part | 'ended' | null {
    const end = this.#end
    if (end === null || this.#ids.last !== end) return null
    const fresh: BusMessage[] = []
    const here = new Map<string, number>()
    const places = waiting.draft.messages.map((message) => {
      const known = this.#ids.offsetOf(message.id) ?? here.get(message.id)
      if (known !== undefined) return known
      fresh.push(message)
      here.set(message.id, end + fresh.length)
      return end + fresh.length
    })
    const result = { first: places[0] ?? end + 1, last: places.at(-1) ?? end }
    if (fresh.length > 0) return { waiting, base: end, messages: fresh, result }
    // The message that has the id may be in flight still.
    return this.#flights.size > 0 ? null : this.#resolve(waiting, result)
  }

  #empty(waiting: Waiting, expectedLast: number): 'ended' {
    const last = this.#end ?? expectedLast
    if (last !== expectedLast) return this.#refuse(waiting, fenced(this.#door.name, expectedLast, last))
    return this.#resolve(waiting, { first: last + 1, last })
  }

  #send(flight: Flight): void {
    this.#flights.add(flight)
    this.#count(flight, 1)
    this.#watch()
    try {
      flight.send(
        this.#door.name,
        this.#door.parts,
        () => this.#land(flight),
        () => this.#halt(),
      )
    } catch {
      // The connection is closed, or too large a message: looked for as any other that got no answer.
      flight.giveUp(this.#door.parts)
      this.#halt()
    }
  }

  #land(flight: Flight): void {
    this.#flights.delete(flight)
    this.#count(flight, -1)
    this.#broken.clear()
    for (const { waiting, result } of flight.parts) this.#resolve(waiting, result)
    if (this.#halted) this.#halt()
    else void this.#pump()
    this.#rest()
  }

  /** Something was refused or lost: nothing more is sent until it is known what is stored. */
  #halt(): void {
    const wasHalted = this.#halted
    this.#halted = true
    if (this.#recovering || [...this.#flights].some((flight) => !flight.isSettled)) return
    if (wasHalted || this.#flights.size > 0) void this.#recover()
  }

  /** No answer comes any more to what is in flight. */
  #giveUp(): void {
    if (this.#flights.size === 0) return
    for (const flight of this.#flights) flight.giveUp(this.#door.parts)
    this.#halt()
  }

  async #recover(): Promise<void> {
    this.#recovering = true
    const flights = [...this.#flights]
    try {
      await this.#locate()
      const last = this.#end!
      const { stored, refused, again, isTrouble } = await sortOut(this.#door, flights, last, this.#broken)
      this.#clear()
      this.#ids.truncate(Math.min(last, ...flights.map(({ base }) => base)))
      for (const { waiting, result } of stored) this.#resolve(waiting, result)
      for (const { waiting, error } of refused) this.#refuse(waiting, error)
      this.#waiting.unshift(...again)
      setImmediate(() => this.#forgive())
      if (isTrouble) await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    } catch (error) {
      this.#clear()
      for (const { parts } of flights) for (const { waiting } of parts) this.#refuse(waiting, busFailure(this.#door.name, error))
      this.#failAll(busFailure(this.#door.name, error))
    } finally {
      this.#recovering = this.#halted = false
      void this.#pump()
      this.#rest()
    }
  }

  /** Who learnt that it is fenced looks where the stream ends; what it appends then may expect the very offset at which its last append would have ended. */
  #forgive(): void {
    for (const [offset, error] of this.#broken) if (isSheetflowError(error, 'bus/fenced')) this.#broken.delete(offset)
  }

  #count({ messages, bytes, isBatch }: Flight, sign: 1 | -1): void {
    this.#flying.messages += sign * messages.length
    this.#flying.bytes += sign * bytes
    if (isBatch) this.#flying.batches += sign
  }

  #clear(): void {
    this.#flights.clear()
    Object.assign(this.#flying, { messages: 0, bytes: 0, batches: 0 })
  }

  /** Where the stream ends now. */
  async #locate(): Promise<void> {
    const server = await this.#door.server()
    if (server.created !== this.#created) {
      this.#ids.forget()
      this.#covered.clear()
    }
    this.#created = server.created
    this.#first = Math.max(1, server.state.first_seq)
    this.#end = server.state.last_seq
  }

  /** Looks now and then whether the oldest flight is answered. */
  #watch(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      const [oldest] = this.#flights
      if (oldest === undefined) return
      if (!this.#recovering && performance.now() - oldest.sentAt > ACK_MS) this.#giveUp()
      this.#watch()
    }, WATCH_MS)
  }

  #resolve({ resolve, done }: Waiting, result: AppendResult): 'ended' {
    done()
    resolve(result)
    return 'ended'
  }

  #refuse({ reject, done }: Waiting, error: SheetflowError): 'ended' {
    done()
    reject(error)
    return 'ended'
  }

  #failAll(error: SheetflowError): void {
    const all = this.#waiting
    this.#waiting = []
    this.#end = null
    for (const waiting of all) this.#refuse(waiting, error)
  }

  /** Tells whoever closes us when there is nothing left to do. */
  #rest(): void {
    if (this.#waiting.length > 0 || this.#flights.size > 0 || this.#halted) return
    for (const done of this.#idle) done()
    this.#idle.clear()
  }
}
