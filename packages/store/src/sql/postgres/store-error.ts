import { isSheetflowError, SheetflowError } from '@sheetflow/core/errors'
import type { ErrorCode, Retry } from '@sheetflow/core/errors'
import { refused } from '../store-errors.ts'

/** What Postgres, its socket or `pg` complain of, as errors of a store. */

/** Runs `work`; what goes wrong with the server gets a code. What only a bug of ours can bring about stays as it is. */
export async function coded<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw codedError(what, error)
  }
}

/** Has the connection gone, so that the same question on another one may be answered? */
export function isDisconnected(error: unknown): boolean {
  const state = sqlStateOf(error)
  return state === null ? error instanceof Error && isBroken(error) : /^(08|57P0|25P0[34])/.test(state)
}

/**
 * Runs `work`, which writes rows of that view; `store/refused` if Postgres does not take one of them: a value that it does not know (class 22), one beyond a
 * limit of its (class 54), or whatever else no server, session or transaction (classes 25 and 40) is to blame for: one view must not stop all others. Only
 * messages of class 54 quote no values.
 */
export async function refusing<T>(view: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const state = sqlStateOf(error)
    if (state === null || /^(25|40)/.test(state) || kindOf(error as Error, state) !== null) throw error
    throw refused(view, state.startsWith('54') ? (error as Error).message : `SQLSTATE ${state}`, error)
  }
}

/**
 * What a statement fails of that was made from a catalogue of before: a table is not there any more, or a cell cannot be read as a plain one, which all
 * of its column were.
 */
export function mayBeOutdated(error: unknown): boolean {
  const state = sqlStateOf(isSheetflowError(error) ? error.cause : error)
  return state === '42P01' || state?.startsWith('22') === true
}

interface Kind {
  readonly code: ErrorCode
  readonly retry: Retry
  readonly fix: string
}

const DOCTOR = 'Run `sheetflow doctor`: it prints the SQL to run.'
const COMES_BACK_SOON = 'The server has ended the session for its time; it is tried again by itself.'
const COMES_BACK = 'It is tried again by itself. Is Postgres running there? Check host, port and firewall.'

/** By SQLSTATE, or the code of the socket's error. */
const KINDS: Readonly<Record<string, Kind>> = {
  '53100': { code: 'store/full', retry: 'later', fix: 'Free some space on the disk of the database; it goes on by itself.' },
  '53200': later('The server is short of memory; it is tried again by itself.'),
  '53300': later('Raise max_connections of the server, or lower `connections` of the store.'),
  '53400': later('A limit of the server is reached; it is tried again by itself.'),
  '57P03': later('The server is starting or stopping; it is tried again by itself.'),
  '57014': later('The statement took too long: narrow it, or name the columns that it filters and orders by in publish.index.'),
  '55P03': later('Another session holds a lock on a table of the store: see pg_locks, and end it with pg_terminate_backend.'),
  '25P03': later(COMES_BACK_SOON),
  '25P04': later(COMES_BACK_SOON),
  '25006': later('This is a standby: the URL has to lead to the primary.'),
  '40001': { code: 'store/unavailable', retry: 'now', fix: 'It is tried again by itself.' },
  '40P01': { code: 'store/unavailable', retry: 'now', fix: 'It is tried again by itself.' },
  '42501': notReady(DOCTOR),
  '28P01': notReady("Check user and password of the store's URL."),
  '28000': notReady("Check user and database of the store's URL, and pg_hba.conf of the server."),
  '3D000': notReady('Make the database (CREATE DATABASE … ENCODING UTF8), or correct its name at the end of the URL.'),
  '42P01': notReady('The tables of the store are gone. Start again: they are made anew and filled from the bus.'),
  '3F000': notReady('The schema of the store is gone. Start again: it is made anew and filled from the bus.'),
  ENOTFOUND: later("Check the host of the store's URL."),
}

function codedError(what: string, error: unknown): unknown {
  if (isSheetflowError(error) || !(error instanceof Error)) return error
  const state = sqlStateOf(error)
  const kind = kindOf(error, state)
  if (kind === null) return error
  return new SheetflowError(kind.code, `the store could not ${what}: ${error.message}`, {
    retry: kind.retry,
    fix: kind.fix,
    details: state === null ? {} : { sqlState: state },
    cause: error,
  })
}

function kindOf(error: Error, state: string | null): Kind | null {
  const code = state ?? ('code' in error && typeof error.code === 'string' ? error.code : '')
  const known = KINDS[code]
  if (known !== undefined) return known
  if (isTlsFailure(error, code)) {
    return notReady('Name the CA of the server with `sslrootcert=FILE` in the URL, and the host as its certificate does.')
  }
  if (/SASL|password/i.test(error.message)) return notReady("Check user and password of the store's URL.")
  // Class 58 is a failing disk, XX a damaged file: somebody has to look, and it may pass.
  if (state !== null && /^(08|57|53|58|XX)/.test(state)) return later('See the log of the server.')
  return state === null && isBroken(error) ? later(COMES_BACK) : null
}

/** An error of the socket, or what `pg` says when it has lost it. */
function isBroken(error: Error): boolean {
  if ('syscall' in error || ('code' in error && typeof error.code === 'string' && /^E[A-Z]/.test(error.code))) return true
  return /^(Connection terminated|Connection closed|Client (has encountered|was closed)|Query read timeout|timeout)/i.test(error.message)
}

/** OpenSSL's words for a chain that does not hold, Node's for a wrong name, `pg`'s for a server without TLS, and a file of certificates that is not there. */
function isTlsFailure(error: Error, code: string): boolean {
  return (
    /CERT|_ISSUER|^UNABLE_TO_|^ERR_(TLS|SSL|OSSL)_/.test(code) ||
    /does not support SSL|establishing an SSL/.test(error.message) ||
    (code === 'ENOENT' && 'syscall' in error && error.syscall === 'open')
  )
}

function sqlStateOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || !('severity' in error)) return null
  return typeof error.code === 'string' ? error.code : null
}

function later(fix: string): Kind {
  return { code: 'store/unavailable', retry: 'later', fix }
}

function notReady(fix: string): Kind {
  return { code: 'store/not-ready', retry: 'never', fix }
}
