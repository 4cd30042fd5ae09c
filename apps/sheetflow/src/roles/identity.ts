import { SheetflowError } from '@sheetflow/core/errors'
import type { Identity } from '@sheetflow/core/ports/host'
import { devToken } from '@sheetflow/serve/identity/dev-token'
import { JwtIdentity } from '@sheetflow/serve/identity/jwt-identity'
import { resolveSecret } from '../config/secret.ts'
import { systemClock } from '../ops/system-clock.ts'
import { secretPlaces } from '../config/secret-places.ts'
import type { RoleContext } from '../runtime/role.ts'
import { dataKey } from './keys.ts'

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])

/** Who may ask, and the token for trying things out (dev without an identity of its own, on loopback only). */
export interface Reception {
  readonly identity: Identity
  readonly token: string | null
}

/** Sets the identity up by the configuration. `config/invalid` where nobody could be told apart from anybody. */
export async function reception(context: RoleContext): Promise<Reception> {
  const { jwks, secret, issuer, audience, role, user } = context.config.serve.identity
  const claims = {
    roleClaim: role,
    userClaim: user,
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  }
  if (jwks !== undefined) return { identity: new JwtIdentity({ ...claims, jwks }, systemClock), token: null }
  if (secret !== undefined) {
    const text = await resolveSecret(secret, secretPlaces(context.config))
    return { identity: new JwtIdentity({ ...claims, secret: Buffer.from(text.reveal()) }, systemClock), token: null }
  }
  if (!context.dev || !LOOPBACK.has(context.config.serve.host)) throw noIdentity()
  return await devReception(context, claims)
}

async function devReception(context: RoleContext, claims: { roleClaim: string; userClaim: string }): Promise<Reception> {
  const key = dataKey(context.places.data, 'dev.key')
  const { sub = 'dev', role = 'developer', ...more } = context.config.serve.identity.dev
  const token = await devToken(key, { user: String(sub), role: String(role), more }, systemClock.now())
  return { identity: new JwtIdentity({ ...claims, userClaim: 'sub', roleClaim: 'role', secret: key }, systemClock), token }
}

function noIdentity(): SheetflowError {
  return new SheetflowError('config/invalid', 'there is no identity: nobody could be told apart', {
    fix: "Set serve.identity: { jwks: 'https://…/jwks' } (or secret: secret('NAME')); only 'sheetflow dev' on loopback runs without.",
  })
}
