import { isoFromMs } from '@sheetflow/core/calendar'
import { addReceipt, type Receipt, type ReceiptInput } from '@sheetflow/core/receipt'
import type { ReceiptStatus } from '@sheetflow/core/message'
import type { CommandAccepted } from '@sheetflow/core/ports/commands'
import { ulid } from '@sheetflow/core/ulid'
import { fieldError, type FieldError } from '../answer/answered.ts'
import type { ClockSource, RandomSource, Timers } from '../host.ts'
import type { Answer, Channels, Queries } from '../net/transport.ts'
import { LastLook } from './last-look.ts'
import { Outbox, type Outgoing } from './outbox.ts'
import type { Expectation } from './overlay.ts'
import { payloadOf, type CommandPayload } from './payload.ts'

/** How long a command waits for a connection, and then for its handler, where nobody says. */
const VALID_FOR_MS = 60_000
/** Behind `validFor`, a command that nobody has heard of any more is `unknown`. */
const SILENCE_MS = 30_000
/** A target without transactions says `done` and no more; of the others `applied` follows. */
const DONE_GRACE_MS = 10_000
/** Once one page has painted an effect, all that are to paint it have done so by then. */
const EFFECT_GRACE_MS = 10_000

/** What a page does about commands. */
export interface CommandPage {
  /** The graphs that it follows. */
  readonly graphs: Iterable<string>
  expect(command: string, expectations: readonly Expectation[]): void
  /** Does it still show what the command is expected to do? It stops by itself in the frame that has the effect. */
  awaits(command: string): boolean
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
  /**
   * A graph that reads the command's source, for clients without a page that follows one: it is asked for the receipt, once, before the command is given up as `unknown`. What a page follows
   * is known.
   */
  readonly graph?: string
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

interface Pending extends Outgoing {
  readonly graph: string | null
  /** How long it waits for a connection, and then for its handler: as its giver says, until the server has. */
  validForMs: number
  readonly resolve: (receipt: Receipt) => void
  receipt: Receipt | null
  /** An attempt ended without an answer: the server may have taken it, whatever it says to a later one. */
  mayBeTaken: boolean
  /** Why it is not sent any more although that is so. */
  refusal: FieldError | null
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
  readonly #outbox: Outbox<Pending>
  readonly #lastLook: LastLook
  /** Ends of the waits for pages that do not have an effect yet. */
  readonly #fading = new Set<() => void>()

