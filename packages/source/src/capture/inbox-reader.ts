import { decodeSourceInbox } from '@sheetflow/core/framing/inbox'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { SourceInbox } from '@sheetflow/core/message'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { Log } from '@sheetflow/core/ports/host'
import type { ControlDraft, Source } from '@sheetflow/core/ports/source'
import { sourceInbox } from '@sheetflow/core/subject'

/**
 * Whoever carries the inbox's commands out. It reads the inbox by itself from `finished` on (given when it was made), and says how far it is:
 * a command whose end was not recorded in a commit comes again after a restart.
 */
export interface CommandLane {
  /** Every command at or below this offset of the inbox is finished: its outcome is known and its receipts are on disk. */
  readonly finished: number
  /** Runs until the signal aborts; rejects only with what no retry mends. */
  run(signal: AbortSignal): Promise<void>
}

export interface InboxOptions {
  readonly bus: Bus
  readonly source: string
  readonly driver: Pick<Source, 'snapshot'>
  /** Absent: commands wait in the inbox until a role runs that can carry them out. */
  readonly commands?: Pick<CommandLane, 'finished'> | undefined
  /** Up to where everything is finished. */
  readonly finished: number
  /** Tables that are captured: nobody answers for another. */
  readonly tables: readonly string[]
  readonly log?: Log | undefined
}

type Request = Exclude<SourceInbox, { kind: 'command' }>

/**
 * Reads what a source is asked for (`resnapshot`, `reread`) and knows up to where everything in its inbox is finished, the commands included: that
 * offset goes into the commits, a restart begins behind it.
 */
export class InboxReader {
  readonly #options: InboxOptions
  readonly #requests = new Map<number, Request>()
  #tables: ReadonlySet<string>
  #read: number
  /** The first command that nobody here can carry out. */
  #waiting = Infinity

  constructor(options: InboxOptions) {
    this.#options = options
    this.#tables = new Set(options.tables)
    this.#read = options.finished
  }

  /** Up to which offset everything is finished. */
  get finished(): number {
    const [oldest = Infinity] = this.#requests.keys()
    // What lies behind the last command is the commands' as far as they know: both have looked at it.
    const commands = this.#options.commands?.finished ?? this.#waiting - 1
    return Math.min(this.#read, oldest - 1, commands)
  }

  /** Reads until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { bus, source, commands } = this.#options
    const stream = sourceInbox(source)
    const info = await bus.ensure(stream)
    for await (const batch of bus.read(stream, { from: Math.max(this.#read + 1, info.first), signal })) {
      for (const stored of batch) {
        const message = this.#decode(stored)
        if (message?.kind === 'command') {
          if (commands === undefined) this.#waiting = Math.min(this.#waiting, stored.offset)
        } else if (message !== null) this.#ask(message, stored.offset)
        this.#read = stored.offset
      }
    }
  }

  /** The driver's connection is new: what it was asked for and has not answered is asked again. */
  askAgain(): void {
    for (const request of this.#requests.values()) this.#tell(request)
  }

  /** A control message is on its way to the bus: it may be the answer to a request. */
  sawControl(control: ControlDraft): void {
    this.#tables = new Set(Object.keys(control.state.tables))
    for (const [offset, request] of this.#requests) {
      const answered =
        request.kind === 'resnapshot'
          ? control.kind === 'start' && request.tables.some((table) => control.tables.includes(table))
          : control.kind === 'chunk' && control.keys !== undefined && control.table === request.table
      if (answered) this.#requests.delete(offset)
    }
  }

  #ask(request: Request, offset: number): void {
    const tables = request.kind === 'resnapshot' ? request.tables : [request.table]
    if (!tables.some((table) => this.#tables.has(table))) {
      this.#options.log?.warn('inbox.unknown-table', { source: this.#options.source, offset, tables })
      return
    }
    this.#requests.set(offset, request)
    this.#tell(request)
  }

  #tell(request: Request): void {
    this.#options.driver.snapshot(
      request.kind === 'resnapshot'
        ? { kind: 'tables', tables: request.tables }
        : { kind: 'keys', table: request.table, keys: request.keys },
    )
  }

  /** A message that cannot be read is passed over: it would be no better the next time. */
  #decode(stored: Parameters<typeof decodeSourceInbox>[0] & { readonly offset: number }): SourceInbox | null {
    try {
      return decodeSourceInbox(stored)
    } catch (error) {
      const code = isSheetflowError(error) ? error.code : 'core/bad-message'
      this.#options.log?.warn('inbox.bad-message', { source: this.#options.source, offset: stored.offset, code })
      return null
    }
  }
}
