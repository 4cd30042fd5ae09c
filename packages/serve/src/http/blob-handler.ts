import { createHmac, timingSafeEqual } from 'node:crypto'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { BlobStore } from '@sheetflow/core/ports/blob-store'
import type { Clock } from '@sheetflow/core/ports/host'
import { send, sendError } from './http-server.ts'
import type { HttpHandler } from './http-server.ts'

const BLOBS_PATH = '/blobs/'
const LIFE_SECONDS = 600
const HASH = /^[0-9a-f]{64}$/

/** Signed addresses of big values: who was shown the row may read them for ten minutes (FORMATS 1). */
export class BlobUrls {
  readonly #key: Uint8Array
  readonly #clock: Clock

  constructor(key: Uint8Array, clock: Clock) {
    this.#key = key
    this.#clock = clock
  }

  sign(hash: string): string {
    const until = Math.floor(this.#clock.now() / 1_000) + LIFE_SECONDS
    return `${BLOBS_PATH}${hash}?until=${until}&by=${this.#signature(hash, until)}`
  }

  verify(hash: string, until: number, signature: string): boolean {
    const wanted = Buffer.from(this.#signature(hash, until))
    const given = Buffer.from(signature)
    return until * 1_000 > this.#clock.now() && wanted.length === given.length && timingSafeEqual(wanted, given)
  }

  #signature(hash: string, until: number): string {
    return createHmac('sha256', this.#key).update(`blob ${hash} ${until}`).digest('base64url')
  }
}

/** Gives the bytes behind a signed address. */
export function blobHandler(urls: BlobUrls, blobs: BlobStore): HttpHandler {
  return async (request, response, url) => {
    if (!url.pathname.startsWith(BLOBS_PATH) || request.method !== 'GET') return false
    const hash = url.pathname.slice(BLOBS_PATH.length)
    const signature = url.searchParams.get('by') ?? ''
    if (!HASH.test(hash) || !urls.verify(hash, Number(url.searchParams.get('until')), signature)) {
      sendError(response, 403, 'access/denied', 'the address has ended: ask the row again')
      return true
    }
    try {
      const headers = { 'cache-control': 'private, max-age=600', 'content-disposition': 'attachment', 'x-content-type-options': 'nosniff' }
      send(response, 200, 'application/octet-stream', await blobs.get(hash), headers)
    } catch (error) {
      if (!isSheetflowError(error, 'store/unknown')) throw error
      sendError(response, 404, error.code, error.message)
    }
    return true
  }
}
