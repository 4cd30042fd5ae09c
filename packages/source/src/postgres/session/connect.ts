import { Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import type pg from 'pg'
import { SheetflowError, isSheetflowError } from '@sheetflow/core/errors'
import { Client } from './pg-module.ts'

/** Where a Postgres is and how to get in. */
export interface PostgresAddress {
  /** `postgres://user:password@host:port/database?sslmode=…` */
  readonly url: string
  /** Beyond what the URL's `sslmode` says: certificates. */
  readonly tls?: ConnectionOptions | boolean
  /** Shown in `pg_stat_activity`. */
  readonly applicationName?: string
}

/**
 * What makes the text forms of values definite (FORMATS 1), for the change log and for reads alike.
 * `synchronous_commit=local`: our own barriers must not wait for a standby that is not there. `row_security=off`: an error, never a part of the rows.
 * `quote_all_identifiers=off`: types are known by their names.
 */
const SESSION_SETTINGS: Readonly<Record<string, string>> = {
  datestyle: 'ISO, YMD',
  timezone: 'UTC',
  intervalstyle: 'iso_8601',
  extra_float_digits: '3',
  bytea_output: 'hex',
  lc_monetary: 'C',
  xmlbinary: 'base64',
  client_encoding: 'UTF8',
  standard_conforming_strings: 'on',
  quote_all_identifiers: 'off',
  default_transaction_isolation: 'read committed',
  default_transaction_read_only: 'off',
  synchronous_commit: 'local',
  row_security: 'off',
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  search_path: 'pg_catalog',
}

const CONNECT_MS = 15_000
/** Longer than `pg` waits for a connection, so that it says what was wrong. */
const ANSWER_MS = 2 * CONNECT_MS
/** One read of the change log at most. */
const READ_BYTES = 256 * 1024
/** Time limits that not every server knows. One of 17 ends the sender of the change log in the middle of a large transaction. */
const NO_LIMITS = `SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN ('idle_session_timeout', 'transaction_timeout')`
const SET_SESSION = [...Object.entries(SESSION_SETTINGS).map(([name, value]) => `SET ${name} TO '${value}'`), NO_LIMITS].join('; ')

/** Sockets that `connect` made, with the one buffer into which all of their reads go. */
const READ_BUFFERS = new WeakMap<Socket, ReadBuffer>()

/** The reads of a socket, once somebody has taken them over. */
export interface ReadBuffer {
  /** Gets each read; the bytes are overwritten by the next one. */
  onRead: ((bytes: Buffer) => void) | null
}

/** How to take over the reads of a socket; undefined: it is no plain one (TLS), its `data` events are the way. */
export function readBufferOf(socket: Socket): ReadBuffer | undefined {
  return READ_BUFFERS.get(socket)
}

/**
 * A socket that reads into one large buffer and really stops reading when paused: an ordinary one goes on filling its queue with small reads, which is what makes
 * a change log cost twice as much. Until somebody takes the reads over it looks like any other.
 */
function bufferedSocket(): Socket {
  const read: ReadBuffer = { onRead: null }
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES)
  const socket: Socket = new Socket({
    onread: {
      buffer,
      callback: (count: number): boolean => {
        if (read.onRead === null) socket.emit('data', Buffer.from(buffer.subarray(0, count)))
        else read.onRead(buffer.subarray(0, count))
        return true
      },
    },
  })
  READ_BUFFERS.set(socket, read)
  return socket
}

/** Does the address ask for no TLS? */
function isPlain({ url, tls }: PostgresAddress): boolean {
  const mode = /[?&]sslmode=([^&]*)/.exec(url)?.[1]
  return (
    (tls === undefined || tls === false) &&
    (mode === undefined || mode === 'disable') &&
    process.env['PGSSLMODE'] === undefined &&
    !/[?&]ssl=/.test(url)
  )
}

/** A session for SQL. Errors are coded; an `error` of the idle connection is left to the next query. `end()` it. */
export async function connectSql(address: PostgresAddress, signal?: AbortSignal): Promise<pg.Client> {
  return await connect(address, {}, signal)
}

/** A session that can stream the change log (`START_REPLICATION`). */
export async function connectReplication(address: PostgresAddress, signal?: AbortSignal): Promise<pg.Client> {
  return await connect(address, { replication: 'database' }, signal)
}

