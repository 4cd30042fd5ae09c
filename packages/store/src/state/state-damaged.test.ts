/**
 * The file of a checkpoint is damaged: a bit is flipped anywhere, it is cut off anywhere, its log is gone, it is no database at all (docs/faults.md, F28). Expected: the checkpoint as it was saved, or none, and
 * then the next one is kept as in a new file; never another checkpoint.
 */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { CheckpointDelta, Page, StateStore } from '@sheetflow/core/ports/state-store'
import { arbitraryShare } from '@sheetflow/testkit/arbitrary'
import { fc } from '@sheetflow/testkit/fast-check'
import { runs } from '@sheetflow/testkit/runs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSqliteState } from './sqlite-state-store.ts'

const RUNS = runs(60, 1_000)
const PARTS = ['', '-wal'] as const
const SAVES = 12
/** Behind this one the log was copied into the file. */
const CHECKPOINTED = 8

let root = ''
/** What each save held: by its number, the pages by their ids. */
const saved = new Map<number, ReadonlyMap<string, string>>()

beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'state-damage-'))
  await using store = openSqliteState(path.join(root, 'live.db'))
  const pages = new Map<string, Uint8Array>()
  for (let n = 1; n <= SAVES; n++) {
    const changed = [`page-${n}`, `page-${Math.ceil(n / 2)}`].map((id): Page => ({ id, bytes: bytesOf(id, n) }))
    for (const { id, bytes } of changed) pages.set(id, bytes)
    const dropped = n % 5 === 0 ? ['page-1'] : []
    for (const id of dropped) pages.delete(id)
    await store.save(delta(n, changed, { dropped, full: n === 1 }))
    if (n === CHECKPOINTED) intoFile(path.join(root, 'live.db'))
    saved.set(n, new Map([...pages].map(([id, bytes]) => [id, Buffer.from(bytes).toString('base64')])))
  }
  // As a process leaves it that is killed: the log is not in the file yet.
  for (const part of PARTS) copyFileSync(path.join(root, `live.db${part}`), path.join(root, `kept.db${part}`))
})

afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('the damaged file of a checkpoint', () => {
  it('with a flipped bit anywhere', async () => {
    const place = fc.record({ part: fc.constantFrom(...PARTS), at: arbitraryShare(), bit: fc.nat(7) })
    await fc.assert(
      fc.asyncProperty(place, async ({ part, at, bit }) => {
        await afterDamage((file) => {
          const bytes = readFileSync(file + part)
          const index = Math.floor(at * bytes.byteLength)
          bytes[index] = (bytes[index] ?? 0) ^ (1 << bit)
          writeFileSync(file + part, bytes)
        })
      }),
      { numRuns: RUNS, endOnFailure: true },
    )
  })

  it('cut off anywhere', async () => {
    const place = fc.record({ part: fc.constantFrom(...PARTS), at: arbitraryShare() })
    await fc.assert(
      fc.asyncProperty(place, async ({ part, at }) => {
        await afterDamage((file) => truncateSync(file + part, Math.floor(at * readFileSync(file + part).byteLength)))
      }),
      { numRuns: RUNS, endOnFailure: true },
    )
  })

  it('that is no database, or has lost its log', async () => {
    const isNone = await afterDamage((file) => {
      writeFileSync(file, 'no database at all'.repeat(1_000))
      rmSync(`${file}-wal`)
    })
    expect(isNone).toBe('none')
    await afterDamage((file) => rmSync(`${file}-wal`))
  })

  it('of which a page is gone, and nothing else tells', async () => {
    const outcome = await afterDamage((file) => {
      const db = new DatabaseSync(file)
      db.exec("DELETE FROM page WHERE id = 'page-7'")
      db.close()
    })
    expect(outcome).toBe('none')
  })
})

function intoFile(file: string): void {
  const db = new DatabaseSync(file)
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  db.close()
}

/** Damages a copy, then lives through it as a graph does (`fromCheckpoint`): loads, begins anew if it has to, saves, and loads that again. */
async function afterDamage(damage: (file: string) => void): Promise<'as saved' | 'none'> {
  const dir = path.join(root, 'damaged')
  rmSync(dir, { recursive: true, force: true })
  mkdirSync(dir)
  const file = path.join(dir, 'g.db')
  for (const part of PARTS) copyFileSync(path.join(root, `kept.db${part}`), file + part)
  damage(file)
  let outcome: 'as saved' | 'none'
  {
    await using store = openSqliteState(file)
    const found = await loaded(store)
    outcome = found === null ? 'none' : 'as saved'
    expect(found?.pages).toEqual(found === null ? undefined : saved.get(found.n))
    if (found === null) await store.drop()
    await store.save(delta(99, [{ id: 'new', bytes: bytesOf('new', 99) }], { full: true }))
  }
  expect(existsSync(file)).toBe(true)
  await using store = openSqliteState(file)
  expect((await loaded(store))?.n).toBe(99)
  return outcome
}

/** Null: there is none that can be used. */
async function loaded(store: StateStore): Promise<{ readonly n: number; readonly pages: ReadonlyMap<string, string> } | null> {
  const checkpoint = await store.load()
  if (checkpoint === null) return null
  const pages = new Map<string, string>()
  try {
    for await (const { id, bytes } of checkpoint.pages()) pages.set(id, Buffer.from(bytes).toString('base64'))
  } catch (error) {
    if (isSheetflowError(error, 'engine/checkpoint')) return null
    throw error
  }
  expect(JSON.parse(checkpoint.head.meta)).toEqual({ n: checkpoint.head.output.offset })
  return { n: checkpoint.head.output.offset, pages }
}

function delta(n: number, pages: readonly Page[], more: Partial<CheckpointDelta> = {}): CheckpointDelta {
  const head = { format: 3, inputs: { SF_SRC_a: { epoch: 1, offset: n } }, output: { epoch: 1, offset: n }, meta: JSON.stringify({ n }) }
  return { head, full: false, pages, dropped: [], ...more }
}

/** Some kilobytes that tell of what they are. */
function bytesOf(id: string, n: number): Uint8Array {
  return new TextEncoder().encode(`${id} of save ${n}|`.repeat(300))
}
