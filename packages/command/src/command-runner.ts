import { backOffMs } from '@sheetflow/core/back-off'
import { isoFromMs } from '@sheetflow/core/calendar'
import { SheetflowError, isSheetflowError } from '@sheetflow/core/errors'
import { decodeSourceInbox } from '@sheetflow/core/framing/inbox'
import { inboxStart } from '@sheetflow/core/framing/inbox-place'
import type { Command, ReceiptEvent } from '@sheetflow/core/message'
import type { Bus, StoredMessage } from '@sheetflow/core/ports/bus'
import type { Clock, Log } from '@sheetflow/core/ports/host'
import type { CommandHandler, CommandOutcome, Target } from '@sheetflow/core/ports/target'
import type { InboxPlace } from '@sheetflow/core/position'
import { sourceInbox } from '@sheetflow/core/subject'
import type { CommandSet } from './define-commands.ts'
import { FinishedOffsets } from './finished-offsets.ts'
import { missingHandler } from './missing-handler.ts'
import { OrderedPool, type Aside } from './ordered-pool.ts'
import { sendReceipt } from './receipts.ts'
import { RunningCommands, type RunningCommand } from './running-commands.ts'

/** What running the commands of a source needs. */
export interface CommandRunnerOptions {
  readonly source: string
  readonly bus: Bus
  readonly commands: CommandSet
  readonly target: Target
  /** The graphs that read the source: each gets the receipts. */
  readonly graphs: readonly string[]
  /** Up to where of the inbox all commands are finished, as the last commit on the source's stream says; offset 0 if none says so. */
  readonly finished: InboxPlace
  readonly clock: Clock
  readonly log?: Log
}

/** Of one run of the runner. */
interface Taking {
  readonly finished: FinishedOffsets
  readonly epoch: number
  readonly pool: OrderedPool
  readonly signal: AbortSignal
}

/** Of one command. */
interface Finishing {
  readonly running: RunningCommand
  readonly aside: Aside
  readonly signal: AbortSignal
}

/** Commands of different `order` run at the same time, up to so many. */
const PARALLEL = 8
/** Commands read ahead. */
const AHEAD = 1_000
/** A handler that was rolled back for a reason that passes is tried so many times. */
const ATTEMPTS = 10
/** More of a code is not told with an outcome that no message holds. */
const CODE_UNITS = 256
const PAUSES = { firstMs: 50, mostMs: 5_000 }
/** How often the bus is told what of the inbox is still needed. */
const RETAIN_MS = 30_000

/**
 * Executes the commands in a source's inbox and sends their receipts. A command is finished when its receipts are on disk; whatever a crash leaves
 * unfinished is delivered again, and the target answers what it did.
 */
export class CommandRunner {
  readonly #options: CommandRunnerOptions
  #finished: FinishedOffsets
  readonly #running: RunningCommands
  readonly #stream: string
  #retainedAt = -Infinity
  /** Ends the reading that is under way, with an error. */
  #end: (error: SheetflowError) => void = () => undefined

  constructor(options: CommandRunnerOptions) {
    this.#options = options
    this.#finished = new FinishedOffsets(options.finished)
    this.#running = new RunningCommands(options.clock, options.log)
    this.#stream = sourceInbox(options.source)
  }

  /** Every command up to this place of the inbox is finished. */
  get finished(): InboxPlace {
    return this.#finished.upTo
  }

  /** Figures of the commands that run, named as in `docs/operations.md`. */
  metrics(): Readonly<Record<string, number>> {
    return this.#running.metrics()
  }

  /** Why a command cannot be carried out now, though it is tried again and again. */
  get problem(): string | undefined {
    return this.#running.problem
  }

