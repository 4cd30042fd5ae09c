import type { ConnectionOptions } from 'node:tls'
import type pg from 'pg'
import { SheetflowError, isSheetflowError } from '@sheetflow/core/errors'
import type { Command } from '@sheetflow/core/message'
import type { Clock, Log } from '@sheetflow/core/ports/host'
import type { CommandHandler, CommandOutcome, Target } from '@sheetflow/core/ports/target'
import { isRejected } from '@sheetflow/core/rejected'
import { utf8Length } from '@sheetflow/core/text'
import type { JsonValue } from '@sheetflow/core/value'
import { Pool } from '../session/pg-module.ts'
import { PostgresCommandDb, commandParameters, type SqlResult } from './command-db.ts'
import { CommandLedger } from './command-ledger.ts'
import { CommandPruner, DEFAULT_RETAIN_MS } from './command-pruner.ts'
import { asciiJson, storableJson, told } from './storable.ts'
import { BEGIN_SESSION, beginWithin } from './session-settings.ts'
import { GRACE_MS, OutOfTime, within } from './time-limit.ts'
import { sourceError, type PostgresAddress } from '../session/connect.ts'
import { CAUSE_PREFIX } from '../log/log-reader.ts'

/** Where commands are executed. */
export interface PostgresTargetOptions extends PostgresAddress {
  readonly tls?: ConnectionOptions | boolean
  readonly clock: Pick<Clock, 'now'>
  /** Connections at most. Default 8: as many commands run at the same time. */
  readonly connections?: number
  /**
   * How long outcomes are remembered in `sheetflow.commands`. Default 8 days. It has to be longer than the inbox of the source is kept, and far longer than any
   * command is valid: an older id that is not known is `expired`, never carried out.
   */
  readonly retainCommandsMs?: number
  /** How long the server may take for what is not the handler's: finding, beginning, committing. Default 30 s. */
  readonly answerMs?: number
  readonly log?: Log
}

const CONNECT_MS = 15_000
/** What the server does at once, or not at all. It may wait for another transaction that has the same command. */
const ANSWER_MS = 30_000
/** How long a handler may run unless it says otherwise. */
const TIMEOUT_MS = 30_000
/** From our side; from the server's: `session-settings.ts`. */
const KEEP_ALIVE_MS = 15_000
const RESULT_BYTES = 64 * 1024

/** Codes after which the same transaction may well succeed: serialization failure, deadlock, lock not available. */
const PASSING = new Set(['40001', '40P01', '55P03'])

/** Opens nothing yet: connections are made when commands come. Sessions run in UTC. */
export function openPostgresTarget(options: PostgresTargetOptions): Target {
  return new PostgresTarget(options)
}

class PostgresTarget implements Target {
  readonly #options: PostgresTargetOptions
  readonly #applicationName: string
  readonly #pool: pg.Pool
  readonly #ledger = new CommandLedger()
  readonly #pruner: CommandPruner
  /** Commands whose handler began and of which nobody knows what became. */
  readonly #lost = new Set<string>()

