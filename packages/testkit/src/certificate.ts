import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/** A certificate and its key, in PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** A key that has signed itself for these names and addresses, valid now: its own CA. Made here because Node has no other way and no server may be asked. */
export function selfSigned(commonName: string, addresses: readonly string[]): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const name = sequence(set(sequence(oid('550403'), tagged(0x0c, Buffer.from(commonName)))))
  const algorithm = sequence(oid('2a864886f70d01010b'), tagged(0x05, NOTHING))
  const body = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    name,
    sequence(time(-1), time(1)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions(publicKey, addresses))),
  )
  const signature = sign('sha256', body, privateKey)
  const der = sequence(body, algorithm, tagged(0x03, Buffer.concat([Buffer.from([0]), signature])))
  return { cert: pem(der), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}

/** May sign (it is its own CA), and is meant for these names. */
function extensions(publicKey: KeyObject, addresses: readonly string[]): readonly Buffer[] {
  const isCa = sequence(oid('551d13'), tagged(0x01, Buffer.from([0xff])), tagged(0x04, sequence(tagged(0x01, Buffer.from([0xff])))))
  const id = createHash('sha1')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest()
  const subjectKey = sequence(oid('551d0e'), tagged(0x04, tagged(0x04, id)))
  const names = addresses.map((address) => {
    const isAddress = /^\d+(\.\d+){3}$/.test(address)
    return isAddress ? tagged(0x87, Buffer.from(address.split('.').map(Number))) : tagged(0x82, Buffer.from(address))
  })
  return [isCa, subjectKey, sequence(oid('551d11'), tagged(0x04, sequence(...names)))]
}

const NOTHING = Buffer.alloc(0)

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content
  const head = length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from(head), content])
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts))
}

function set(part: Buffer): Buffer {
  return tagged(0x31, part)
}

function oid(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, 'hex'))
}

function time(years: number): Buffer {
  const at = new Date()
  at.setUTCFullYear(at.getUTCFullYear() + years)
  return tagged(0x17, Buffer.from(`${at.toISOString().slice(2, 19).replace(/[-T:]/g, '')}Z`))
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
