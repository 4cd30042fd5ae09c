import { describe, expect, it } from 'vitest'
import { MemoryBlobs } from '../../testing/memory-blobs.ts'
import { BlobCollector } from './blob-collector.ts'

const { signal } = new AbortController()

/** A store whose writes wait until they are let go, or fail. */
class SlowBlobs extends MemoryBlobs {
  readonly writes: { readonly go: () => void; readonly fail: () => void }[] = []

  override async put(bytes: Uint8Array): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.writes.push({ go: resolve, fail: () => reject(new Error('the disk is full')) })
    await promise
    return await super.put(bytes)
  }
}

describe('big values are stored before a row tells of them', () => {
  it('also when the read of a snapshot is storing them for the log at that moment', async () => {
    const store = new SlowBlobs()
    const blobs = new BlobCollector(store)
    blobs.add(Buffer.from('of the log'))
    const ofTheSnapshot = blobs.flush(signal)
    await Promise.resolve()
    expect(blobs.pending).toBe(true)
    let stored = false
    const ofTheLog = blobs.flush(signal).then(() => (stored = true))
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
    expect(stored).toBe(false)
    store.writes[0]?.go()
    await Promise.all([ofTheSnapshot, ofTheLog])
    expect([store.blobs.size, blobs.pending]).toEqual([1, false])
  })

  it('also when somebody else has tried in vain', async () => {
    const store = new SlowBlobs()
    const blobs = new BlobCollector(store)
    blobs.add(Buffer.from('one'))
    blobs.add(Buffer.from('two'))
    const first = blobs.flush(signal)
    await Promise.resolve()
    store.writes[0]?.fail()
    await expect(first).rejects.toThrow('the disk is full')
    expect(blobs.pending).toBe(true)
    // Whoever reads the rows again adds the same values.
    blobs.add(Buffer.from('one'))
    const second = blobs.flush(signal)
    await Promise.resolve()
    store.writes[1]?.go()
    while (store.writes.length < 3) await Promise.resolve()
    store.writes[2]?.go()
    await second
    expect([store.writes.length, store.blobs.size, blobs.pending]).toEqual([3, 2, false])
  })
})