  /**
   * Runs until the signal aborts, then waits for what is running. Rejects with what no retry mends (`source/auth`, a damaged bus…): start it again
   * when that is mended; and with `bus/set-back`: start it again at once, it begins where the inbox begins now.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { bus } = this.#options
    const failed = new AbortController()
    this.#end = (error) => failed.abort(error)
    const stop = AbortSignal.any([signal, failed.signal])
    const pool = new OrderedPool(PARALLEL, (error) => failed.abort(error))
    try {
      const { epoch, from, finished } = await this.#begin(stop)
      for await (const batch of bus.read(this.#stream, { from, signal: stop })) {
        for (const message of batch) this.#take(message, { finished, epoch, pool, signal: stop })
        await this.#retain()
        await pool.atMost(AHEAD)
      }
    } catch (error) {
      failed.abort(error)
    }
    pool.clear()
    await pool.atMost(0)
    if (failed.signal.aborted && !signal.aborted) throw failed.signal.reason
  }

  /** The inbox is not the one of which `finished` speaks: what runs is ended with `bus/set-back`, the next run begins behind this place. */
  setBack(place: InboxPlace): void {
    this.#finished = new FinishedOffsets(place)
    this.#end(
      new SheetflowError('bus/set-back', `stream ${this.#stream} was set back`, { retry: 'now', details: { stream: this.#stream } }),
    )
  }

  /** Where reading begins: behind what is finished, if the inbox is still the one that was read. What was read and is not finished comes again. */
  async #begin(signal: AbortSignal): Promise<{ readonly epoch: number; readonly from: number; readonly finished: FinishedOffsets }> {
    const { bus, source, log } = this.#options
    const before = this.#finished
    const info = await bus.ensure(this.#stream)
    const { from, place, setBack } = await inboxStart(bus, info, before.upTo, signal)
    if (setBack !== null) log?.warn('inbox.set-back', { source, reason: setBack, from })
    // Another one if `setBack` was called meanwhile: then this run has ended.
    if (this.#finished === before) this.#finished = new FinishedOffsets(place)
    return { epoch: info.epoch, from, finished: this.#finished }
  }

  #take(message: StoredMessage, { finished, epoch, pool, signal }: Taking): void {
    const { offset, id } = message
    finished.begin(offset, { epoch, tx: id })
    const command = this.#commandIn(message)
    if (command === null) finished.end(offset)
    else {
      pool.add(command.order, async (aside) => {
        if (await this.#running.watch(command, (running) => this.#finish(command, { running, aside, signal }))) finished.end(offset)
      })
    }
  }

  /** Null for what is not ours (`resnapshot`, `reread`) and for what cannot be read: nobody could be told. */
  #commandIn(message: StoredMessage): Command | null {
    try {
      const said = decodeSourceInbox(message)
      return said.kind === 'command' ? said : null
    } catch (error) {
      this.#options.log?.error('command.unreadable', { offset: message.offset, error: String(error) })
      return null
    }
  }

  /** True when the command is executed and everybody who reads receipts has been told; false when the signal came first. */
  async #finish(command: Command, finishing: Finishing): Promise<boolean> {
    const { clock } = this.#options
    const outcome = await this.#execute(command, finishing)
    if (outcome === null) return false
    const { status, code, result } = outcome
    const receipt = {
      id: command.id,
      user: command.user,
      status,
      ...(code === undefined ? {} : { code }),
      ...(result === undefined ? {} : { result }),
      at: isoFromMs(clock.now()),
    }
    return this.#patiently(finishing.signal, () => this.#tell(receipt))
  }

  /** What no message holds is told without its text: the status is what counts. */
  async #tell(receipt: ReceiptEvent): Promise<void> {
    const { bus, graphs, log } = this.#options
    try {
      await sendReceipt(bus, graphs, receipt)
    } catch (error) {
      if (!isSheetflowError(error, 'bus/too-large')) throw error
      const { result: _, code, ...rest } = receipt
      log?.warn('command.result-too-large', { id: receipt.id, error: error.message })
      await sendReceipt(bus, graphs, { ...rest, ...(code === undefined ? {} : { code: code.slice(0, CODE_UNITS) }) })
    }
  }

  async #execute(command: Command, { running, aside, signal }: Finishing): Promise<CommandOutcome | null> {
    const { target, clock } = this.#options
    const { handler, isMissing } = this.#handlerOf(command)
    for (let attempt = 1, rollbacks = 0; !signal.aborted; attempt++) {
      try {
        return await target.execute(command, handler, signal)
      } catch (error) {
        if (signal.aborted) return null
        const failure = coded(error)
        // `command/failed` says that nothing stayed; with any other code the outcome is not known, and asking again tells.
        if (failure.code === 'command/failed' && (failure.retry === 'never' || (!isMissing && ++rollbacks >= ATTEMPTS)))
          return { status: 'failed', code: failure.code }
        if (failure.retry === 'never') throw failure
        // Of what was rolled back, the reason is the handler's.
        if (failure.code !== 'command/failed') running.waits(failure, attempt)
        const pause = clock.sleep(backOffMs(PAUSES, attempt), signal)
        // Others need not wait for a handler that is not there.
        await (isMissing ? aside(pause) : pause)
      }
    }
    return null
  }

  /** A command without a handler is given to the target, too: it may have been carried out when there was one, and it expires there. */
  #handlerOf({ name, id }: Command): { readonly handler: CommandHandler; readonly isMissing: boolean } {
    const { commands, source, log } = this.#options
    const handler = commands.get(name)?.handler
    if (handler !== undefined) return { handler, isMissing: false }
    log?.warn('command.no-handler', { source, command: name, id })
    return { handler: missingHandler(name), isMissing: true }
  }

  /** Does it until it works; what no retry mends is thrown. False when the signal came first. */
  async #patiently(signal: AbortSignal, work: () => Promise<void>): Promise<boolean> {
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        await work()
        return true
      } catch (error) {
        const failure = coded(error)
        if (failure.retry === 'never') throw failure
        await this.#options.clock.sleep(backOffMs(PAUSES, attempt), signal)
      }
    }
    return false
  }

  async #retain(): Promise<void> {
    const now = this.#options.clock.now()
    if (now - this.#retainedAt < RETAIN_MS) return
    this.#retainedAt = now
    // A bus that is full refuses this too; then what it was told last holds on.
    await this.#options.bus.retain(this.#stream, 'commands', this.finished.offset).catch((error: unknown) => {
      this.#options.log?.warn('command.retain', { error: String(error) })
    })
  }
}

function coded(error: unknown): SheetflowError {
  if (isSheetflowError(error)) return error
  return new SheetflowError('command/failed', `the target failed: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  })
}
