import { decodeSourceInbox } from '@sheetflow/core/framing/inbox'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { Command, SourceInbox } from '@sheetflow/core/message'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { Log } from '@sheetflow/core/ports/host'
import type { ControlDraft, Source } from '@sheetflow/core/ports/source'
import { sourceInbox } from '@sheetflow/core/subject'

/**
 * Carries out one command and resolves when it is finished: its outcome is known and its receipt sent. Called in the order of the inbox, also while
 * earlier ones run; who needs an order among them keeps it. A command whose end was not recorded comes again after a restart. It does not throw for what
 * the command does; a throw ends the role.
 */
export type CommandExecutor = (command: Command, offset: number, signal: AbortSignal) => Promise<void>

export interface InboxOptions {
  readonly bus: Bus
  readonly source: string
  readonly driver: Pick<Source, 'snapshot'>
  /** Absent: commands wait in the inbox until a role runs that can carry them out. */
  readonly execute?: CommandExecutor | undefined
  /** Up to where everything is finished. */
  readonly finished: number
  readonly log?: Log | undefined
}

/** Commands under way at once. */
const MAX_RUNNING = 256

/** Reads the inbox of a source and knows up to where everything in it is finished: that offset goes into the commits, a restart begins behind it. */
export class InboxReader {
  readonly #options: InboxOptions
  readonly #running = new Set<number>()
  readonly #requests = new Map<number, Exclude<SourceInbox, { kind: 'command' }>>()
  #read: number
  #wake: (() => void) | null = null

  constructor(options: InboxOptions) {
    this.#options = options
    this.#read = options.finished
  }

  /** Up to which offset everything is finished. */
  get finished(): number {
    return Math.min(this.#read, ...[...this.#running, ...this.#requests.keys()].map((offset) => offset - 1))
  }

  /** Reads until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { bus, source } = this.#options
    const stream = sourceInbox(source)
    const info = await bus.ensure(stream)
    const from = Math.max(this.#read + 1, info.first)
    let failed: unknown = null
    for await (const batch of bus.read(stream, { from, signal })) {
      for (const stored of batch) {
        const message = this.#decode(stored)
        if (message?.kind === 'command') {
          this.#running.add(stored.offset)
          this.#execute(message, stored.offset, signal).catch((error: unknown) => {
            failed = error
            this.#wake?.()
          })
        } else if (message !== null) this.#ask(message, stored.offset)
        this.#read = stored.offset
        while (this.#running.size >= MAX_RUNNING && failed === null && !signal.aborted) await this.#someEnded()
        if (failed !== null) throw failed
      }
    }
  }

  /** The driver's connection is new: what it was asked for and has not answered is asked again. */
  askAgain(): void {
    for (const request of this.#requests.values()) this.#tell(request)
  }

  /** A control message is on its way to the bus: it may be the answer to a request. */
  sawControl(control: ControlDraft): void {
    for (const [offset, request] of this.#requests) {
      const answered =
        request.kind === 'resnapshot'
          ? control.kind === 'start' && request.tables.some((table) => control.tables.includes(table))
          : control.kind === 'chunk' && control.keys !== undefined && control.table === request.table
      if (answered) this.#requests.delete(offset)
    }
  }

  #ask(request: Exclude<SourceInbox, { kind: 'command' }>, offset: number): void {
    this.#requests.set(offset, request)
    this.#tell(request)
  }

  #tell(request: Exclude<SourceInbox, { kind: 'command' }>): void {
    this.#options.driver.snapshot(
      request.kind === 'resnapshot' ? { kind: 'tables', tables: request.tables } : { kind: 'keys', table: request.table, keys: request.keys },
    )
  }

  async #execute(command: Command, offset: number, signal: AbortSignal): Promise<void> {
    const { execute } = this.#options
    if (execute === undefined) return
    await execute(command, offset, signal)
    if (signal.aborted) return
    this.#running.delete(offset)
    this.#wake?.()
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

  async #someEnded(): Promise<void> {
    await new Promise<void>((resolve) => (this.#wake = resolve))
  }
}
