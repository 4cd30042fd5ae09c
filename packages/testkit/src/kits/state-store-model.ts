import type { CheckpointDelta, Page } from '@sheetflow/core/ports/state-store'

const PAGES = 7
const PAGE_BYTES = 20_000
const FULL_EVERY = 9

/** Save n of a known run: writes n into two pages, drops a third, now and then everything. */
export function modelSave(n: number): CheckpointDelta {
  const full = n % FULL_EVERY === 0
  const written = full ? Array.from({ length: PAGES }, (_, i) => i) : [n % PAGES, (n + 1) % PAGES]
  const dropped = full ? [] : [`p${(n + 3) % PAGES}`]
  return {
    head: { format: 1, inputs: {}, output: { epoch: 1, offset: n }, meta: '' },
    full,
    pages: written.map((i) => page(`p${i}`, n)),
    dropped,
  }
}

/** Number in each page once saves 1 … n are in. */
export function pagesOfSave(n: number): Record<string, number> {
  const pages = new Map<string, number>()
  for (let m = Math.max(1, n - FULL_EVERY - PAGES); m <= n; m++) {
    const { full, pages: written, dropped } = modelSave(m)
    if (full) pages.clear()
    for (const id of dropped) pages.delete(id)
    for (const { id } of written) pages.set(id, m)
  }
  return Object.fromEntries(pages)
}

function page(id: string, n: number): Page {
  const bytes = new Uint8Array(PAGE_BYTES)
  new DataView(bytes.buffer).setUint32(0, n)
  return { id, bytes }
}
