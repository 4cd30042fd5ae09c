/**
 * Poison messages (F14): rows that do not fit their table, bytes that are no JSON, and a message of no known shape are put on the real bus, between those of a real Postgres.
 * Expected: nothing stops; rows beside the poison and other tables go on; views of the poisoned table say `stale`, on open pages too, until the source has been read again, and never
 * call wrong rows ready; `sheetflow dlq` and the metrics name what was set aside, whether Sheetflow runs or not.
 */
import { must } from '@sheetflow/core/assert'
import { decodeMessage, encodeBody } from '@sheetflow/core/framing/codec'
import type { Page } from '@sheetflow/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BUSES } from './on-each-bus.ts'
import { PoisonedRing } from './poisoned-ring.ts'
import { LONG } from '@sheetflow/testkit/runs'

const PATIENT = { timeout: 120_000 }
/** Commands are started as processes, one after the other. */
const TIMEOUT_MS = 600_000
const NOTES = '{ notes(order_by: [{id: asc}], limit: 50) { id text } }'
const OTHERS = '{ others(order_by: [{id: asc}], limit: 50) { id } }'

describe.each(LONG ? BUSES : BUSES.slice(0, 1))('over %s', (kind) => {
  let ring: PoisonedRing
  let notes: Page

  beforeAll(async () => {
    ring = await PoisonedRing.create(kind)
    await ring.sql("insert into notes values (1, 'one'), (2, 'two'), (3, 'three')")
    await ring.start()
  }, 180_000)

  afterAll(async () => await ring[Symbol.asyncDispose](), 180_000)

  test(
    'a row that does not fit makes its view stale while the source cannot be asked, and the source heals it',
    { timeout: TIMEOUT_MS },
    async () => {
      notes = await ring.follow(NOTES)
      const others = await ring.follow(OTHERS)
      await shows(notes, ['one', 'two', 'three'])
      await ring.postgresAway()
      const offset = await ring.forge([
        ['u', ['2'], ['2', { x: 1 }], null],
        ['u', ['3'], ['3', 'beside'], null],
      ])
      // The fault is there: the row beside the poison has come, the poisoned one has not, and nobody calls it right.
      await expect.poll(() => textsOf(notes), PATIENT).toContain('beside')
      await expect.poll(() => stateOf(notes), PATIENT).toBe('stale')
      expect(textsOf(notes)).not.toContain('two')
      expect(stateOf(others)).toBe('live')
      const [letter] = await ring.run('dlq', 'list')
      expect(letter).toMatchObject({
        event: 'letter',
        id: `shop-${offset}-0`,
        graph: 'desk',
        source: 'shop',
        table: 'public.notes',
        key: ['2'],
        column: 'text',
        offset,
        code: 'core/bad-value',
      })
      await expect.poll(() => ring.metrics(), PATIENT).toMatch(/sheetflow_dead_letters_open\{role="graph:desk"\} 1/)
      await ring.run('dlq', 'retry', must(letter).id)
      await expect.poll(async () => (await ring.letters()).open[0]?.asks, PATIENT).toBe(2)
      await ring.postgresBack()
      await ring.sql("update notes set text = 'drei' where id = 3")
      await shows(notes, ['one', 'two', 'drei'])
      await expect.poll(() => stateOf(notes), PATIENT).toBe('live')
      expect(await ring.letters()).toMatchObject({ open: [], closed: [{ id: must(letter).id, state: 'healed' }] })
    },
  )

  test(
    'bytes that are no JSON, found at a start: the table is read again, and pages end with what the database has',
    { timeout: TIMEOUT_MS },
    async () => {
      await ring.stop()
      const offset = await ring.garbage('{"v":1,"table":"public.notes","rows":[["d",["1')
      await ring.sql("update notes set text = 'zwei' where id = 2")
      await ring.sql('delete from notes where id = 1')
      await ring.start()
      notes = await ring.follow(NOTES)
      await shows(notes, ['zwei', 'drei'])
      await expect
        .poll(async () => (await ring.letters()).closed.at(-1), PATIENT)
        .toMatchObject({ id: `shop-${offset}`, key: null, state: 'healed' })
      await expect.poll(() => stateOf(notes), PATIENT).toBe('live')
      expect(await statuses('desk.notes')).toEqual(['stale', 'ready', 'stale', 'ready'])
      expect(await statuses('desk.others')).toEqual([])
    },
  )

  test('a message of the inbox of no known shape is shown, also while nothing runs, and dropped', { timeout: TIMEOUT_MS }, async () => {
    const id = await ring.onBus(async (bus) => {
      const message = { subject: 'sf.in.graph.desk.edit', id: 'stray', body: encodeBody({ v: 1, kind: 'edit' }) }
      return `inbox-${(await bus.append('SF_IN_GRAPH_desk', [message])).last}`
    })
    await expect.poll(async () => (await ring.letters()).open.map((one) => one.id), PATIENT).toEqual([id])
    expect(stateOf(notes)).toBe('live')
    await ring.stop()
    expect(await ring.run('dlq', 'show', id)).toMatchObject([{ event: 'letter', id, code: 'core/bad-message', message: { bytes: 21 } }])
    expect(await ring.run('dlq', 'drop', 'inbox-0')).toMatchObject([{ event: 'error', code: 'app/usage' }])
    await ring.run('dlq', 'drop', id)
    expect((await ring.letters()).open).toHaveLength(1)
    await ring.start()
    await expect.poll(async () => (await ring.letters()).open, PATIENT).toEqual([])
    notes = await ring.follow(NOTES)
    await ring.sql("insert into notes values (4, 'vier')")
    await shows(notes, ['zwei', 'drei', 'vier'])
  })

  /** What the graph's stream has said of how this view stands, behind its first filling. */
  async function statuses(view: string): Promise<readonly string[]> {
    const said: string[] = []
    await ring.onBus(async (bus) => {
      const { first } = await bus.range('SF_GRAPH_desk')
      for await (const messages of bus.read('SF_GRAPH_desk', { from: first, untilNow: true })) {
        for (const stored of messages) {
          const { kind: what, message } = decodeMessage(stored)
          if (what === 'control' && message.kind === 'view' && message.view === view) said.push(message.status)
        }
      }
    })
    return said.slice(1)
  }
})

async function shows(page: Page, texts: readonly string[]): Promise<void> {
  await expect.poll(() => textsOf(page), PATIENT).toEqual(texts)
}

function textsOf(page: Page): readonly unknown[] {
  return (page.picture.fields['notes']?.rows ?? []).map(({ values }) => values['text'])
}

/** How the only field of a page stands. */
function stateOf(page: Page): string | undefined {
  return Object.values(page.picture.fields)[0]?.state
}
