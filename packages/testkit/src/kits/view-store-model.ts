import type { ViewStore, ViewTransaction } from '@sheetflow/core/ports/view-store'
import { created, filled, plan, read, rows, sheet, STREAM, transaction, updated } from './view-store-lab.ts'
import type { Reader } from './view-store-lab.ts'

/**
 * A stream whose every prefix is known: transaction n writes n into row `n mod 8` of one view and −n into the same row of another; every tenth
 * fills the second view anew. So what a store holds at offset n is a function of n, and any mixture of two prefixes shows.
 */
const ROWS = 8
const ONE = 'kit.one'
const OTHER = 'kit.other'
const FILL_EVERY = 10

const generationAt = (n: number): number => 1 + Math.floor(n / FILL_EVERY)

/** Rows of a view once transaction n is in. */
function content(n: number, sign: 1 | -1): readonly (readonly [number, number])[] {
  const all = new Map<number, number>()
  for (let m = Math.max(1, n - ROWS + 1); m <= n; m++) all.set(m % ROWS, m * sign)
  return [...all].sort(([a], [b]) => a - b)
}

/** Announces what transaction n needs. */
export async function prepareModel(store: ViewStore, n: number): Promise<void> {
  if (n === 1) await store.ensure(sheet(ONE, 1, { id: 'int', n: 'int' }))
  if (n === 1 || n % FILL_EVERY === 0) await store.ensure(sheet(OTHER, generationAt(n), { id: 'int', n: 'int' }, { index: ['n'] }))
}

export function modelTransaction(n: number): ViewTransaction {
  const id = n % ROWS
  const change = (sign: 1 | -1) => (n > ROWS ? updated([id, (n - ROWS) * sign], [id, n * sign]) : created([id, n * sign]))
  const one = n === 1 ? filled(1, content(1, 1), ONE) : rows(1, [change(1)], ONE)
  const other =
    n === 1 || n % FILL_EVERY === 0 ? filled(generationAt(n), content(n, -1), OTHER) : rows(generationAt(n), [change(-1)], OTHER)
  return transaction(n, [one, other])
}

/** Reads both views in one call; the offset of the prefix that they are. Throws if they are none. */
export async function checkModel(store: Reader): Promise<number> {
  const generations = new Map((await store.views()).map(({ view, generation }) => [view, generation]))
  const plans = [ONE, OTHER].map((view) => plan(generations.get(view) ?? 0, ['id', 'n'], { view }))
  const result = await store.query({ streams: [STREAM], plans })
  const n = result.positions[STREAM]?.offset ?? 0
  for (const [i, sign] of [1 as const, -1 as const].entries()) {
    const expected = JSON.stringify(content(n, sign).map(([id, value]) => ({ id, n: value })))
    const found = JSON.stringify(read(result, i))
    if (found !== expected) throw new Error(`at ${n} the store holds ${found} instead of ${expected}`)
  }
  return n
}