  constructor(host: CommandsHost) {
    this.#host = host
    this.#lastLook = new LastLook(host.queries)
    this.#outbox = new Outbox<Pending>(host, {
      answered: (pending, answer) => this.#answered(pending, answer),
      refused: (pending, { code, message, fix }) =>
        this.#refused(pending, 'failed', { code, message, ...(fix === undefined ? {} : { fix }) }),
      lost: (pending) => void (pending.mayBeTaken = true),
    })
  }

  /** `command/bad-payload` is thrown for what cannot be sent at all. */
  send(name: string, payload: CommandPayload, options: CommandOptions = {}): CommandHandle {
    const { clock, random, timers } = this.#host
    const sent = payloadOf(payload)
    const id = ulid(clock(), random)
    const validForMs = options.validForMs ?? VALID_FOR_MS
    const { promise, resolve } = Promise.withResolvers<Receipt>()
    const pending: Pending = {
      id,
      name,
      payload: sent,
      graph: options.graph ?? null,
      validForMs,
      resolve,
      receipt: null,
      attempts: 0,
      mayBeTaken: false,
      refusal: null,
      callOff: () => undefined,
    }
    this.#pending.set(id, pending)
    for (const page of this.#host.pages()) page.expect(id, options.expect ?? [])
    pending.callOff = timers.after(validForMs, () => this.#overdue(pending))
    this.#tell(pending, 'sending', null)
    this.#outbox.add(pending)
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
    for (const pending of [...this.#pending.values()].toReversed()) {
      // From the last to the first, so that none gets its turn in the name of another.
      this.#outbox.cancel(pending)
      const [status, what] =
        pending.attempts > 0 ? (['unknown', 'it may have been taken'] as const) : (['failed', 'it was not sent'] as const)
      this.#end(pending, status, { code: 'access/denied', message: `somebody else reads now; ${what}` })
    }
  }

  close(): void {
    this.#outbox.close()
    for (const callOff of this.#fading) callOff()
    for (const pending of this.#pending.values()) this.#end(pending, 'unknown', { code: 'client/offline', message: 'the page was closed' })
  }

  #answered(pending: Pending, answer: Answer): void {
    const accepted = answer.data?.['command'] as Partial<CommandAccepted> | null | undefined
    const [error] = answer.errors
    if (accepted?.status !== undefined) {
      this.#waitFor(pending, accepted.validForMs ?? pending.validForMs)
      this.#learn(receiptOf(pending.id, accepted.status, null, this.#host.clock()))
    } else
      this.#refused(
        pending,
        'rejected',
        error === undefined ? { code: 'command/failed', message: 'the server gave no answer' } : fieldError(error),
      )
  }

  /** So long its handler may take to begin. Its receipt may have come before this answer. */
  #waitFor(pending: Pending, validForMs: number): void {
    pending.validForMs = validForMs
    if (pending.receipt?.status === 'accepted' && this.#pending.has(pending.id)) this.#waitForReceipt(pending, null)
  }

  /** A refusal speaks of its own attempt alone: what became of one before, its receipt says. */
  #refused(pending: Pending, status: 'rejected' | 'failed', error: FieldError): void {
    if (pending.receipt !== null || !this.#pending.has(pending.id)) return
    if (pending.mayBeTaken) this.#waitForReceipt(pending, error)
    else this.#end(pending, status, error)
  }

  /** It is not sent any more. */
  #overdue(pending: Pending): void {
    this.#outbox.cancel(pending)
    if (pending.attempts > 0)
      this.#waitForReceipt(pending, { code: 'client/offline', message: 'the server did not answer; the command may have been taken' })
    else
      this.#end(pending, 'expired', {
        code: 'command/expired',
        message: `no connection for ${String(Math.round(pending.validForMs / 1000))} s: the command was not sent`,
      })
  }

  #waitForReceipt(pending: Pending, refusal: FieldError | null): void {
    pending.refusal = refusal
    pending.callOff()
    pending.callOff = this.#host.timers.after(pending.validForMs + SILENCE_MS, () => void this.#silent(pending))
  }

  async #silent(pending: Pending): Promise<void> {
    const { id, graph } = pending
    const followed = [...this.#host.pages()].flatMap((page) => [...page.graphs])
    const graphs = [...new Set(graph === null ? followed : [...followed, graph])]
    const before = pending.receipt?.status
    this.take(await this.#lastLook.look({ id, graphs }))
    // It is, or was meanwhile, heard of.
    if (pending.receipt?.status !== before) return
    const silent = { code: 'command/failed', message: 'the server took the command and has not said what became of it' }
    this.#end(pending, 'unknown', pending.refusal ?? silent)
  }

  #learn(receipt: Receipt): void {
    const pending = this.#pending.get(receipt.id)
    if (pending === undefined) return
    const before = pending.receipt
    pending.receipt = addReceipt(before, eventOf(receipt))
    const { status } = pending.receipt
    if (before?.status === status) return
    if (status !== 'accepted' && status !== 'done') {
      this.#end(pending, status, status === 'applied' ? null : outcomeError(pending.receipt))
      return
    }
    this.#outbox.release(pending)
    this.#tell(pending, status, null)
    if (status === 'accepted') this.#waitForReceipt(pending, null)
    else {
      pending.callOff()
      pending.callOff = this.#host.timers.after(DONE_GRACE_MS, () => this.#end(pending, 'done', null))
    }
  }

  #end(pending: Pending, status: ReceiptStatus, error: FieldError | null): void {
    if (!this.#pending.delete(pending.id)) return
    pending.callOff()
    this.#outbox.release(pending)
    const known = pending.receipt?.status === status ? pending.receipt : null
    pending.receipt = known ?? receiptOf(pending.id, status, error?.code ?? null, this.#host.clock())
    if (status === 'applied') this.#forgetLater(pending.id)
    else this.#forget(pending.id)
    this.#tell(pending, status, error)
    pending.resolve(pending.receipt)
  }

  #forget(id: string): void {
    for (const page of this.#host.pages()) page.forget(id)
  }

  /** One picture has the effect. Other pages and graphs have it in theirs; not for ever, as a graph may not read the command's source. */
  #forgetLater(id: string): void {
    if (![...this.#host.pages()].some((page) => page.awaits(id))) return
    const callOff = this.#host.timers.after(EFFECT_GRACE_MS, () => {
      this.#fading.delete(callOff)
      this.#forget(id)
    })
    this.#fading.add(callOff)
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
