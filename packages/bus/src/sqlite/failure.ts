import { SheetflowError, isSheetflowError } from '@sheetflow/core/errors'

/** SQLite's primary result codes that mean something to a caller of the bus. */
const BUSY = 5
const READONLY = 8
const IOERR = 10
const CORRUPT = 11
const FULL = 13
const NOTADB = 26
/** The shared memory file could not grow: in practice a full disk. */
const IOERR_SHMSIZE = 4874

/** The damage of a stream's file, with the place and the way out. */
export function corrupt(stream: string, offset: number | null, what: string, cause?: unknown): SheetflowError {
  const place = offset === null ? '' : ` at offset ${offset}`
  return new SheetflowError('bus/corrupt', `stream ${stream} is damaged${place}: ${what}`, {
    fix: `Restore ${stream}.db from a backup, or run \`sheetflow verify --repair ${stream}\`: it sets the file aside and the stream is built again.`,
    details: { stream, offset },
    cause,
  })
}

/** Any error of `node:sqlite` or the file system as one of ours; ours pass unchanged. */
export function busFailure(stream: string, error: unknown): SheetflowError {
  if (isSheetflowError(error)) return error
  const primary = primaryCode(error)
  const text = error instanceof Error ? error.message : String(error)
  // A number that a damaged row made too large for JavaScript.
  if (field(error, 'code') === 'ERR_OUT_OF_RANGE' || primary === CORRUPT || primary === NOTADB) return corrupt(stream, null, text, error)
  if (primary === FULL || field(error, 'errcode') === IOERR_SHMSIZE || field(error, 'code') === 'ENOSPC') return full(stream, text, error)
  return new SheetflowError('bus/unavailable', `stream ${stream}: ${text}`, {
    retry: primary === BUSY ? 'now' : 'later',
    fix: primary === READONLY ? 'Give the process write access to the folder of the bus.' : 'Check the folder of the bus and its disk.',
    details: { stream },
    cause: error,
  })
}

/** No room: nothing was stored. */
export function full(stream: string, what: string, cause?: unknown): SheetflowError {
  return new SheetflowError('bus/full', `stream ${stream} takes no more: ${what}`, {
    retry: 'later',
    fix: 'Free disk space, or raise the byte limit of the stream. It goes on by itself.',
    details: { stream },
    cause,
  })
}

/** Another writer: the stream does not end where this one left it. Nothing was stored. */
export function fenced(stream: string, expected: number, last: number): SheetflowError {
  return new SheetflowError('bus/fenced', `stream ${stream} ends at offset ${last}, not at ${expected}: somebody else writes it`, {
    fix: 'Stop this writer; start it again only if it is the one that shall write.',
    details: { stream, expected, last },
  })
}

/** Did another connection hold the lock for too long? */
export function isBusy(error: unknown): boolean {
  return primaryCode(error) === BUSY
}

/** May the connection be in a state that only a new one gets out of? */
export function needsReopen(error: unknown): boolean {
  const primary = primaryCode(error)
  return primary === IOERR || primary === READONLY || primary === CORRUPT || primary === NOTADB
}

function primaryCode(error: unknown): number | null {
  const errcode = field(error, 'errcode')
  return typeof errcode === 'number' ? errcode & 0xff : null
}

function field(error: unknown, name: 'code' | 'errcode'): unknown {
  return typeof error === 'object' && error !== null ? (error as Record<string, unknown>)[name] : undefined
}
