import { backOffMs } from '@sheetflow/core/back-off'
import { isoFromMs } from '@sheetflow/core/calendar'
import { isSheetflowError } from '@sheetflow/core/errors'
import { addReceipt, type Receipt, type ReceiptInput } from '@sheetflow/core/receipt'
import type { ReceiptStatus } from '@sheetflow/core/message'
import { ulid } from '@sheetflow/core/ulid'
import type { JsonValue } from '@sheetflow/core/value'
import { fieldError, type FieldError } from '../answer/answered.ts'
import type { ClockSource, RandomSource, Timers } from '../host.ts'
import type { Answer, AnswerError, Channels, Queries } from '../net/transport.ts'
import { literal } from '../plan/literal.ts'
import type { Expectation } from './overlay.ts'

/** How long a command waits for a connection, and then for its handler, where the caller does not say. */
const VALID_FOR_MS = 60_000
/** Behind `validFor`, a command that nobody has heard of any more is `unknown`. */
const SILENCE_MS = 30_000
/** A target without transactions says `done` and no more; of the others `applied` follows. */
const DONE_GRACE_MS = 10_000
const PAUSES = { firstMs: 250, mostMs: 5_000 }

/** What a page does about commands. */
export interface CommandPage {
  expect(command: string, expectations: readonly Expectation[]): void
  forget(command: string): void
}

/** What commands work with. */
export interface CommandsHost {
  readonly queries: Queries
  readonly channels: Channels
  readonly clock: ClockSource
  readonly random: RandomSource
  readonly timers: Timers
  pages(): Iterable<CommandPage>
}

export interface CommandOptions {
  /** What pages show until the effect has come round. */
  readonly expect?: readonly Expectation[]
  /** After this long without a connection it is not sent any more. Default 60,000. */
  readonly validForMs?: number
}

/** A command on its way. */
export interface CommandHandle {
  /** A ULID: the idempotency key. */
  readonly id: string
  /** What became of it: `applied`, once a page has painted the effect; or why not. Never rejects. */
  readonly settled: Promise<Receipt>
}

/** Where a command stands; `error` with every status that means that it did not work. */
export interface CommandEvent {
  readonly id: string
  readonly name: string
  readonly status: 'sending' | ReceiptStatus
  readonly receipt: Receipt | null
  readonly error: FieldError | null
}

interface Pending {
  readonly id: string
  readonly name: string
  readonly document: string
  readonly deadline: number
  readonly resolve: (receipt: Receipt) => void
  receipt: Receipt | null
  /** How often it was sent. The server may have taken it as soon as there was one, whether it answered or not. */
  attempts: number
  callOff: () => void
}

/**
 * Commands to the source, over HTTP: sent again with the same id until the server has taken them, which makes no second one of them.
 * What became of them comes back as rows of `_receipts` with the frames of the pages (law 1), not as an answer.
 */
export class Commands {
  readonly #host: CommandsHost
  readonly #pending = new Map<string, Pending>()
  readonly #listeners = new Set<(event: CommandEvent) => void>()
  readonly #unlink: () => void
  /** Aborts when another reader's turn comes: nobody's command goes out in the name of another. */
  #left = new AbortController()
  #closed = false

