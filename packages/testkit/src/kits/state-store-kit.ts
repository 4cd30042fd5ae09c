import { isSheetflowError } from '@sheetflow/core/errors'
import type { CheckpointDelta, CheckpointHead, Page, StateStore } from '@sheetflow/core/ports/state-store'
import { describe, expect, it } from 'vitest'
import { startScript } from '../remote-script.ts'
import { pagesOfSave } from './state-store-model.ts'

/** One installation of a state store, empty at first. */
export interface StateStoreLab extends AsyncDisposable {
  open(): Promise<StateStore>
  /** How another process opens the same one. Absent: it does not outlive its process. */
  readonly remote?: RemoteStateStore
}

export interface RemoteStateStore {
  readonly module: string
  readonly open: string
  readonly argument: unknown
}

export type MakeStateStoreLab = () => Promise<StateStoreLab>

export interface StateStoreKitOptions {
  readonly knownGaps?: Readonly<Record<string, string>>
}

interface StateStoreCase {
  readonly name: string
  /** Needs a store that outlives its process. */
  readonly lasting?: true
  readonly run: (lab: StateStoreLab) => Promise<void>
}

const SCRIPT = new URL('./state-store-remote.ts', import.meta.url)
const KILLS = 5

/** Runs every guarantee of the port `StateStore` against a driver. */
export function describeStateStore(name: string, make: MakeStateStoreLab, options: StateStoreKitOptions = {}): void {
  describe(`state store: ${name}`, () => {
    for (const { name: title, lasting, run } of CASES) {
      const test = options.knownGaps?.[title] === undefined ? it : it.fails
      test(title, async ({ skip }) => {
        await using lab = await make()
        if (lasting && lab.remote === undefined) skip('it does not outlive its process')
        await run(lab)
      })
    }
  })
}

function head(n: number): CheckpointHead {
  const inputs = { SF_SRC_a: { epoch: 1, offset: n }, SF_IN_GRAPH_g: { epoch: 9_007_199_254_740_991, offset: 2 * n } }
  return { format: 3, inputs, output: { epoch: 1, offset: n }, meta: JSON.stringify({ n, text: 'zażółć "\u2028' }) }
}

function page(id: string, ...bytes: number[]): Page {
  return { id, bytes: Uint8Array.from(bytes) }
}

function delta(n: number, pages: readonly Page[], more: Partial<CheckpointDelta> = {}): CheckpointDelta {
  return { head: head(n), full: false, pages, dropped: [], ...more }
}

/** Head and pages by id, as plain data. */
async function content(store: StateStore): Promise<unknown> {
  const checkpoint = await store.load()
  if (checkpoint === null) return null
  const pages: Record<string, number[]> = {}
  for await (const { id, bytes } of checkpoint.pages()) pages[id] = [...bytes]
  return { head: checkpoint.head, pages }
}

function one(name: string, run: (store: StateStore) => Promise<void>): StateStoreCase {
  return {
    name,
    run: async (lab) => {
      await using store = await lab.open()
      await run(store)
    },
  }
}

const CASES: readonly StateStoreCase[] = [
  one('there is no checkpoint before the first save', async (store) => {
    expect(await store.load()).toBeNull()
  }),
  one('a save adds and replaces pages and drops those it names', async (store) => {
    await store.save(delta(1, [page('a', 1), page('b', 2, 3), page('c')]))
    expect(await content(store)).toEqual({ head: head(1), pages: { a: [1], b: [2, 3], c: [] } })
    await store.save(delta(2, [page('b', 9), page('d', 0, 255)], { dropped: ['a', 'unknown'] }))
    expect(await content(store)).toEqual({ head: head(2), pages: { b: [9], c: [], d: [0, 255] } })
  }),
  one('a full save replaces everything', async (store) => {
    await store.save(delta(1, [page('a', 1), page('b', 2)]))
    await store.save(delta(2, [page('c', 3)], { full: true }))
    expect(await content(store)).toEqual({ head: head(2), pages: { c: [3] } })
  }),
  one('a page that is dropped and written in one save is there', async (store) => {
    await store.save(delta(1, [page('a', 1)]))
    await store.save(delta(2, [page('a', 2)], { dropped: ['a'] }))
    expect(await content(store)).toEqual({ head: head(2), pages: { a: [2] } })
  }),
  one('bytes that are handed over may be used again at once', async (store) => {
    const bytes = Uint8Array.from([1, 2, 3])
    await store.save(delta(1, [{ id: 'a', bytes }]))
    bytes.fill(0)
    expect(await content(store)).toEqual({ head: head(1), pages: { a: [1, 2, 3] } })
  }),
  one('pages are those of the checkpoint that was loaded, or loading fails', async (store) => {
    await store.save(delta(1, [page('a', 1), page('b', 1)]))
    const checkpoint = await store.load()
    await store.save(delta(2, [page('a', 2), page('b', 2)]))
    const seen: number[] = []
    try {
      for await (const { bytes } of checkpoint?.pages() ?? []) seen.push(...bytes)
      expect(seen).toEqual([1, 1])
    } catch (error) {
      if (!isSheetflowError(error, 'engine/checkpoint')) throw error
    }
  }),
  one('drop forgets everything, and a new checkpoint may follow', async (store) => {
    await store.save(delta(1, [page('a', 1)]))
    await store.drop()
    expect(await store.load()).toBeNull()
    await store.save(delta(2, [page('b', 2)]))
    expect(await content(store)).toEqual({ head: head(2), pages: { b: [2] } })
  }),
  {
    name: 'what was saved is there when it is opened again',
    lasting: true,
    run: async (lab) => {
      {
        await using store = await lab.open()
        await store.save(delta(7, [page('a', 7)]))
      }
      await using store = await lab.open()
      expect(await content(store)).toEqual({ head: head(7), pages: { a: [7] } })
    },
  },
  {
    name: 'who opened it earlier can save and drop nothing any more',
    lasting: true,
    run: async (lab) => {
      await using earlier = await lab.open()
      await earlier.save(delta(1, [page('a', 1)]))
      await using later = await lab.open()
      const codeOf = (error: unknown): unknown => (isSheetflowError(error) ? error.code : error)
      expect(await earlier.save(delta(2, [page('a', 2)])).catch(codeOf)).toBe('store/fenced')
      await later.save(delta(3, [page('a', 3)]))
      expect(await earlier.save(delta(4, [page('b', 4)])).catch(codeOf)).toBe('store/fenced')
      expect(await earlier.drop().catch(codeOf)).toBe('store/fenced')
      expect(await content(later)).toEqual({ head: head(3), pages: { a: [3] } })
    },
  },
  {
    name: 'after each kill -9 there is the whole of one save, the last acknowledged or a later one',
    lasting: true,
    run: async (lab) => {
      let before = 0
      for (let kill = 0; kill < KILLS; kill++) {
        const saver = startScript('process', SCRIPT, lab.remote)
        const acknowledged = await saver.reaches(before + 3 + kill * 2)
        await saver.kill()
        await using store = await lab.open()
        const checkpoint = await store.load()
        const found = checkpoint?.head.output.offset ?? 0
        expect(found).toBeGreaterThanOrEqual(acknowledged)
        const pages: Record<string, number> = {}
        for await (const { id, bytes } of checkpoint?.pages() ?? []) pages[id] = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
        expect(pages).toEqual(pagesOfSave(found))
        before = found
      }
    },
  },
]