  constructor(options: PostgresTargetOptions) {
    this.#options = options
    this.#applicationName = `${options.applicationName ?? 'sheetflow'} commands`
    this.#pool = new Pool({
      connectionString: options.url,
      ...(options.tls === undefined ? {} : { ssl: options.tls }),
      application_name: this.#applicationName,
      connectionTimeoutMillis: CONNECT_MS,
      max: options.connections ?? 8,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      // Sent first, so it is done before anything else on this connection.
      onConnect: (client) => void client.query(BEGIN_SESSION).catch(ignore),
    })
    // An idle connection that ends is no news: the pool makes another.
    this.#pool.on('error', () => {})
    this.#pruner = new CommandPruner({
      ledger: this.#ledger,
      clock: options.clock,
      retainMs: options.retainCommandsMs ?? DEFAULT_RETAIN_MS,
      connected: (work) => this.#asked(work),
      log: options.log,
    })
  }

  async prepare(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    await this.#asked((client) => this.#ledger.prepare(client), signal)
  }

  async execute(command: Command, handler: CommandHandler, signal: AbortSignal = new AbortController().signal): Promise<CommandOutcome> {
    signal.throwIfAborted()
    this.#pruner.tick()
    try {
      return await this.#connected((client) => this.#deliver(client, command, handler, signal)).catch((error: unknown) => {
        if (isSheetflowError(error, 'command/timeout')) return this.#timedOut(command, error, signal)
        throw error
      })
    } catch (error) {
      throw this.#unstorable(command, error) ?? error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pruner.stop()
    await this.#pool.end()
  }

  async #deliver(client: pg.PoolClient, command: Command, handler: CommandHandler, signal: AbortSignal): Promise<CommandOutcome> {
    const limitMs = handler.timeoutMs ?? TIMEOUT_MS
    const known = await this.#soon(client, signal, () => this.#begin(client, command, limitMs + GRACE_MS))
    if (known !== null) return known
    try {
      return await this.#run(client, command, handler, limitMs, signal)
    } catch (error) {
      if (!isSheetflowError(error, 'command/failed')) this.#lost.add(command.id)
      throw error
    }
  }

  /**
   * Begins the transaction of the command, unless its outcome is known. The row of the command comes first: a second delivery at the same time waits there, before it does anything, as one does
   * whose transaction has not ended yet at the server.
   */
  async #begin(client: pg.PoolClient, command: Command, idleMs: number): Promise<CommandOutcome | null> {
    const stored = await this.#ledger.find(client, command.id)
    if (stored !== null) {
      this.#lost.delete(command.id)
      return stored
    }
    if (this.#pruner.isForgotten(command.id) || this.#options.clock.now() > Date.parse(command.at) + command.validForMs) {
      return this.#ledger.record(client, command, { status: 'expired', code: 'command/expired' })
    }
    await client.query(beginWithin(idleMs))
    if (!(await this.#ledger.insert(client, command, { status: 'done' }))) {
      await client.query('ROLLBACK')
      return (await this.#ledger.find(client, command.id)) ?? { status: 'unknown' }
    }
    if (!this.#lost.delete(command.id)) return null
    // Only now is it certain. It counts as a run, so that a handler which loses its own connection does not run for ever.
    await client.query('ROLLBACK')
    throw rolledBack(command, 'the connection was lost while it ran', 'now')
  }

  /** The handler in the transaction that was begun, and its end. */
  async #run(
    client: pg.PoolClient,
    command: Command,
    handler: CommandHandler,
    limitMs: number,
    signal: AbortSignal,
  ): Promise<CommandOutcome> {
    const db = new PostgresCommandDb(client)
    let isCommitting = false
    try {
      const result = jsonResult(await within(client, { limitMs, signal }, (ending) => runHandler(db, command, handler, ending)))
      db.close()
      isCommitting = true
      await this.#soon(client, signal, () => this.#commit(client, command, result))
      return result === undefined ? { status: 'done' } : { status: 'done', result }
    } catch (error) {
      db.close()
      if (!(error instanceof OutOfTime)) return await this.#soon(client, signal, () => this.#failed(client, command, error))
      // Of what was cut at its COMMIT, only asking again tells what became.
      if (isCommitting || error.stopped) throw error
      throw timeout(client, command, limitMs)
    }
  }

  async #commit(client: pg.PoolClient, command: Command, result: JsonValue | undefined): Promise<void> {
    if (result !== undefined) await this.#ledger.setResult(client, command.id, result)
    await client.query('SELECT pg_catalog.pg_logical_emit_message(true, $1, $2)', [
      CAUSE_PREFIX,
      // Bytes to Postgres, in whatever encoding the database has.
      asciiJson(JSON.stringify({ id: command.id, user: command.user })),
    ])
    await commit(client)
  }

  /** The handler has had its time, and its connection is cut. What the server still does for it is ended, and once that is rolled back the outcome is stored. */
  async #timedOut(command: Command, error: SheetflowError, signal: AbortSignal): Promise<CommandOutcome> {
    this.#options.log?.error('command/timeout', { command: command.name, id: command.id, ...error.details })
    const outcome = await this.#asked(async (client) => {
      await client
        .query('SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE pid = $1 AND application_name = $2', [
          error.details['backend'],
          this.#applicationName,
        ])
        .catch(ignore)
      // Waits until that transaction has ended: its row stands in the way.
      return this.#ledger.record(client, command, { status: 'failed', code: error.code })
    }, signal)
    this.#lost.delete(command.id)
    return outcome
  }

  /** What a failure means. It rolls back first: if even that does not work, the connection is lost, and only asking again tells what became of it. */
  async #failed(client: pg.PoolClient, command: Command, error: unknown): Promise<CommandOutcome> {
    await client.query('ROLLBACK')
    if (isRejected(error))
      return this.#ledger.record(client, command, { status: 'rejected', code: told(error.code), result: told(error.message) })
    const state = sqlState(error)
    if (state !== null && PASSING.has(state)) throw rolledBack(command, error, 'now')
    if (isSheetflowError(error) && error.retry !== 'never') throw rolledBack(command, error, error.retry)
    // What the database itself refuses: a constraint, or RAISE EXCEPTION in its own logic.
    if (state !== null && (state.startsWith('23') || state === 'P0001')) {
      return this.#ledger.record(client, command, { status: 'rejected', code: state, result: told(messageOf(error)) })
    }
    this.#options.log?.error('command/failed', { command: command.name, id: command.id, error: told(messageOf(error)), sqlState: state })
    return this.#ledger.record(client, command, { status: 'failed', code: state ?? 'command/failed' })
  }

  /** Short work that is not a handler's, with a connection of its own. */
  #asked<T>(work: (client: pg.PoolClient) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#connected((client) => this.#soon(client, signal, () => work(client)))
  }

  #soon<T>(client: pg.PoolClient, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    return within(client, { limitMs: this.#options.answerMs ?? ANSWER_MS, signal }, work)
  }

  async #connected<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    let client: pg.PoolClient | null = null
    let broken = false
    try {
      client = await this.#pool.connect()
      client.on('error', ignore)
      return await work(client)
    } catch (error) {
      broken = !isSheetflowError(error, 'command/failed')
      throw isSheetflowError(error) ? error : sourceError(error)
    } finally {
      client?.off('error', ignore)
      client?.release(broken)
    }
  }

  /** What the table of outcomes does not take (a constraint or trigger that somebody gave it) is the failure of this command: others go on. */
  #unstorable(command: Command, error: unknown): SheetflowError | null {
    const state = isSheetflowError(error) ? error.details['sqlState'] : null
    if (typeof state !== 'string' || !/^2[23]/.test(state)) return null
    const text = told(messageOf(error))
    this.#options.log?.error('command/failed', { command: command.name, id: command.id, error: text, sqlState: state })
    return new SheetflowError('command/failed', `what became of ${command.name} cannot be stored: ${text}`, {
      details: { sqlState: state },
      cause: error,
    })
  }
}