  constructor(host: CommandsHost) {
    this.#host = host
    this.#unlink = host.channels.onState((state) => {
      if (state === 'connected') for (const pending of this.#pending.values()) if (pending.receipt === null) void this.#deliver(pending)
    })
  }

  /** `command/bad-payload` is thrown for what cannot be sent at all. */
  send(name: string, payload: Readonly<Record<string, JsonValue>>, options: CommandOptions = {}): CommandHandle {
    const { clock, random, timers } = this.#host
    const id = ulid(clock(), random)
    const validForMs = options.validForMs ?? VALID_FOR_MS
    const document = `mutation { command(id: ${literal(id)}, name: ${literal(name)}, payload: ${literal(payload)}) { id status } }`
    const { promise, resolve } = Promise.withResolvers<Receipt>()
    const pending: Pending = {
      id,
      name,
      document,
      deadline: clock() + validForMs,
      resolve,
      receipt: null,
      attempts: 0,
      callOff: () => undefined,
    }
    this.#pending.set(id, pending)
    for (const page of this.#host.pages()) page.expect(id, options.expect ?? [])
    pending.callOff = timers.after(validForMs, () => this.#notSent(pending))
    this.#tell(pending, 'sending', null)
    if (this.#host.channels.state === 'connected') void this.#deliver(pending)
    return { id, settled: promise }
  }

  /** Commands that have not ended, for pages that come later. */
  get pending(): Iterable<string> {
    return this.#pending.keys()
  }

  /** A page has painted these receipts. */
  take(receipts: readonly Receipt[]): void {
    for (const receipt of receipts) this.#learn(receipt)
  }

  onEvent(listener: (event: CommandEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Somebody else reads from now on: what the reader before has given is not sent any more, and what becomes of it is nobody's business here. */
  readerChanged(): void {
    this.#left.abort()
    this.#left = new AbortController()
    for (const pending of this.#pending.values()) {
      const [status, what] =
        pending.attempts > 0 ? (['unknown', 'it may have been taken'] as const) : (['failed', 'it was not sent'] as const)
      this.#end(pending, status, { code: 'access/denied', message: `somebody else reads now; ${what}` })
    }
  }

  close(): void {
    this.#closed = true
    this.#unlink()
    for (const pending of this.#pending.values()) this.#end(pending, 'unknown', { code: 'client/offline', message: 'the page was closed' })
  }

  async #deliver(pending: Pending): Promise<void> {
    pending.attempts += 1
    try {
      const answer = await this.#host.queries.ask(pending.document, {}, this.#left.signal)
      if (this.#isWaiting(pending)) this.#answered(pending, answer)
    } catch (error) {
      if (!isSheetflowError(error)) throw error
      if (!this.#isWaiting(pending)) return
      if (error.code === 'client/offline') this.#deliverAgain(pending)
      else
        this.#end(pending, 'failed', { code: error.code, message: error.message, ...(error.fix === undefined ? {} : { fix: error.fix }) })
    }
  }

  #answered(pending: Pending, answer: Answer): void {
    const status = (answer.data?.['command'] as { readonly status?: ReceiptStatus } | null | undefined)?.status
    const [error] = answer.errors
    if (status !== undefined) this.#learn(receiptOf(pending.id, status, null, this.#host.clock()))
    else if (error !== undefined && isTemporary(error)) this.#deliverAgain(pending)
    else
      this.#end(
        pending,
        'rejected',
        error === undefined ? { code: 'command/failed', message: 'the server gave no answer' } : fieldError(error),
      )
  }

  /** While there is no connection nothing is sent: its return is the next occasion. */
  #deliverAgain(pending: Pending): void {
    const pause = backOffMs(PAUSES, pending.attempts, this.#host.random())
    this.#host.timers.after(pause, () => {
      if (this.#isWaiting(pending) && this.#host.channels.state === 'connected') void this.#deliver(pending)
    })
  }

  #isWaiting(pending: Pending): boolean {
    return !this.#closed && pending.receipt === null && this.#pending.has(pending.id)
  }

  #notSent(pending: Pending): void {
    if (pending.receipt !== null) return
    const seconds = Math.round((pending.deadline - this.#host.clock()) / 1000)
    // A connection can break between the server's work and its answer.
    if (pending.attempts > 0)
      this.#end(pending, 'unknown', { code: 'client/offline', message: 'the server did not answer; the command may have been taken' })
    else
      this.#end(pending, 'expired', {
        code: 'command/expired',
        message: `no connection for ${String(Math.max(0, seconds))} s: the command was not sent`,
      })
  }

  #learn(receipt: Receipt): void {
    const pending = this.#pending.get(receipt.id)
    if (pending === undefined) return
    const before = pending.receipt
    pending.receipt = addReceipt(before, eventOf(receipt))
    const { status } = pending.receipt
    if (before?.status === status) return
    if (status === 'accepted' || status === 'done') {
      this.#tell(pending, status, null)
      this.#endAfter(pending, status)
    } else this.#end(pending, status, status === 'applied' ? null : outcomeError(pending.receipt))
  }

  #endAfter(pending: Pending, status: 'accepted' | 'done'): void {
    pending.callOff()
    const ms = status === 'done' ? DONE_GRACE_MS : VALID_FOR_MS + SILENCE_MS
    pending.callOff = this.#host.timers.after(ms, () => {
      if (status === 'done') this.#end(pending, 'done', null)
      else
        this.#end(pending, 'unknown', { code: 'command/failed', message: 'the server took the command and has not said what became of it' })
    })
  }

  #end(pending: Pending, status: ReceiptStatus, error: FieldError | null): void {
    if (!this.#pending.delete(pending.id)) return
    pending.callOff()
    const known = pending.receipt?.status === status ? pending.receipt : null
    pending.receipt = known ?? receiptOf(pending.id, status, error?.code ?? null, this.#host.clock())
    for (const page of this.#host.pages()) page.forget(pending.id)
    this.#tell(pending, status, error)
    pending.resolve(pending.receipt)
  }

  #tell({ id, name, receipt }: Pending, status: CommandEvent['status'], error: FieldError | null): void {
    for (const listener of this.#listeners) listener({ id, name, status, receipt, error })
  }
}

function receiptOf(id: string, status: ReceiptStatus, code: string | null, nowMs: number): Receipt {
  return { id, user: null, status, code, result: null, at: isoFromMs(nowMs), inputs: null }
}

/** What a receipt says, as one more thing that was learnt. */
function eventOf({ id, user, status, at, result, code, inputs }: Receipt): ReceiptInput {
  return { id, user, status, at, result, ...(code === null ? {} : { code }), ...(inputs === null ? {} : { inputs }) }
}

function outcomeError({ status, code, result }: Receipt): FieldError {
  const said = typeof result === 'string' ? result : ''
  return { code: code ?? `command/${status === 'unknown' ? 'failed' : status}`, message: said === '' ? OUTCOMES[status] : said }
}

const OUTCOMES: Readonly<Record<ReceiptStatus, string>> = {
  accepted: 'on its way',
  done: 'done',
  applied: 'done',
  rejected: 'the command was refused',
  expired: 'the command waited too long and was not carried out',
  failed: 'the command failed',
  unknown: 'what became of the command is not known',
}

function isTemporary(error: AnswerError): boolean {
  const retry = error.extensions?.retry
  return retry === 'now' || retry === 'later'
}
