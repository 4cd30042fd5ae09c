import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, SignJWT, type JWTPayload } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
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

/** The cases by which clients know that somebody else reads. */
interface ReaderCase {
  readonly name: string
  readonly userClaim?: string
  readonly before: unknown
  readonly after: unknown
  readonly samePerson: boolean
}

const { cases } = JSON.parse(readFileSync(new URL('../../../client/vectors/readers.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly ReaderCase[]
}
const signed = cases.filter(({ before, after }) => typeof before === 'object' && before !== null && typeof after === 'object')

test.each(signed)('whom clients take for one person is one user: $name', async ({ userClaim = 'sub', before, after, samePerson }) => {
  const nowMs = Date.UTC(2026, 10, 26)
  const identity = new JwtIdentity({ secret: SECRET, userClaim }, { now: () => nowMs, sleep: () => Promise.resolve() })
  const users: (string | null)[] = []
  for (const claims of [before, after]) {
    // Signed as it stands but for its end.
    const token = new SignJWT(claims as JWTPayload).setProtectedHeader({ alg: 'HS256' }).setExpirationTime(nowMs / 1000 + 60)
    users.push((await identity.claims(await token.sign(SECRET))).user)
  }
  // Without a user both are nobody in particular to the server: clients may tell more of them apart, never fewer.
  const isOne = samePerson || users[0] === null
  const sameIssuer = (before as JWTPayload).iss === (after as JWTPayload).iss
  expect(users[0] === users[1] && (isOne || sameIssuer)).toBe(isOne)
})

test.each(['a\u0000b', 'a\ud800'])('S13: a token of a user whose name no database can hold is refused: %j', async (sub) => {
  const nowMs = Date.UTC(2026, 10, 26)
  const identity = new JwtIdentity({ secret: SECRET }, { now: () => nowMs, sleep: () => Promise.resolve() })
  const token = await new SignJWT({ sub })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime(nowMs / 1000 + 60)
    .sign(SECRET)
  await expect(identity.claims(token)).rejects.toMatchObject({ code: 'access/unauthenticated' })
})

function labOf(options: IdentityOptions, token: IdentityLab['token']): IdentityLab {
  const lab: IdentityLab = {
    nowMs: Date.UTC(2026, 10, 26),
    identity: new JwtIdentity(options, { now: () => lab.nowMs, sleep: () => Promise.resolve() }),
    token,
  }
  return lab
}
