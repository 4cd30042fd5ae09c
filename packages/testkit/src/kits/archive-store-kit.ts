import { isSheetflowError } from '@sheetflow/core/errors'
import type { ArchiveStore } from '@sheetflow/core/ports/archive-store'
import { describe, expect, it } from 'vitest'

/** One installation of an archive store, empty at first; every `open` is another process' view of it. */
export interface ArchiveStoreLab extends AsyncDisposable {
  open(): Promise<ArchiveStore>
}

export interface ArchiveStoreKitOptions {
  readonly knownGaps?: Readonly<Record<string, string>>
}

/** Runs every guarantee of the port `ArchiveStore` against a driver. */
export function describeArchiveStore(name: string, make: () => Promise<ArchiveStoreLab>, options: ArchiveStoreKitOptions = {}): void {
  describe(`archive store: ${name}`, () => {
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

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

interface ArchiveStoreCase {
  readonly name: string
  readonly run: (store: ArchiveStore, lab: ArchiveStoreLab) => Promise<void>
}

const CASES: readonly ArchiveStoreCase[] = [
  {
    name: 'what was put is got, by whoever opens it',
    run: async (store, lab) => {
      await store.put('s/one', bytesOf('1'))
      await using other = await lab.open()
      expect(textOf(await other.get('s/one'))).toBe('1')
    },
  },
  {
    name: 'a name that is taken keeps what it has',
    run: async (store) => {
      await store.put('s/one', bytesOf('1'))
      await store.put('s/one', bytesOf('2'))
      expect(textOf(await store.get('s/one'))).toBe('1')
    },
  },
  {
    name: 'the size of what was put is told; what is not there has none',
    run: async (store) => {
      await store.put('s/one', bytesOf('four'))
      expect(await store.size('s/one')).toBe(4)
      await expect(store.size('s/two')).rejects.toMatchObject({ code: 'store/unknown' })
    },
  },
  {
    name: 'names are listed in order, by what they begin with',
    run: async (store) => {
      for (const name of ['b/2', 'b/1', 'a/1', 'bc/1', 'b/10']) await store.put(name, bytesOf(name))
      expect(await store.list('b/')).toEqual(['b/1', 'b/10', 'b/2'])
      expect(await store.list('b/1')).toEqual(['b/1', 'b/10'])
      expect(await store.list('')).toEqual(['a/1', 'b/1', 'b/10', 'b/2', 'bc/1'])
      expect(await store.list('nothing/')).toEqual([])
    },
  },
  {
    name: 'what was deleted is gone, and can be put again',
    run: async (store) => {
      await store.put('s/one', bytesOf('1'))
      await store.delete('s/one')
      await store.delete('s/one')
      expect(await store.list('s/')).toEqual([])
      await expect(store.get('s/one')).rejects.toMatchObject({ code: 'store/unknown' })
      await store.put('s/one', bytesOf('2'))
      expect(textOf(await store.get('s/one'))).toBe('2')
    },
  },
  {
    name: 'several writers of one name leave one whole object',
    run: async (_, lab) => {
      const stores = await Promise.all(Array.from({ length: 4 }, () => lab.open()))
      const contents = stores.map((__, i) => String(i).repeat(1_000_000))
      await Promise.all(stores.map((store, i) => store.put('s/one', bytesOf(contents[i] ?? ''))))
      for (const store of stores) expect(contents).toContain(textOf(await store.get('s/one')))
    },
  },
  {
    name: 'names that lead elsewhere are refused',
    run: async (store) => {
      for (const name of ['', '/etc/x', '../x', 's/../../x', 's//x', '.hidden', 's/\0', 'a b']) {
        const error: unknown = await store.put(name, bytesOf('x')).catch((caught: unknown) => caught)
        expect(isSheetflowError(error, 'store/unknown')).toBe(true)
      }
    },
  },
]
