import type { Presence, ProcessNews } from '@sheetflow/core/ports/presence'
import { Bucket } from './bucket.ts'
import { openLink, type Link, type LinkOptions } from './link.ts'

/** How to open the news of processes on a NATS server or cluster. */
export interface NatsPresenceOptions extends LinkOptions {
  /** Copies of the bucket in a cluster; default 1. */
  readonly replicas?: number
}

/** A process that was silent for so long is forgotten. */
const FORGET_MS = 15_000
const TIMEOUT_MS = 5_000

/** Opens the key-value bucket `SF_PROCESSES`, which lives in the server's memory. Errors: `bus/unavailable` if no server can be used now. */
export async function openNatsPresence(options: NatsPresenceOptions): Promise<Presence> {
  const link = await openLink(options)
  return new NatsPresence(link, options.replicas ?? 1)
}

class NatsPresence implements Presence {
  readonly #link: Link
  readonly #bucket: Bucket

  constructor(link: Link, replicas: number) {
    this.#link = link
    this.#bucket = new Bucket(link, {
      name: 'SF_PROCESSES',
      description: 'Sheetflow: what its processes say of themselves',
      storage: 'memory',
      replicas,
      maxBytes: 16 * 1024 * 1024,
      maxAgeMs: FORGET_MS,
      timeoutMs: TIMEOUT_MS,
    })
  }

  async tell(process: string, text: string): Promise<void> {
    await this.#bucket.put(keyOf(process), text)
  }

  async all(): Promise<readonly ProcessNews[]> {
    return (await this.#bucket.list()).map(({ key, text }) => ({ process: key, text }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#link[Symbol.asyncDispose]()
  }
}

/** Names of hosts may hold dots, which part tokens, and more that no key may hold. */
function keyOf(process: string): string {
  return process.replaceAll(/[^\w/-]/g, '_')
}
