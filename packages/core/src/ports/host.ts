import type { JsonValue } from '../value.ts'

/** Port `Clock`: the only way to the time, for hosts alone. Pure packages are given times as data. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after `ms`, or at once when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** Port `Identity`: who speaks. Throws `access/unauthenticated` for what cannot be verified. */
export interface Identity {
  claims(token: string): Promise<Claims>
}

/** Verified claims of a token. */
export interface Claims {
  readonly user: string | null
  /** The role in which the reader acts. */
  readonly role: string | null
  /** Seconds since 1970; null = does not end. */
  readonly expires: number | null
  readonly all: Readonly<Record<string, JsonValue>>
}

/** Port `Secrets`: reads a named secret, late. `null` if this place does not know it. */
export interface Secrets {
  read(name: string): Promise<string | null>
}

/** Structured log: one event a line. Fields must be safe to print. */
export interface Log {
  debug(event: string, fields?: Readonly<Record<string, unknown>>): void
  info(event: string, fields?: Readonly<Record<string, unknown>>): void
  warn(event: string, fields?: Readonly<Record<string, unknown>>): void
  error(event: string, fields?: Readonly<Record<string, unknown>>): void
}