/** Any error of `pg`, of its socket or of the server (`SqlFailure`) as one of ours. */
export function sourceError(error: unknown): SheetflowError {
  if (isSheetflowError(error)) return error
  const { code, message } = failureOf(error)
  const details = code === undefined ? {} : { sqlState: code }
  if (code === '28P01' || code === '28000' || /SASL|password/i.test(message)) {
    return new SheetflowError('source/auth', `Postgres refused the connection: ${message}`, {
      fix: 'Check user, password, database and pg_hba.conf.',
      cause: error,
    })
  }
  if (isTlsFailure(error, code, message)) {
    return new SheetflowError('source/auth', `The connection to Postgres cannot be secured: ${message}`, {
      fix: 'Name the CA of the server with `sslrootcert=FILE` in the URL (or `tls: {ca}`), and the host as its certificate does. `sslmode=no-verify` trusts anybody.',
      details,
      cause: error,
    })
  }
  if (code === '42501') {
    return new SheetflowError('source/not-ready', `A privilege is missing: ${message}`, {
      fix: 'Run `sheetflow doctor`: it prints the GRANT to run.',
      details,
      cause: error,
    })
  }
  if (code === '55000' && message.includes('wal_level')) {
    return new SheetflowError('source/not-ready', `Postgres: ${message}`, {
      fix: "ALTER SYSTEM SET wal_level = 'logical'; -- then restart the server",
      details,
      cause: error,
    })
  }
  if (code === '55006') {
    return new SheetflowError('source/slot-in-use', message, {
      retry: 'later',
      fix: 'Stop the other process, or give this source a slot of its own.',
      cause: error,
    })
  }
  const lasting = code !== undefined && /^(0A|22|23|42|3D)/.test(code)
  const fix = code === undefined ? undefined : FIXES[code]
  return new SheetflowError(lasting ? 'source/not-ready' : 'source/unreachable', `Postgres: ${message}`, {
    retry: lasting ? 'never' : 'later',
    ...(fix === undefined ? {} : { fix }),
    details,
    cause: error,
  })
}

/** What to look at, by the error of the socket or the SQLSTATE. */
const FIXES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Is Postgres running there? Check host and port of the URL.',
  ENOTFOUND: 'Check the host of the URL.',
  ETIMEDOUT: 'Check host and port of the URL, and the firewall between.',
  '25006': 'It takes no writes: name the primary in the URL, or take `default_transaction_read_only` back.',
  '3D000': 'Check the name of the database at the end of the URL.',
}

/** OpenSSL's words for a chain that does not hold, Node's for a wrong name, `pg`'s for a server without TLS, and a file with certificates that is not there. */
function isTlsFailure(error: unknown, code: string | undefined, message: string): boolean {
  if (code !== undefined && /CERT|_ISSUER|^UNABLE_TO_|^ERR_(TLS|SSL|OSSL)_/.test(code)) return true
  return (
    /does not support SSL/.test(message) || (code === 'ENOENT' && error instanceof Error && 'syscall' in error && error.syscall === 'open')
  )
}

/** What the server said went wrong. */
export interface SqlFailure {
  /** SQLSTATE */
  readonly code: string | undefined
  readonly message: string
}

function failureOf(error: unknown): SqlFailure {
  if (typeof error !== 'object' || error === null || !('message' in error)) return { code: undefined, message: String(error) }
  return { code: 'code' in error && typeof error.code === 'string' ? error.code : undefined, message: String(error.message) }
}

async function connect(address: PostgresAddress, extra: { replication?: 'database' }, signal?: AbortSignal): Promise<pg.Client> {
  signal?.throwIfAborted()
  const client = clientOf(address, extra)
  client.on('error', () => {})
  try {
    await soon(client, async () => await client.connect(), signal)
    await soon(client, async () => await client.query(SET_SESSION), signal)
    return client
  } catch (error) {
    client.end().catch(() => {})
    throw sourceError(error)
  }
}

/**
 * What a server answers at once, or not at all: one that is stopped, or lost behind a proxy, leaves a connection that stands and says nothing. The connection is ended then, as when the signal
 * aborts: `source/unreachable`, retry `later`.
 */
export async function soon<T>(client: pg.Client, ask: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  // `pg` forgets whoever waits for a connection that is ended while it is made.
  const { promise: ended, reject } = Promise.withResolvers<never>()
  const end = (why: string): void => {
    reject(new SheetflowError('source/unreachable', why, { retry: 'later' }))
    client.end().catch(() => {})
  }
  const abort = (): void => end('The connection to Postgres was given up')
  const deadline = setTimeout(() => end(`Postgres took the connection and said nothing for ${ANSWER_MS / 1000} s`), ANSWER_MS)
  signal?.addEventListener('abort', abort, { once: true })
  if (signal?.aborted === true) abort()
  const asked = ask()
  asked.catch(() => {})
  try {
    return await Promise.race([asked, ended])
  } finally {
    clearTimeout(deadline)
    signal?.removeEventListener('abort', abort)
  }
}

/** Reads the files that the URL names. */
function clientOf(address: PostgresAddress, extra: { replication?: 'database' }): pg.Client {
  try {
    return new Client({
      connectionString: address.url,
      ...(address.tls === undefined ? {} : { ssl: address.tls }),
      application_name: address.applicationName ?? 'sheetflow',
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
      types: TEXT_TYPES,
      ...(isPlain(address) ? { stream: bufferedSocket } : {}),
      ...extra,
    })
  } catch (error) {
    throw sourceError(error)
  }
}

/** Values come as Postgres prints them, except JSON and the small numbers and flags of our own catalogue queries. */
const TEXT_TYPES: { getTypeParser: (oid: number) => (text: string) => unknown } = {
  getTypeParser: (oid) => {
    switch (oid) {
      case 16:
        return (text: string) => text === 't'
      case 21:
      case 23:
      case 700:
      case 701:
        return Number
      case 114:
      case 3802:
        return (text: string): unknown => JSON.parse(text)
      default:
        return (text: string) => text
    }
  },
}
