import { decodeSourceInbox } from '@sheetflow/core/framing/inbox'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { SourceInbox } from '@sheetflow/core/message'
import type { Bus, StoredMessage } from '@sheetflow/core/ports/bus'
import type { Log } from '@sheetflow/core/ports/host'
import type { ControlDraft, Source } from '@sheetflow/core/ports/source'
import type { InboxPlace } from '@sheetflow/core/position'
import { sourceInbox } from '@sheetflow/core/subject'

/**
 * Whoever carries the inbox's commands out. It reads the inbox by itself from `finished` on (given when it was made), and says how far it is:
 * a command whose end was not recorded in a commit comes again after a restart.
 */
export interface CommandLane {
  /** Every command up to this place of the inbox is finished: its outcome is known and its receipts are on disk. */
  readonly finished: InboxPlace
  /** Runs until the signal aborts; rejects only with what no retry mends. */
  run(signal: AbortSignal): Promise<void>
  /** The inbox is not the one of which `finished` speaks: it is read again from behind this place. */
  setBack(place: InboxPlace): void
}

export interface InboxOptions {
  readonly bus: Bus
  readonly source: string
  readonly driver: Pick<Source, 'snapshot'>
  /** Absent: commands wait in the inbox until a role runs that can carry them out. */
  readonly commands?: Pick<CommandLane, 'finished'> | undefined
  /** Up to where everything is finished. It is a place in the inbox as it is now. */
  readonly finished: InboxPlace
  /** Tables that are captured: nobody answers for another. */
  readonly tables: readonly string[]
  readonly log?: Log | undefined
}

type Request = Exclude<SourceInbox, { kind: 'command' }>

/** A request that has not been answered yet, and the place before it. */
interface Open {
  readonly request: Request
  readonly before: InboxPlace
}

/**
 * Reads what a source is asked for (`resnapshot`, `reread`) and knows up to where everything in its inbox is finished, the commands included: that
 * offset goes into the commits, a restart begins behind it.
 */
export class InboxReader {
  readonly #options: InboxOptions
  readonly #requests = new Map<number, Open>()
  #tables: ReadonlySet<string>
  #read: InboxPlace
  /** The place before the first command that nobody here can carry out. */
  #waiting: InboxPlace | null = null

  constructor(options: InboxOptions) {
    this.#options = options
    this.#tables = new Set(options.tables)
    this.#read = options.finished
  }

  /** Up to where everything is finished. */
  get finished(): InboxPlace {
    const [oldest] = this.#requests.values()
    // What lies behind the last command is the commands' as far as they know: both have looked at it.
    const commands = this.#options.commands?.finished ?? this.#waiting
    return earlier(earlier(this.#read, oldest?.before), commands ?? undefined)
  }

  /** Reads until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { bus, source, commands } = this.#options
    const stream = sourceInbox(source)
    const { epoch, first } = await bus.ensure(stream)
    for await (const batch of bus.read(stream, { from: Math.max(this.#read.offset + 1, first), signal })) {
      for (const stored of batch) {
        const message = this.#decode(stored)
        if (message?.kind === 'command') {
          if (commands === undefined) this.#waiting ??= this.#read
        } else if (message !== null) this.#ask(message, stored.offset)
        this.#read = { offset: stored.offset, at: { epoch, tx: stored.id } }
      }
    }
  }

  /** The driver's connection is new: what it was asked for and has not answered is asked again. */
  askAgain(): void {
    for (const { request } of this.#requests.values()) this.#tell(request)
  }

  /** A control message is on its way to the bus: it may be the answer to a request. */
  sawControl(control: ControlDraft): void {
    this.#tables = new Set(Object.keys(control.state.tables))
    for (const [offset, { request }] of this.#requests) {
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
    this.#requests.set(offset, { request, before: this.#read })
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
  #decode(stored: StoredMessage): SourceInbox | null {
    try {
      return decodeSourceInbox(stored)
    } catch (error) {
      const code = isSheetflowError(error) ? error.code : 'core/bad-message'
      this.#options.log?.warn('inbox.bad-message', { source: this.#options.source, offset: stored.offset, code })
      return null
    }
  }
}

function earlier(one: InboxPlace, other: InboxPlace | undefined): InboxPlace {
  return other === undefined || one.offset <= other.offset ? one : other
}
