import type { Socket } from 'node:net'
import type pg from 'pg'
import { must } from '@sheetflow/core/assert'
import type { SqlFailure } from './connect.ts'
import { readBufferOf, sourceError } from './connect.ts'
import { Frames } from './frames.ts'

/** The part of `pg`'s client that its types do not show: the socket under it, TLS included. */
interface WithStream {
  readonly connection?: { readonly stream: Socket }
}

/**
 * Takes a connection over from `pg` once it is authenticated: from now on its bytes are ours, and `pg` neither parses nor queues.
 * What the server sends is cut into frames; `onFrames` is called when new ones may be there. `onEnd` is called once, with the error if there was one.
 */
export class RawSocket {
  readonly frames: Frames = new Frames()
  readonly #socket: Socket
  readonly #client: pg.Client
  #ended = false
  #coalescing: NodeJS.Timeout | null = null
  #paused = false
  #windowStart = 0
  #windowBytes = 0
  receivedBytes: number = 0

  constructor(client: pg.Client, onFrames: () => void, onEnd: (error: unknown) => void) {
    this.#client = client
    this.#socket = must((client as unknown as WithStream).connection?.stream, 'an authenticated connection has a socket')
    this.#socket.removeAllListeners('data')
    const end = (error: unknown): void => {
      if (this.#ended) return
      this.#ended = true
      if (this.#coalescing !== null) clearTimeout(this.#coalescing)
      onEnd(error)
    }
    const take = (chunk: Buffer): void => {
      this.receivedBytes += chunk.length
      this.frames.push(chunk)
      this.#coalesce(chunk.length)
      onFrames()
    }
    const buffered = readBufferOf(this.#socket)
    if (buffered === undefined) this.#socket.on('data', take)
    else {
      buffered.onRead = (chunk) => {
        take(chunk)
        this.frames.keep()
      }
    }
    this.#socket.on('error', end)
    this.#socket.on('close', () => end({ code: undefined, message: 'the connection was closed' } satisfies SqlFailure))
    client.on('error', end)
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Sends a simple query. */
  query(sql: string): void {
    const text = Buffer.from(sql)
    const message = Buffer.allocUnsafe(text.length + 6)
    message[0] = 0x51
    message.writeInt32BE(text.length + 5, 1)
    text.copy(message, 5)
    message[message.length - 1] = 0
    this.#socket.write(message)
  }

  /** Sends bytes as one CopyData message. */
  copyData(content: Buffer): void {
    if (this.#ended) return
    const message = Buffer.allocUnsafe(content.length + 5)
    message[0] = 0x64
    message.writeInt32BE(content.length + 4, 1)
    content.copy(message, 5)
    this.#socket.write(message)
  }

  /** Stops reading: the server sees a full window and waits. */
  pause(): void {
    this.#paused = true
    this.#socket.pause()
  }

  resume(): void {
    this.#paused = false
    if (this.#coalescing === null) this.#socket.resume()
  }

  close(): void {
    this.#socket.destroy()
    this.#client.end().catch(() => {})
  }

  /**
   * A reader that is quicker than the server makes it send row by row, which costs both sides twice the work. So when much came in a short time, the next read waits
   * a moment and takes more; while little comes nothing waits, and a lone transaction arrives without delay.
   */
  #coalesce(bytes: number): void {
    const now = performance.now()
    if (now - this.#windowStart > WINDOW_MS) {
      this.#windowStart = now
      this.#windowBytes = 0
    }
    this.#windowBytes += bytes
    // A read of full size means that more is there already.
    if (this.#windowBytes < COALESCE_BYTES || bytes >= FULL_READ_BYTES || this.#coalescing !== null) return
    this.#socket.pause()
    this.#coalescing = setTimeout(() => {
      this.#coalescing = null
      if (!this.#paused) this.#socket.resume()
    }, COALESCE_MS)
  }
}

const COALESCE_BYTES = 16 * 1024
const COALESCE_MS = 1
const WINDOW_MS = 3
const FULL_READ_BYTES = 256 * 1024

/** The error that an ErrorResponse frame holds, as one of ours. */
export function errorOfFrame(frames: Frames): ReturnType<typeof sourceError> {
  const fields = new Map<string, string>()
  for (let at = frames.start; at < frames.end && frames.buffer[at] !== 0;) {
    const end = frames.buffer.indexOf(0, at + 1)
    fields.set(String.fromCharCode(frames.buffer[at] as number), frames.buffer.toString('utf8', at + 1, end))
    at = end + 1
  }
  return sourceError({ code: fields.get('C'), message: fields.get('M') ?? 'unknown error' } satisfies SqlFailure)
}
