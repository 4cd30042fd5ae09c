/**
 * Values of up to 70 MiB come among small rows, and the process is killed while they are under way (F23). Expected: what is longer than 256 KiB leaves its row and is to be had at a signed address, byte
 * for byte; what is longer than 64 MiB is `#VALUE!`; no message of the bus grows with them, and the small rows go on.
 */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { until } from './fault-ring.ts'
import { BUSES, onRing } from './on-each-bus.ts'
import { LONG } from '@sheetflow/testkit/runs'

const KIB = 1024
const MIB = 1024 * KIB
/** Bytes of the text of document 1, 2, … */
const SIZES = [100 * KIB, 300 * KIB, 5 * MIB, 50 * MIB, 70 * MIB]
const BIG = 256 * KIB
/** A row that is longer gives away its largest values, and a message ends when it has a part of this. */
const BIG_ROW = 2 * 512 * KIB
const HUGE = 64 * MIB

interface Documents {
  readonly documents?: readonly { readonly id: number | string; readonly text: unknown }[]
}

test.runIf(LONG).each(BUSES)('over %s', async (bus) => {
  const tables = 'create table documents (id bigint primary key, text text not null)'
  const sheets = { 'documents.sheet.yaml': 'rows: =shop!documents\nkeep: [id, text]\npublish: {index: [id]}\nread:\n  clerk: all\n' }
  await onRing(bus, { tables, sheets }, async (ring) => {
    ring.writer.start(20)
    await ring.shows(20)
    await using source = await ring.connect()
    for (const [i, size] of SIZES.entries()) await source.query('insert into documents values ($1, $2)', [i + 1, textOf(i + 1, size)])
    await ring.kill()
    await ring.ready()
    const documents = async (): Promise<NonNullable<Documents['documents']>> =>
      ((await ring.query('{ documents(order_by: [{id: asc}]) { id text } }')) as Documents | null)?.documents ?? []
    await until(
      async () => (await documents()).length === SIZES.length,
      async () => `there are ${String((await documents()).length)} documents`,
    )
    const got = (await documents()).map(async ({ text }, i) => {
      const size = SIZES[i] ?? 0
      return size > HUGE ? text : hashOf(size > BIG ? await ring.fetched(String(text)) : String(text))
    })
    // An error cell is blank in the data of an answer; its kind stands beside them.
    expect(await Promise.all(got)).toEqual(SIZES.map((size, i) => (size > HUGE ? null : hashOf(textOf(i + 1, size)))))
    await ring.shows(ring.seen + 20)
    const { largestBytes } = await ring.settled()
    expect(largestBytes).toBeLessThan(BIG_ROW)
  })
})

/** Told by its number alone, of so many bytes. */
function textOf(id: number, bytes: number): string {
  return `document ${String(id)}. `.repeat(Math.ceil(bytes / 12)).slice(0, bytes)
}

function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
