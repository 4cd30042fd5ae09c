import type { ConnectionOptions } from 'node:tls'
import type pg from 'pg'
import { SheetflowError, isSheetflowError } from '@sheetflow/core/errors'
import type { Command } from '@sheetflow/core/message'
import type { Clock, Log } from '@sheetflow/core/ports/host'
import type { CommandHandler, CommandOutcome, Target } from '@sheetflow/core/ports/target'
import { isRejected } from '@sheetflow/core/rejected'
import type { JsonValue } from '@sheetflow/core/value'
import { Pool } from '../session/pg-module.ts'
import { PostgresCommandDb, commandParameters, type SqlResult } from './command-db.ts'
import { CommandLedger } from './command-ledger.ts'
import { CommandPruner, DEFAULT_RETAIN_MS } from './command-pruner.ts'
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
  readonly log?: Log
}

/** What makes text forms definite. Everything else (`search_path`, `synchronous_commit`, time limits) is the business's own. */
const SESSION =
  "SET datestyle TO 'ISO, YMD'; SET timezone TO 'UTC'; SET intervalstyle TO 'iso_8601'; SET extra_float_digits TO 3; SET bytea_output TO 'hex'; SET standard_conforming_strings TO on"

const CONNECT_MS = 15_000
/** A transaction that runs when the target shall stop is given so long; then its connection is cut, and the command is delivered again. */
const GRACE_MS = 5_000
const RESULT_BYTES = 64 * 1024

/** Codes after which the same transaction may well succeed: serialization failure, deadlock, lock not available. */
const PASSING = new Set(['40001', '40P01', '55P03'])

/** Opens nothing yet: connections are made when commands come. Sessions run in UTC. */
export function openPostgresTarget(options: PostgresTargetOptions): Target {
  return new PostgresTarget(options)
}

class PostgresTarget implements Target {
  readonly #options: PostgresTargetOptions
  readonly #pool: pg.Pool
  readonly #ledger = new CommandLedger()
  readonly #pruner: CommandPruner

  constructor(options: PostgresTargetOptions) {
    this.#options = options
    this.#pool = new Pool({
      connectionString: options.url,
      ...(options.tls === undefined ? {} : { ssl: options.tls }),
      application_name: `${options.applicationName ?? 'sheetflow'} commands`,
      connectionTimeoutMillis: CONNECT_MS,
      max: options.connections ?? 8,
      keepAlive: true,
      // Sent first, so it is done before anything else on this connection.
      onConnect: (client) => void client.query(SESSION).catch(ignore),
    })
    // An idle connection that ends is no news: the pool makes another.
    this.#pool.on('error', () => {})
    this.#pruner = new CommandPruner({
      ledger: this.#ledger,
      clock: options.clock,
      retainMs: options.retainCommandsMs ?? DEFAULT_RETAIN_MS,
      connected: (work) => this.#connected(work),
      log: options.log,
    })
  }

  async prepare(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    await this.#connected((client) => this.#ledger.prepare(client))
  }

  async execute(command: Command, handler: CommandHandler, signal: AbortSignal = new AbortController().signal): Promise<CommandOutcome> {
    signal.throwIfAborted()
    this.#pruner.tick()
    return this.#connected(async (client) => {
      const stored = await this.#ledger.find(client, command.id)
      if (stored !== null) return stored
      if (this.#pruner.isForgotten(command.id) || this.#options.clock.now() > Date.parse(command.at) + command.validForMs) {
        return this.#ledger.record(client, command, { status: 'expired', code: 'command/expired' })
      }
      const grace = graceOf(signal, client)
      try {
        return await this.#transaction(client, command, handler, signal)
      } finally {
        clearTimeout(grace.timer)
        signal.removeEventListener('abort', grace.start)
      }
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pruner.stop()
    await this.#pool.end()
  }

  /** The handler in its transaction. The row of the command comes first: a second delivery at the same time waits there, before it does anything. */
  async #transaction(client: pg.PoolClient, command: Command, handler: CommandHandler, signal: AbortSignal): Promise<CommandOutcome> {
    const db = new PostgresCommandDb(client)
    await client.query('BEGIN')
    try {
      if (!(await this.#ledger.insert(client, command, { status: 'done' }))) {
        await client.query('ROLLBACK')
        return (await this.#ledger.find(client, command.id)) ?? { status: 'unknown' }
      }
      const result = jsonResult(await runHandler(db, command, handler, signal))
      db.close()
      if (result !== undefined) await this.#ledger.setResult(client, command.id, result)
      await client.query('SELECT pg_catalog.pg_logical_emit_message(true, $1, $2)', [
        CAUSE_PREFIX,
        inAscii(JSON.stringify({ id: command.id, user: command.user })),
      ])
      await commit(client)
      return result === undefined ? { status: 'done' } : { status: 'done', result }
    } catch (error) {
      db.close()
      return this.#failed(client, command, error)
    }
  }

  /** What a failure means. It rolls back first: if even that does not work, the connection is lost, and only asking again tells what became of it. */
  async #failed(client: pg.PoolClient, command: Command, error: unknown): Promise<CommandOutcome> {
    await client.query('ROLLBACK')
    if (isRejected(error)) return this.#ledger.record(client, command, { status: 'rejected', code: error.code, result: error.message })
    const state = sqlState(error)
    if (state !== null && PASSING.has(state)) throw rolledBack(command, error, 'now')
    if (isSheetflowError(error) && error.retry !== 'never') throw rolledBack(command, error, error.retry)
    // What the database itself refuses: a constraint, or RAISE EXCEPTION in its own logic.
    if (state !== null && (state.startsWith('23') || state === 'P0001')) {
      return this.#ledger.record(client, command, { status: 'rejected', code: state, result: messageOf(error) })
    }
    this.#options.log?.error('command/failed', { command: command.name, id: command.id, error: messageOf(error), sqlState: state })
    return this.#ledger.record(client, command, { status: 'failed', code: state ?? 'command/failed' })
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

/** As JSON has it; undefined for nothing. */
function jsonResult(value: unknown): JsonValue | undefined {
  const text = JSON.stringify(value) as string | undefined
  if (text === undefined) return undefined
  if (text.length <= RESULT_BYTES) return JSON.parse(text) as JsonValue
  throw new SheetflowError('command/failed', `the result is larger than ${RESULT_BYTES} bytes`, {
    fix: 'Return less: rows come to the page through views.',
  })
}

/** A logical message is bytes to Postgres, in whatever encoding the database has: ASCII is the same in all of them. */
function inAscii(json: string): string {
  return json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** A transaction that is broken answers COMMIT with ROLLBACK, without an error. */
async function commit(client: pg.PoolClient): Promise<void> {
  const { command } = await client.query('COMMIT')
  if (command === 'COMMIT') return
  throw new SheetflowError('command/failed', 'a statement of the handler failed and the handler went on as if it had not', {
    fix: 'Let errors of db.query pass, or run the statement inside a PL/pgSQL block that handles them.',
  })
}

function graceOf(signal: AbortSignal, client: pg.PoolClient): { timer: NodeJS.Timeout | undefined; readonly start: () => void } {
  const grace = {
    timer: undefined as NodeJS.Timeout | undefined,
    start: (): void => {
      grace.timer = setTimeout(() => void client.end().catch(ignore), GRACE_MS)
    },
  }
  if (signal.aborted) grace.start()
  else signal.addEventListener('abort', grace.start, { once: true })
  return grace
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
