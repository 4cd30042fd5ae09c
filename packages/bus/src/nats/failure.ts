import { JetStreamApiError } from '@nats-io/jetstream'
import { SheetflowError, isSheetflowError } from '@sheetflow/core/errors'

/** Codes of JetStream's errors that mean something to a caller of the bus. */
export const API = {
  noResources: [10023, 10047, 10002, 10028],
  messageNotFound: 10037,
  noSuchStream: 10059,
  tooManyConsumers: 10026,
  nameTaken: 10058,
  subjectsOverlap: 10065,
  wrongLast: [10070, 10071, 10164],
  storeFailed: 10077,
  messageTooLarge: 10054,
} as const

/** An answer of JetStream that is an error. */
export interface ApiFailure {
  readonly code: number
  readonly description: string
}

/** Any error of the client or the server as one of ours; ours pass unchanged. */
export function busFailure(stream: string, error: unknown): SheetflowError {
  if (isSheetflowError(error)) return error
  if (error instanceof JetStreamApiError) return apiFailure(stream, { code: error.code, description: error.message }, error)
  const text = error instanceof Error ? error.message : String(error)
  return unavailable(stream, text, error)
}

/** What the server answered, as one of ours. */
export function apiFailure(stream: string, { code, description }: ApiFailure, cause?: unknown): SheetflowError {
  if (code === API.noSuchStream) return unknownStream(stream, cause)
  if (code === API.messageTooLarge) return tooLarge(stream, description)
  if (code === API.storeFailed || isNoRoom({ code, description })) return full(stream, description, cause)
  if (code === API.tooManyConsumers) return tooManyReaders(stream, description, cause)
  return unavailable(stream, `${description} (${String(code)})`, cause)
}

function tooManyReaders(stream: string, what: string, cause: unknown): SheetflowError {
  return new SheetflowError('bus/unavailable', `stream ${stream} takes no more readers now: ${what}`, {
    retry: 'later',
    fix: 'Set `limits { default_max_consumers: 5000 }` in the block `jetstream` of the NATS server (from 2.15 on it is 1,000 for each stream), or end some readers.',
    details: { stream },
    cause,
  })
}

export function unknownStream(stream: string, cause?: unknown): SheetflowError {
  return new SheetflowError('bus/unknown-stream', `there is no stream ${stream} on the NATS server`, {
    fix: 'Call `ensure` first. If it was there before, the server was set up anew: its writer makes it again.',
    details: { stream },
    cause,
  })
}

/** No room: nothing was stored. */
function full(stream: string, what: string, cause?: unknown): SheetflowError {
  return new SheetflowError('bus/full', `stream ${stream} takes no more: ${what}`, {
    retry: 'later',
    fix: "Raise the byte limit of the stream or JetStream's `max_file_store`, or make room on the server's disk. It goes on by itself.",
    details: { stream },
    cause,
  })
}

/** The server does not set aside what the stream may take; null: it refused for another reason. */
export function notReserved(stream: string, maxBytes: number | undefined, error: unknown): SheetflowError | null {
  if (maxBytes === undefined || !(error instanceof JetStreamApiError)) return null
  const { code, message } = error
  if (!isNoRoom({ code, description: message })) return null
  return new SheetflowError('bus/full', `the NATS server has no room for stream ${stream} of up to ${maxBytes} bytes: ${message}`, {
    retry: 'later',
    fix: "Set `limits.streamBytes` to less than the server has left for each stream (8 GB by default), or raise JetStream's `max_file_store` or the limit of the account.",
    details: { stream, maxBytes },
    cause: error,
  })
}

export function fenced(stream: string, expected: number, last: number): SheetflowError {
  return new SheetflowError('bus/fenced', `stream ${stream} ends at ${last}, not at ${expected}: another writer was here`, {
    fix: 'Stop one of the two writers. This one begins again at the end of the stream.',
    details: { stream, expected, last },
  })
}

export function gone(stream: string, from: number, first: number): SheetflowError {
  return new SheetflowError('bus/gone', `offset ${from} of stream ${stream} has been dropped; it begins at ${first} now`, {
    fix: 'Begin again: from a checkpoint or a snapshot that is not older.',
    details: { stream, from, first },
  })
}

/** What was read last is not there any more: the server has lost the end of the stream, or was set back to an older copy of it. */
export function setBack(stream: string, offset: number): SheetflowError {
  return new SheetflowError(
    'bus/set-back',
    `stream ${stream} does not hold at offset ${offset} what was read there: its server has lost the end of it`,
    {
      retry: 'now',
      fix: 'Nothing: whoever reads it begins again and compares. A server with `sync_interval: always` loses nothing when its power fails.',
      details: { stream, offset },
    },
  )
}

/** What was begun with the stream that the server had made then must not be done to another one of its name. */
export function assertStill(stream: string, before: string, now: string | undefined): void {
  if (before === now) return
  throw new SheetflowError('bus/unavailable', `stream ${stream} has been made anew meanwhile: its server had lost it`, {
    retry: 'now',
    fix: 'Nothing was done to the new one. Try again.',
    details: { stream },
  })
}

/** Somebody deleted messages that no trim of ours has dropped. */
export function missing(stream: string, offset: number): SheetflowError {
  return new SheetflowError('bus/corrupt', `stream ${stream} is damaged: the message at offset ${offset} is missing`, {
    fix: 'Restore the stream from a backup, or delete it: it is built again from what its writer reads.',
    details: { stream, offset },
  })
}

/** The server's checksums do not cover where the headers of a message end. */
export function garbled(stream: string, offset: number): SheetflowError {
  return new SheetflowError('bus/corrupt', `stream ${stream} is damaged: the message at offset ${offset} is not what was stored`, {
    fix: 'Restore the stream from a backup, or delete it: it is built again from what its writer reads.',
    details: { stream, offset },
  })
}

function unavailable(stream: string, what: string, cause?: unknown): SheetflowError {
  return new SheetflowError('bus/unavailable', `stream ${stream}: ${what}`, {
    retry: 'later',
    fix: 'Check that the NATS server runs, that it has JetStream, and that this user may use it (`sheetflow doctor`).',
    details: { stream },
    cause,
  })
}

export function tooLarge(stream: string, what: string): SheetflowError {
  return new SheetflowError('bus/too-large', `stream ${stream}: ${what}`, {
    fix: 'Set `max_payload: 8MB` in the configuration of the NATS server.',
    details: { stream },
  })
}

/** Is the server's memory or disk, or the limit of the account, used up? */
function isNoRoom({ code, description }: ApiFailure): boolean {
  return (API.noResources as readonly number[]).includes(code) || /insufficient|no space|maximum bytes/.test(description)
}

/** Did the server refuse because the stream ends elsewhere than the append expected? */
export function isWrongLast(code: number): boolean {
  return (API.wrongLast as readonly number[]).includes(code)
}

/** Did nobody take what was published? The stream is gone, or for the moment nobody leads it. */
export function isUnheard(error: unknown): boolean {
  return error instanceof Error && (error.name === 'JetStreamNotEnabled' || error.name === 'NoRespondersError')
}
