import { CommandRunner, type CommandRunnerOptions } from '@sheetflow/command/command-runner'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { InboxPlace } from '@sheetflow/core/position'
import { BackOff } from '../runtime/back-off.ts'

/** The commands of a source: its place for them is made first, for as long as that takes (the database may be away), then they are executed. */
export class CommandsAtSource {
  readonly #options: CommandRunnerOptions
  readonly #runner: CommandRunner
  #unprepared: string | undefined

  constructor(options: CommandRunnerOptions) {
    this.#options = options
    this.#runner = new CommandRunner(options)
  }

  /** Every command up to this place of the inbox is finished. */
  get finished(): InboxPlace {
    return this.#runner.finished
  }

  /** Figures of the commands that run. */
  metrics(): Readonly<Record<string, number>> {
    return this.#runner.metrics()
  }

  /** Why commands are not carried out now. */
  get problem(): string | undefined {
    return this.#unprepared ?? this.#runner.problem
  }

  /** The inbox is not the one of which `finished` speaks: it is read again from behind this place. */
  setBack(place: InboxPlace): void {
    this.#runner.setBack(place)
  }

  /** Runs until the signal aborts; rejects with what no retry mends. */
  async run(signal: AbortSignal): Promise<void> {
    const { target, clock } = this.#options
    const backOff = new BackOff()
    while (!signal.aborted) {
      const { offset } = this.finished
      try {
        await target.prepare(signal)
        this.#unprepared = undefined
        return await this.#runner.run(signal)
      } catch (error) {
        if (signal.aborted) return
        if (!isSheetflowError(error) || error.retry === 'never') throw error
        this.#unprepared = error.message
        // What got something done was a good run: the next failure waits little again.
        if (this.finished.offset > offset) backOff.reset()
        await clock.sleep(backOff.next(error.retry === 'now'), signal)
      }
    }
  }
}
