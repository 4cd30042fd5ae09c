import { SignJWT } from 'jose'

/** What a development token says. */
export interface DevTokenClaims {
  readonly user: string
  readonly role: string
  /** More claims, as `read` rules use them (`tenant`, …). */
  readonly more?: Readonly<Record<string, unknown>>
  /** Seconds; default: a year. */
  readonly lifeSeconds?: number
}

const YEAR_SECONDS = 365 * 24 * 3_600

/** A token that a server with this secret accepts (HS256). For development: whoever has the secret is everybody. */
export function devToken(secret: Uint8Array, claims: DevTokenClaims, nowMs: number): Promise<string> {
  const now = Math.floor(nowMs / 1_000)
  return new SignJWT({ ...claims.more, id: claims.more?.['id'] ?? claims.user, role: claims.role })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(claims.user)
    .setIssuedAt(now)
    .setExpirationTime(now + (claims.lifeSeconds ?? YEAR_SECONDS))
    .sign(secret)
}
