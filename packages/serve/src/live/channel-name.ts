import { createHmac } from 'node:crypto'

/** `sf:` and 22 characters of base64url: 132 bits of an HMAC over what the channel carries. */
const NAME_LENGTH = 22

/**
 * The name of the channel that carries `canonical`, the stable JSON of `[view, generation, predicate, column ids sorted, window]`.
 * Nothing of the reader or of time is in it, so equal rights share a channel; nobody without the key can name one (S07).
 */
export function channelName(key: Uint8Array | string, canonical: string): string {
  return `sf:${createHmac('sha256', key).update(canonical).digest('base64url').slice(0, NAME_LENGTH)}`
}
