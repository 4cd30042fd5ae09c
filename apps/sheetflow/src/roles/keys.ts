import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { SheetflowError } from '@sheetflow/core/errors'
import { resolveSecret } from '../config/secret.ts'
import { secretPlaces } from '../config/secret-places.ts'
import type { RoleContext } from '../runtime/role.ts'

const KEY_BYTES = 32
const KEY_CHARACTERS = 32

/** What signs channels and windows: `serve.key`, so that a client may go from one process to another; else a key of the data folder. */
export async function serveKey({ config, places }: Pick<RoleContext, 'config' | 'places'>): Promise<Uint8Array> {
  const { key } = config.serve
  if (key === undefined) return dataKey(places.data, 'serve.key')
  const text = (await resolveSecret(key, secretPlaces(config))).reveal()
  if (text.length < KEY_CHARACTERS) {
    throw new SheetflowError('config/invalid', `serve.key has ${text.length} characters, fewer than ${KEY_CHARACTERS}`, {
      fix: 'Make one with: openssl rand -hex 32',
    })
  }
  return createHash('sha256').update(text).digest()
}

/** A secret key that belongs to the data folder: made at the first start, readable by its owner only, the same over restarts. */
export function dataKey(folder: string, name: string): Uint8Array {
  mkdirSync(folder, { recursive: true })
  const file = path.join(folder, name)
  try {
    writeFileSync(file, randomBytes(KEY_BYTES).toString('hex'), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return Buffer.from(readFileSync(file, 'utf8').trim(), 'hex')
}
