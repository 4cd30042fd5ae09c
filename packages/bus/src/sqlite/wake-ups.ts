import { closeSync, openSync, realpathSync, watch, writeSync, type FSWatcher } from 'node:fs'
import { join } from 'node:path'
import { BroadcastChannel } from 'node:worker_threads'
import { FALLBACK_MS } from './limits.ts'

const ONE_BYTE = new Uint8Array(1)

/**
 * How readers learn of a commit, without polling. Three ways, each to those whom the one before does not reach:
 * - the same bus object: a counter;
 * - other threads of the process: a `BroadcastChannel`;
 * - other processes: one byte written into `<stream>.wake`, which they watch. (The file of the stream itself tells too early: its last write comes
 *   before the commit is complete.)
 * A wake-up says only "look again". Lost ones cost `FALLBACK_MS`, superfluous ones a few microseconds.
 */
export class WakeUps {
  /** Grows with every wake-up. */
  count = 0
  readonly #path: string
  readonly #dir: string
  readonly #stream: string
  #channel: BroadcastChannel | null = null
  #watcher: FSWatcher | null = null
  #wakeFile: number | null = null
  #waiting = new Set<() => void>()

  constructor(dir: string, stream: string) {
    this.#dir = dir
    this.#stream = stream
    this.#path = join(dir, `${stream}.wake`)
  }

  /** Tells everybody that there is something new. */
  announce(): void {
    this.#wake()
    this.#openChannel().postMessage(0)
    try {
      this.#wakeFile ??= openSync(this.#path, 'w')
      writeSync(this.#wakeFile, ONE_BYTE, 0, 1, 0)
    } catch {
      // A full disk, say. Other processes look by themselves every FALLBACK_MS.
    }
  }

  /** Resolves when `count` is no more `seen`, when the signal aborts, and every now and then without a reason. */
  after(seen: number, signal: AbortSignal): Promise<void> {
    this.#listen()
    if (this.count !== seen || signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      // This timer also keeps the thread alive: one that only waits for messages must not end.
      const timer = setTimeout(done, FALLBACK_MS)
      const waiting = this.#waiting
      function done(): void {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        waiting.delete(done)
        resolve()
      }
      waiting.add(done)
      signal.addEventListener('abort', done, { once: true })
    })
  }

  close(): void {
    this.#channel?.close()
    this.#watcher?.close()
    if (this.#wakeFile !== null) closeSync(this.#wakeFile)
    this.#channel = this.#watcher = this.#wakeFile = null
    this.#wake()
  }

  #wake(): void {
    this.count++
    for (const done of this.#waiting) done()
  }

  #listen(): void {
    this.#openChannel()
    if (this.#watcher !== null) return
    try {
      // Opened for appending: it must be there to be watched, and its bytes mean nothing.
      closeSync(openSync(this.#path, 'a'))
      this.#watcher = watch(this.#path, { persistent: false }, () => this.#wake())
      this.#watcher.on('error', () => this.#watcher?.close())
    } catch {
      // No watches left, or none on this file system: FALLBACK_MS it is.
    }
  }

  #openChannel(): BroadcastChannel {
    if (this.#channel !== null) return this.#channel
    const channel = new BroadcastChannel(`sheetflow:bus:${realpathSync(this.#dir)}:${this.#stream}`)
    channel.onmessage = () => this.#wake()
    channel.unref()
    this.#channel = channel
    return channel
  }
}
