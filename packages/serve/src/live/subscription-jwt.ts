import { createHmac, timingSafeEqual } from 'node:crypto'
import { SheetflowError } from '@sheetflow/core/errors'
import type { ChannelDescription } from '@sheetflow/core/wire'

/** What a subscription token says (FORMATS 8): a Centrifugo subscription JWT with the channel's description in `sf`. */
export interface SubscriptionClaims {
  /** The reader's user id; '' for a reader without one. Must be the connection's. */
  readonly sub: string
  readonly channel: string
  /** Seconds since 1970. */
  readonly exp: number
  readonly sf: ChannelDescription
  /** Fingerprint of the reader's rights to the view when it was made. */
  readonly rights: string
}

/** The one header that is made and accepted: an algorithm is never read from a token (S13). */
const HEADER = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url')
/** Longer ones are neither made nor read: a frame that subscribes has to hold one. */
export const MAX_TOKEN_CHARS: number = 32 * 1024

/** Signs a subscription token with HS256. */
export function signSubscription(key: Uint8Array | string, claims: SubscriptionClaims): string {
  const body = `${HEADER}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
  return `${body}.${createHmac('sha256', key).update(body).digest('base64url')}`
}

/** The claims of a token of ours, whether it has ended or not; `query/bad-token` for anything else. */
export function verifySubscription(key: Uint8Array | string, token: string): SubscriptionClaims {
  const last = token.lastIndexOf('.')
  if (token.length > MAX_TOKEN_CHARS || !token.startsWith(`${HEADER}.`) || last <= HEADER.length) throw badToken()
  const wanted = createHmac('sha256', key).update(token.slice(0, last)).digest()
  const given = Buffer.from(token.slice(last + 1), 'base64url')
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) throw badToken()
  // Signed by us, so its shape is ours.
  return JSON.parse(Buffer.from(token.slice(HEADER.length + 1, last), 'base64url').toString('utf8')) as SubscriptionClaims
}

function badToken(): SheetflowError {
  return new SheetflowError('query/bad-token', 'the subscription token is not one of this server', {
    fix: 'Ask the root field again: its answer carries a new token.',
  })
}
