import { isSheetflowError } from '@sheetflow/core/errors'
import type { BlobStore } from '@sheetflow/core/ports/blob-store'
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'

/** One installation of a blob store, empty at first. */
export interface BlobStoreLab extends AsyncDisposable {
  open(): Promise<BlobStore>
  /** Changes the stored bytes behind the store's back, as a failing disk does. */
  damage(hash: string): Promise<void>
  /** Names of the blobs that lie there, looked up behind the store's back. */
  names(): Promise<readonly string[]>
}

export type MakeBlobStoreLab = () => Promise<BlobStoreLab>

export interface BlobStoreKitOptions {
  readonly knownGaps?: Readonly<Record<string, string>>
}

interface BlobStoreCase {
  readonly name: string
  readonly run: (store: BlobStore, lab: BlobStoreLab) => Promise<void>
}

/** Runs every guarantee of the port `BlobStore` against a driver. */
export function describeBlobStore(name: string, make: MakeBlobStoreLab, options: BlobStoreKitOptions = {}): void {
  describe(`blob store: ${name}`, () => {
    for (const { name: title, run } of CASES) {
      const test = options.knownGaps?.[title] === undefined ? it : it.fails
      test(title, async () => {
        await using lab = await make()
        await using store = await lab.open()
        await run(store, lab)
      })
    }
  })
}

const BIG_BYTES = 3_000_000
const SENDERS = 8

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

async function code(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'none',
    (error: unknown) => {
      if (isSheetflowError(error)) return error.code
      throw error
    },
  )
}

const CASES: readonly BlobStoreCase[] = [
  {
    name: 'a blob is named by the sha256 of its content and read back',
    run: async (store) => {
      for (const bytes of [bytesOf('hello'), new Uint8Array(), Uint8Array.from({ length: BIG_BYTES }, (_, i) => (i * 31) & 255)]) {
        const hash = await store.put(bytes)
        expect(hash).toBe(sha256(bytes))
        expect(Buffer.compare(await store.get(hash), bytes)).toBe(0)
      }
    },
  },
  {
    name: 'putting the same content again, also at the same time, is one blob',
    run: async (store, lab) => {
      const hashes = await Promise.all(Array.from({ length: SENDERS }, () => store.put(bytesOf('same'))))
      expect(new Set(hashes).size).toBe(1)
      expect(await store.put(bytesOf('same'))).toBe(hashes[0])
      expect(await lab.names()).toEqual([hashes[0]])
    },
  },
  {
    name: 'what is not there is store/unknown, whatever its name',
    run: async (store) => {
      expect(await code(store.get(sha256(bytesOf('never'))))).toBe('store/unknown')
      for (const name of ['', '..', '../../etc/passwd', 'ABCDEF', `${'a'.repeat(63)}/`]) {
        expect(await code(store.get(name))).toBe('store/unknown')
      }
    },
  },
  {
    name: 'delete takes one blob away, leaves the others and may be repeated',
    run: async (store, lab) => {
      const hashes = await Promise.all(['a', 'b', 'c'].map((text) => store.put(bytesOf(text))))
      expect((await lab.names()).toSorted()).toEqual(hashes.toSorted())
      const [first = '', ...rest] = hashes
      await store.delete(first)
      await store.delete(first)
      expect((await lab.names()).toSorted()).toEqual(rest.toSorted())
      expect(await code(store.get(first))).toBe('store/unknown')
    },
  },
  {
    name: 'what another has put is there',
    run: async (store, lab) => {
      await using other = await lab.open()
      const hash = await other.put(bytesOf('from the other'))
      expect(Buffer.from(await store.get(hash)).toString()).toBe('from the other')
    },
  },
  {
    name: 'changed bytes are bus/corrupt; deleted, they may be put again',
    run: async (store, lab) => {
      const bytes = bytesOf('precious')
      const hash = await store.put(bytes)
      await lab.damage(hash)
      expect(await code(store.get(hash))).toBe('bus/corrupt')
      await store.delete(hash)
      await store.put(bytes)
      expect(Buffer.compare(await store.get(hash), bytes)).toBe(0)
    },
  },
  {
    name: 'an aborted call stores and answers nothing',
    run: async (store, lab) => {
      await expect(store.put(bytesOf('too late'), AbortSignal.abort())).rejects.toThrow()
      expect(await lab.names()).toEqual([])
      const hash = await store.put(bytesOf('there'))
      await expect(store.get(hash, AbortSignal.abort())).rejects.toThrow()
    },
  },
]
