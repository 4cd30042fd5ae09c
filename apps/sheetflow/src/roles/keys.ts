import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const KEY_BYTES = 32

/** A secret key that belongs to the data folder: made at the first start, readable by its owner only, the same over restarts. */
export function dataKey(folder: string, name: string): Uint8Array {
  const file = path.join(folder, name)
  try {
    writeFileSync(file, randomBytes(KEY_BYTES).toString('hex'), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return Buffer.from(readFileSync(file, 'utf8').trim(), 'hex')
}
