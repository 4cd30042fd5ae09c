import { SheetflowError } from '@sheetflow/core/errors'
import type { Secrets } from '@sheetflow/core/ports/host'

/** A reference to a secret, as it stands in a configuration. Resolved late, when a driver connects. */
export interface SecretRef {
  readonly $secret: string
}

/** Names a secret in `sheetflow.config.ts`: `url: secret('SHOP_URL')`. */
export function secret(name: string): SecretRef {
  return { $secret: name }
}

/** Is this a reference and not the text itself? */
export function isSecretRef(value: unknown): value is SecretRef {
  return typeof value === 'object' && value !== null && typeof (value as { $secret?: unknown }).$secret === 'string'
}

/** A secret's value. Whatever prints it prints stars (the field is private, so `inspect` shows nothing); `reveal` is the only way to the text. */
class SecretText {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  reveal(): string {
    return this.#text
  }
  toString(): string {
    return '***'
  }
  toJSON(): string {
    return '***'
  }
}

/** Secrets from environment variables. */
export function envSecrets(env: NodeJS.ProcessEnv): Secrets {
  return { read: (name) => Promise.resolve(env[name] ?? null) }
}

/** The text of a value that may be a reference; asks each place in turn. `config/secret` if none knows it. */
export async function resolveSecret(value: string | SecretRef, places: readonly Secrets[]): Promise<SecretText> {
  if (!isSecretRef(value)) return new SecretText(value)
  for (const place of places) {
    const text = await place.read(value.$secret)
    if (text !== null) return new SecretText(text)
  }
  throw new SheetflowError('config/secret', `the secret '${value.$secret}' is not there`, {
    fix: `Set the environment variable ${value.$secret}, or write ${value.$secret}=… into .env beside the configuration.`,
  })
}

/** A database URL that can be printed: the password is stars. */
export function printableUrl(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/[^:@/]*):[^@]*@/i, '$1:***@')
}
