/** Errors of single commands (Centrifugo client protocol). A temporary one may be tried again as it is. */
export interface ProtocolError {
  readonly code: number
  readonly message: string
  readonly temporary?: true
}

export const ERRORS: {
  readonly internal: ProtocolError
  readonly unauthorized: ProtocolError
  readonly denied: ProtocolError
  readonly methodNotFound: ProtocolError
  readonly alreadySubscribed: ProtocolError
  readonly limit: ProtocolError
  readonly badRequest: ProtocolError
  readonly notAvailable: ProtocolError
  readonly tokenExpired: ProtocolError
  readonly tooManyRequests: ProtocolError
  readonly unrecoverable: ProtocolError
} = {
  internal: { code: 100, message: 'internal server error', temporary: true },
  unauthorized: { code: 101, message: 'unauthorized' },
  denied: { code: 103, message: 'permission denied' },
  methodNotFound: { code: 104, message: 'method not found' },
  alreadySubscribed: { code: 105, message: 'already subscribed' },
  limit: { code: 106, message: 'limit exceeded' },
  badRequest: { code: 107, message: 'bad request' },
  notAvailable: { code: 108, message: 'not available' },
  tokenExpired: { code: 109, message: 'token expired' },
  tooManyRequests: { code: 111, message: 'too many requests', temporary: true },
  unrecoverable: { code: 112, message: 'unrecoverable position' },
}

/** Why the server ends a connection. Of 3000–3499 the client connects again, of 3500–3999 it does not. */
export interface CloseReason {
  readonly code: number
  readonly reason: string
}

export const CLOSES: {
  readonly shutdown: CloseReason
  readonly internal: CloseReason
  readonly expired: CloseReason
  readonly slow: CloseReason
  readonly noPong: CloseReason
  readonly tooMany: CloseReason
  readonly invalidToken: CloseReason
  readonly badRequest: CloseReason
  readonly stale: CloseReason
} = {
  shutdown: { code: 3001, reason: 'shutdown' },
  internal: { code: 3004, reason: 'internal server error' },
  expired: { code: 3005, reason: 'connection expired' },
  slow: { code: 3008, reason: 'slow' },
  noPong: { code: 3012, reason: 'no pong' },
  tooMany: { code: 3013, reason: 'too many connections' },
  invalidToken: { code: 3500, reason: 'invalid token' },
  badRequest: { code: 3501, reason: 'bad request' },
  stale: { code: 3502, reason: 'stale' },
}

/** The server ends a subscription; at 2500 and above the client subscribes again, asking for a new token. */
export const UNSUBSCRIBE_EXPIRED: CloseReason = { code: 2501, reason: 'subscription expired' }
