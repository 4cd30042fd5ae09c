import type { Command, ReceiptStatus } from '../message.ts'
import type { JsonValue } from '../value.ts'

/**
 * Port `Target`: executes commands at a source. Lives in the source's folder and shares its connection settings.
 *
 * What callers may rely on: `execute` looks the id up before anything else; a second delivery answers the stored outcome and runs nothing.
 * The handler's writes, the row in `sheetflow.commands` and the cause (logical message) commit together or not at all. It never throws for
 * what a handler does: a throw means that the outcome is not known and the same command may be delivered again. One throw says more:
 * `command/failed` with a `retry` of `now` or `later` = everything was rolled back for a reason that passes (a deadlock, a busy service).
 * `rejected`, `failed` and `expired` are remembered too, each in a transaction of its own. `result` of `rejected` is the text for the user.
 * `execute` ends, whatever the handler does: one that runs longer than its `timeoutMs` is rolled back and `failed`, and seconds after the signal aborts nothing
 * runs any more. A handler may run several times, as what it did before was rolled back or lost.
 */
export interface Target extends AsyncDisposable {
  /** Creates what it needs at the source (`sheetflow.commands`), or says with `source/not-ready` which SQL to run. */
  prepare(signal?: AbortSignal): Promise<void>
  execute(command: Command, handler: CommandHandler, signal?: AbortSignal): Promise<CommandOutcome>
}

/** What a handler does inside the business transaction. */
export interface CommandHandler {
  readonly name: string
  /** Named parameters (`:id`, `:user.tenant`) are bound, never spliced. Absent if `run` is a function. */
  readonly sql?: string
  readonly run?: (context: CommandContext) => Promise<JsonValue | undefined>
  /** How long it may run. Default 30 s. */
  readonly timeoutMs?: number
}

export interface CommandContext {
  /** The business transaction. */
  readonly db: CommandDb
  readonly payload: Readonly<Record<string, unknown>>
  readonly user: Readonly<Record<string, JsonValue>>
  readonly id: string
  /** Aborts when its time is over or everything is to stop. */
  readonly signal: AbortSignal
}

export interface CommandDb {
  /** Runs one statement; named parameters are bound. Rows come as objects of JSON values. */
  query(sql: string, parameters?: Readonly<Record<string, unknown>>): Promise<readonly Readonly<Record<string, JsonValue>>[]>
}

export interface CommandOutcome {
  readonly status: Extract<ReceiptStatus, 'rejected' | 'expired' | 'failed' | 'done' | 'unknown'>
  readonly code?: string
  readonly result?: JsonValue
}
