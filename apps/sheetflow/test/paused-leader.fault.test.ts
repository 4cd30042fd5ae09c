import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Random } from '@sheetflow/testkit/random'
import { runs, SEED } from '@sheetflow/testkit/runs'
import { expect, test, vi } from 'vitest'
import { ProcessRing, type RoleProcess } from './process-ring.ts'

/**
 * A leader is stopped (SIGSTOP) between its last look at its lease and its append; the standby takes over; the leader goes on. Expected: the append is refused, no message of
 * the old leader stands after the first of the new one, no row is lost or there twice.
 */

const PATIENT = { timeout: 300_000 }
const ROUNDS = Number(process.env['SHEETFLOW_ROUNDS'] ?? runs(2, 100))
const STREAMS: ReadonlyMap<string, string> = new Map([
  ['capture:shop', 'SF_SRC_shop'],
  ['graph:desk', 'SF_GRAPH_desk'],
])
/** What a round may take: it waits for a lease to fall, and for a few rows to come round. */
const ROUND_MS = 120_000

vi.setConfig({ testTimeout: (ROUNDS + 2) * ROUND_MS })

test(`${String(ROUNDS)} leaders that were stopped before an append do no harm when they wake`, async () => {
  console.log(`SHEETFLOW_SEED=${String(SEED)}`)
  const random = new Random(SEED)
  await using ring = await ProcessRing.create({ silentMs: 3_000 })
  const candidates = ['one', 'two'].map((data) => ring.start('capture,graph', { data }))
  const serve = ring.start('store,serve')
  await Promise.all([...candidates, serve].map(({ ready }) => ready))
  const page = await ring.follow(serve)
  const shows = async (text: string): Promise<void> => await expect.poll(() => JSON.stringify(page.picture.fields), PATIENT).toContain(text)
  await shows(await ring.note())
  for (let round = 0; round < ROUNDS; round++) {
    const role = [...STREAMS.keys()][round < 2 ? round : random.below(STREAMS.size)]!
    await led(ring, role)
    const { text, old } = await stoppedBeforeAppend(ring, candidates, STREAMS.get(role)!)
    await expect.poll(async () => (await ring.leader(role))?.pid !== old.pid && (await ring.leader(role)) !== null, PATIENT).toBe(true)
    // The new one writes before the old one wakes: what was under way, read again.
    if (round % 2 === 0) await shows(text)
    old.signal('SIGCONT')
    await shows(text)
    await shows(await ring.note())
  }
  for (const stream of STREAMS.values()) expectOneAfterTheOther(stream, await ring.writers(stream))
  const written = (await ring.sql('select id::text from notes order by notes.id')).map(({ id }) => String(id))
  const all = await ring.follow(serve, '{ notes(order_by: [{id: asc}]) { id } }')
  await expect.poll(() => idsOf(all.picture.fields), PATIENT).toEqual(written)
})

async function led(ring: ProcessRing, role: string): Promise<void> {
  await expect.poll(() => ring.leader(role), PATIENT).not.toBeNull()
}

/** Writes a row and stops the leader when it is about to append what it makes of it: the row's text, and who that was. On a machine that stalls another one may lead by then. */
async function stoppedBeforeAppend(
  ring: ProcessRing,
  candidates: readonly RoleProcess[],
  stream: string,
): Promise<{ readonly text: string; readonly old: RoleProcess }> {
  const request = path.join(ring.stopFolder, stream)
  writeFileSync(request, '')
  const text = await ring.note()
  await expect.poll(() => existsSync(request), PATIENT).toBe(false)
  const stopped = (): RoleProcess | undefined => candidates.find(({ pid }) => stateOf(pid) === 'T')
  await expect.poll(stopped, PATIENT).toBeDefined()
  return { text, old: stopped()! }
}

/** `T`: stopped. */
function stateOf(pid: number): string {
  return /^State:\s+(\w)/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1] ?? ''
}

function expectOneAfterTheOther(stream: string, writers: readonly string[]): void {
  const turns = writers.filter((writer, i) => writer !== writers[i - 1]).map((writer) => `${stream} ${writer}`)
  expect(turns).toEqual([...new Set(turns)])
  expect(turns.length).toBeGreaterThan(1)
}

function idsOf(
  fields: Readonly<Record<string, { readonly rows: readonly { readonly values: Readonly<Record<string, unknown>> }[] }>>,
): string[] {
  return (fields['notes']?.rows ?? []).map(({ values }) => String(values['id']))
}