async function runHandler(db: PostgresCommandDb, command: Command, handler: CommandHandler, signal: AbortSignal): Promise<unknown> {
  if (handler.sql !== undefined) {
    const result: SqlResult = await db.run(handler.sql, commandParameters(command))
    return result
  }
  const { id, payload } = command
  const user = { id: command.user, ...command.claims }
  return handler.run?.({ db, payload, user, id, signal })
}

/** As JSON has it and a database keeps it; undefined for nothing. */
function jsonResult(value: unknown): JsonValue | undefined {
  const text = JSON.stringify(value) as string | undefined
  if (text === undefined) return undefined
  if (utf8Length(text) <= RESULT_BYTES) return JSON.parse(storableJson(text)) as JsonValue
  throw new SheetflowError('command/failed', `the result is larger than ${RESULT_BYTES} bytes`, {
    fix: 'Return less: rows come to the page through views.',
  })
}

/** A transaction that is broken answers COMMIT with ROLLBACK, without an error. */
async function commit(client: pg.PoolClient): Promise<void> {
  const { command } = await client.query('COMMIT')
  if (command === 'COMMIT') return
  throw new SheetflowError('command/failed', 'a statement of the handler failed and the handler went on as if it had not', {
    fix: 'Let errors of db.query pass, or run the statement inside a PL/pgSQL block that handles them.',
  })
}

/** The number of its backend is what the server told at the start; behind a pooler it is nobody's. */
function timeout(client: pg.PoolClient, command: Command, limitMs: number): SheetflowError {
  const { processID: backend } = client as unknown as { readonly processID: number }
  return new SheetflowError('command/timeout', `${command.name} ran longer than ${limitMs} ms`, {
    retry: 'later',
    details: { limitMs, backend },
  })
}

function rolledBack(command: Command, cause: unknown, retry: 'now' | 'later'): SheetflowError {
  return new SheetflowError('command/failed', `${command.name} was rolled back: ${messageOf(cause)}`, {
    retry,
    details: { sqlState: sqlState(cause) },
    cause,
  })
}

function sqlState(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || !('severity' in error)) return null
  return typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : null
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function ignore(): void {}
