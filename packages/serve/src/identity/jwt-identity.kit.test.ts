import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, SignJWT } from 'jose'
import { afterAll, beforeAll } from 'vitest'
import { describeIdentity, type IdentityLab } from '@sheetflow/testkit/kits/host-kits'
import { devToken } from './dev-token.ts'
import { JwtIdentity, type IdentityOptions } from './jwt-identity.ts'

const SECRET = new Uint8Array(32).fill(7)
const { publicKey, privateKey } = generateKeyPairSync('ed25519')

const server = createServer((_, response) => {
  void exportJWK(publicKey).then((key) => response.end(JSON.stringify({ keys: [{ ...key, kid: 'kit', alg: 'EdDSA' }] })))
})
let jwks: string
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  jwks = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`
})
afterAll(() => void server.close())

describeIdentity('JWT by a shared secret', async () => {
  const lab = labOf({ secret: SECRET }, ({ lifeSeconds, ...claims }) => devToken(SECRET, { ...claims, lifeSeconds }, lab.nowMs))
  return await Promise.resolve(lab)
})

describeIdentity('JWT by the keys of a provider', async () => {
  const lab = labOf({ jwks }, ({ user, role, more, lifeSeconds }) =>
    new SignJWT({ ...more, role })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'kit' })
      .setSubject(user)
      .setExpirationTime(Math.floor(lab.nowMs / 1000) + lifeSeconds)
      .sign(privateKey),
  )
  return await Promise.resolve(lab)
})

function labOf(options: IdentityOptions, token: IdentityLab['token']): IdentityLab {
  const lab: IdentityLab = {
    nowMs: Date.UTC(2026, 10, 26),
    identity: new JwtIdentity(options, { now: () => lab.nowMs, sleep: () => Promise.resolve() }),
    token,
  }
  return lab
}
