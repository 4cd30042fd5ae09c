import { createHash } from 'node:crypto'
import { SheetflowError } from '@sheetflow/core/errors'
import { stableJson } from '@sheetflow/core/json-text'
import type { Claims, Clock } from '@sheetflow/core/ports/host'
import type { Predicate } from '@sheetflow/core/predicate'
import type { ChannelDescription } from '@sheetflow/core/wire'
import { channelName } from './channel-name.ts'
import { MAX_TOKEN_CHARS, signSubscription, verifySubscription } from './subscription-jwt.ts'
import type { SubscriptionClaims } from './subscription-jwt.ts'

/** What a reader may see of a view: by this a token is renewed without asking the whole query again. */
export interface Rights {
  readonly role: string
  /** The role's rule with the reader's claims put in, canonical. */
  readonly rows: Predicate
  readonly hide: readonly string[]
}

/** Gives the rights of a reader to a view's generation now; null if there are none. */
export type RightsOf = (view: string, generation: number, claims: Claims) => Rights | null

/** A channel and the token to it. */
export interface GrantedChannel {
  readonly channel: string
  readonly token: string
}

/** Channel names and subscription tokens: a right to a live list for `tokenMs`, which ends by itself unless it is renewed. */
export class SubscriptionTokens {
  readonly #key: Uint8Array
  readonly #tokenMs: number
  readonly #clock: Clock
  readonly #rightsOf: RightsOf

  /** `key`: ≥ 32 secret bytes, the same in all processes that serve the same page. */
  constructor(options: { readonly key: Uint8Array; readonly tokenMs: number; readonly clock: Clock; readonly rightsOf: RightsOf }) {
    this.#key = options.key
    this.#tokenMs = options.tokenMs
    this.#clock = options.clock
    this.#rightsOf = options.rightsOf
  }

  /** `user` null: a reader without one. Null: so much is to be said of the channel that no token holds it, as with a filter of thousands of values. */
  grant(description: ChannelDescription, user: string | null, rights: Rights): GrantedChannel | null {
    const { view, generation, predicate, columns, window } = description
    const channel = channelName(this.#key, stableJson([view, generation, predicate, columns, window ?? null]))
    const claims = { sub: user ?? '', channel, exp: this.#expiry(), sf: description, rights: fingerprint(rights) }
    const token = signSubscription(this.#key, claims)
    return token.length > MAX_TOKEN_CHARS ? null : { channel, token }
  }

  /** The claims of a token of ours, also of one that has ended; null if it is none. */
  verify(token: string): SubscriptionClaims | null {
    try {
      return verifySubscription(this.#key, token)
    } catch {
      return null
    }
  }

  /** A token for the same channel with a new life, if the reader's rights are still what they were; else `query/bad-token`. */
  renew(token: string, claims: Claims): string {
    const old = verifySubscription(this.#key, token)
    const rights = this.#rightsOf(old.sf.view, old.sf.generation, claims)
    if (rights === null || old.sub !== (claims.user ?? '') || fingerprint(rights) !== old.rights) {
      throw new SheetflowError('query/bad-token', 'the rights of this reader are not those of the token any more', {
        fix: 'Ask the root field again: its answer carries a new token.',
      })
    }
    return signSubscription(this.#key, { ...old, exp: this.#expiry() })
  }

  #expiry(): number {
    return Math.floor((this.#clock.now() + this.#tokenMs) / 1_000)
  }
}

function fingerprint(rights: Rights): string {
  return createHash('sha256')
    .update(stableJson([rights.role, rights.rows, rights.hide]))
    .digest('base64url')
    .slice(0, 22)
}
