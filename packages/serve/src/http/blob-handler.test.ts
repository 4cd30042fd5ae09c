import { createHash } from 'node:crypto'
import { SheetflowError } from '@sheetflow/core/errors'
import type { BlobStore } from '@sheetflow/core/ports/blob-store'
import type { Clock } from '@sheetflow/core/ports/host'
import { expect, test } from 'vitest'
import { TestLog } from '../testing/host.ts'
import { blobHandler, BlobUrls } from './blob-handler.ts'
import { listen, makeHttpServer } from './http-server.ts'

const BYTES = new TextEncoder().encode('<script>alert(1)</script>')
const HASH = createHash('sha256').update(BYTES).digest('hex')
const OTHER = 'ab'.repeat(32)

test('a big value is read by its signed address alone, for ten minutes, and never as a page', async () => {
  let now = 1_795_000_000_000
  const clock: Clock = { now: () => now, sleep: () => Promise.resolve() }
  const unknown = new SheetflowError('store/unknown', 'no such value')
  const get: BlobStore['get'] = (hash) => (hash === HASH ? Promise.resolve(BYTES) : Promise.reject(unknown))
  const urls = new BlobUrls(new Uint8Array(32).fill(1), clock)
  const log = new TestLog()
  const server = makeHttpServer([blobHandler(urls, { get } as BlobStore)], log)
  const base = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`
  const status = async (path: string): Promise<number> => (await fetch(base + path)).status
  try {
    const address = urls.sign(HASH)
    const response = await fetch(base + address)
    expect([response.status, await response.text()]).toEqual([200, new TextDecoder().decode(BYTES)])
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': 'attachment',
      'x-content-type-options': 'nosniff',
    })
    expect(await status(urls.sign(OTHER))).toBe(404)
    const forged = [
      address.replace(HASH, OTHER),
      address.replace(/until=\d+/, 'until=9999999999'),
      address.replace(/by=./, 'by=~'),
      address.replace(/&by=.*/, ''),
      `/blobs/${HASH}`,
      '/blobs/../secret',
      '/blobs/%2e%2e%2fsecret?until=9999999999&by=x',
      new BlobUrls(new Uint8Array(32).fill(2), clock).sign(HASH),
    ]
    for (const path of forged) expect([path, [403, 404].includes(await status(path))]).toEqual([path, true])
    now += 600_000
    expect(await status(address)).toBe(403)
  } finally {
    server.close()
  }
  expect(log.errors).toEqual([])
})
