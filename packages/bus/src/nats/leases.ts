import type { Leases } from '@sheetflow/core/ports/leases'
import type { LeaseClock } from '../leases/lease-clock.ts'
import { LEASE_TIMES, leaseTimes, type LeaseEntry, type LeaseRecord, type LeaseTable } from '../leases/lease-table.ts'
import { TableLeases } from '../leases/table-leases.ts'
import { Bucket, type BucketEntry } from './bucket.ts'
import { openLink, type Link, type LinkOptions } from './link.ts'

/** How to open the leases on a NATS server or cluster. */
export interface NatsLeasesOptions extends LinkOptions {
  /** Copies of the bucket in a cluster; default 1. */
  readonly replicas?: number
  /** Other than five seconds. All who share the leases should say the same. */
  readonly silentMs?: number
  /** Other than the machine's. */
  readonly leaseClock?: LeaseClock
}

/** Opens the leases in the key-value bucket `SF_LEASES`. Errors: `bus/unavailable` if no server can be used now. */
export async function openNatsLeases(options: NatsLeasesOptions): Promise<Leases> {
  const times = options.silentMs === undefined ? LEASE_TIMES : leaseTimes(options.silentMs)
  const link = await openLink(options)
  const bucket = new Bucket(link, {
    name: 'SF_LEASES',
    description: 'Sheetflow: who does what',
    storage: 'file',
    replicas: options.replicas ?? 1,
    maxBytes: 16 * 1024 * 1024,
    timeoutMs: times.holdMs,
  })
  return new TableLeases(new NatsLeaseTable(link, bucket), times, options.leaseClock)
}

class NatsLeaseTable implements LeaseTable {
  readonly #link: Link
  readonly #bucket: Bucket

  constructor(link: Link, bucket: Bucket) {
    this.#link = link
    this.#bucket = bucket
  }

  async read(name: string): Promise<LeaseEntry | null> {
    const entry = await this.#bucket.get(keyOf(name))
    return entry === null ? null : { record: recordOf(entry), revision: entry.revision }
  }

  async replace(record: LeaseRecord, revision: number): Promise<number | null> {
    return await this.#bucket.put(keyOf(record.name), JSON.stringify(record), revision)
  }

  async list(): Promise<readonly LeaseRecord[]> {
    return (await this.#bucket.list()).map(recordOf)
  }

  watch(name: string, changed: () => void): () => void {
    return this.#bucket.watch(keyOf(name), changed)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#link[Symbol.asyncDispose]()
  }
}

/** Colons are not for keys: `capture:shop` → `capture.shop`. */
function keyOf(name: string): string {
  return name.replaceAll(':', '.')
}

function recordOf({ text }: BucketEntry): LeaseRecord {
  return JSON.parse(text) as LeaseRecord
}
