import { createRemoteJWKSet, errors, jwtVerify } from 'jose'
import type { JWTPayload, JWTVerifyGetKey } from 'jose'
import { SheetflowError } from '@sheetflow/core/errors'
import { cleanText } from '@sheetflow/core/text'
import type { Claims, Clock, Identity } from '@sheetflow/core/ports/host'
import type { JsonValue } from '@sheetflow/core/value'

/** Where tokens come from. */
export interface IdentityOptions {
  /** Public keys of the identity provider; tokens are RS256, PS256, ES256 or EdDSA. */
  readonly jwks?: string
  /** A shared secret of ≥ 32 bytes; tokens are HS256. For development and tests. */
  readonly secret?: Uint8Array
  readonly issuer?: string
  readonly audience?: string
  /** The claim that names the reader's role; default `role`. */
  readonly roleClaim?: string
  /** The claim that names the user; default `sub`. */
  readonly userClaim?: string
}

/** The algorithms that are accepted for each kind of key: never the token's own choice (S13). */
const PUBLIC_KEY_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA']
const SECRET_ALGORITHMS = ['HS256']
const MAX_TOKEN_CHARS = 8 * 1024
const MIN_SECRET_BYTES = 32
const MAX_KNOWN = 10_000
const KNOWN_MS = 60_000

/** Verifies JSON Web Tokens. A token that was verified a moment ago is not verified again. */
export class JwtIdentity implements Identity {
  readonly #options: IdentityOptions
  readonly #clock: Clock
  readonly #key: Uint8Array | JWTVerifyGetKey
  readonly #algorithms: string[]
  readonly #known = new Map<string, { readonly claims: Claims; readonly until: number }>()

  /** `config/invalid` if there is no key, or a secret that is too short. */
  constructor(options: IdentityOptions, clock: Clock) {
    this.#options = options
    this.#clock = clock
    if (options.jwks !== undefined) {
      this.#key = createRemoteJWKSet(new URL(options.jwks))
      this.#algorithms = PUBLIC_KEY_ALGORITHMS
    } else if (options.secret !== undefined && options.secret.length >= MIN_SECRET_BYTES) {
      this.#key = options.secret
      this.#algorithms = SECRET_ALGORITHMS
    } else {
      throw new SheetflowError('config/invalid', 'identity needs `jwks` or a secret of at least 32 bytes', {
        fix: "Set serve.identity: { jwks: 'https://…/jwks' }.",
      })
    }
  }

  async claims(token: string): Promise<Claims> {
    const now = this.#clock.now()
    const known = this.#known.get(token)
    if (known !== undefined && known.until > now) return known.claims
    this.#known.delete(token)
    const claims = this.#claimsOf(await this.#verify(token, now))
    const until = claims.expires === null ? now + KNOWN_MS : Math.min(now + KNOWN_MS, claims.expires * 1_000)
    this.#remember(token, { claims, until })
    return claims
  }

  async #verify(token: string, now: number): Promise<JWTPayload> {
    if (token.length > MAX_TOKEN_CHARS) throw unauthenticated('the token is too long', undefined)
    const { issuer, audience } = this.#options
    const options = {
      algorithms: this.#algorithms,
      currentDate: new Date(now),
      requiredClaims: ['exp'],
      ...(issuer === undefined ? {} : { issuer }),
      ...(audience === undefined ? {} : { audience }),
    }
    try {
      const key = this.#key
      const { payload } = key instanceof Uint8Array ? await jwtVerify(token, key, options) : await jwtVerify(token, key, options)
      return payload
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw unauthenticated('the token has ended', error, { expired: true })
      if (error instanceof errors.JOSEError && !isOfProvider(error)) throw unauthenticated('the token was refused', error)
      throw new SheetflowError('access/unauthenticated', 'the keys of the identity provider cannot be had', {
        retry: 'later',
        cause: error,
      })
    }
  }

  #claimsOf(payload: JWTPayload): Claims {
    const user = payload[this.#options.userClaim ?? 'sub']
    // No database and no message holds such a name as it is: it would stand for another's, or for nobody's.
    if (typeof user === 'string' && cleanText(user).replaced > 0) throw unauthenticated('the name of the user is no text', undefined)
    const role = payload[this.#options.roleClaim ?? 'role']
    return {
      user: typeof user === 'string' || typeof user === 'number' ? String(user) : null,
      role: typeof role === 'string' ? role : null,
      expires: payload.exp ?? null,
      all: payload as Readonly<Record<string, JsonValue>>,
    }
  }

  #remember(token: string, entry: { readonly claims: Claims; readonly until: number }): void {
    this.#known.set(token, entry)
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MAX_KNOWN) return
      this.#known.delete(oldest)
    }
  }
}

/** Is it the provider's fault, not the token's? It is away, answers with an error, or with something that is no key set. */
function isOfProvider(error: errors.JOSEError): boolean {
  return error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid || error.code === errors.JOSEError.code
}

function unauthenticated(message: string, cause: unknown, details: Readonly<Record<string, unknown>> = {}): SheetflowError {
  return new SheetflowError('access/unauthenticated', message, { fix: 'Sign in again for a new token.', details, cause })
}
