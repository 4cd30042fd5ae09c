import { TransactionPacker } from '@sheetflow/core/framing/packer'
import { sourceSubjects } from '@sheetflow/core/framing/subjects'
import type { RowChange } from '@sheetflow/core/message'
import { schemaHash } from '@sheetflow/core/schema-hash'
import type { TableSchema } from '@sheetflow/core/schema'
import { sourceStream } from '@sheetflow/core/subject'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { beforeEach, expect, test } from 'vitest'
import { findRow } from './find-row.ts'
import { traceRow, type RowTrace } from './row-trace.ts'

const COLUMNS = [
  { name: 'id', id: 1, type: 'bigint' as const, null: false },
  { name: 'name', id: 2, type: 'text' as const, null: true },
  { name: 'country', id: 3, type: 'text' as const, null: true },
]
const SCHEMA: TableSchema = { v: 1, table: 'public.people', schema: 1, hash: schemaHash(['id'], COLUMNS), key: ['id'], columns: COLUMNS }
const STREAM = sourceStream('shop')

let bus: MemoryBus
let packer: TransactionPacker
let n = 0

beforeEach(async () => {
  bus = new MemoryBus()
  const { epoch } = await bus.ensure(STREAM)
  packer = new TransactionPacker({ stream: STREAM, epoch, subjects: sourceSubjects('shop') })
  await transaction(() => packer.schema(SCHEMA))
})

async function transaction(fill: () => void): Promise<number> {
  packer.begin(`t${++n}`)
  fill()
  packer.commit({ at: '2026-11-26T00:00:00.000000Z', mark: '', inbox: 0, causes: [] })
  return (await bus.append(STREAM, packer.take())).last
}

const rows = (...changes: readonly RowChange[]): Promise<number> =>
  transaction(() =>
    packer.rows(
      'public.people',
      1,
      changes.map((change) => JSON.stringify(change)),
    ),
  )

async function trace(key: string): Promise<RowTrace> {
  return await traceRow(bus, await findRow(bus, ['shop'], { table: 'people', key, source: undefined }))
}

test('a row that was created, changed and deleted: what it had, apart from what others have', async () => {
  await rows(['c', ['1'], ['1', 'Ann', 'PL'], null])
  await rows(['c', ['7'], ['7', 'Bob', 'PL'], null], ['c', ['8'], ['8', 'Eve', 'DE'], null])
  await rows(['u', ['7'], ['7', 'Rob', 'FR'], ['7', 'Bob', 'PL']])
  const at = await rows(['d', ['7'], null, null])
  const found = await trace('7')
  expect(found).toMatchObject({ messages: 2, goneAt: at, lastAt: at, common: 1, renamed: [], lentTo: null })
  expect(found.values.map(({ json }) => json)).toEqual(['Bob', 'Rob', 'FR'])
})

test('one that is still there, and one of which nothing is said', async () => {
  const at = await rows(['c', ['7'], ['7', 'Bob', 'PL'], null])
  expect(await trace('7')).toMatchObject({ messages: 1, goneAt: null, lastAt: at })
  expect(await trace('8')).toMatchObject({ messages: 0, goneAt: null, lastAt: null })
})

test('one that was deleted and came again is there; a truncated table has none', async () => {
  await rows(['c', ['7'], ['7', 'Bob', 'PL'], null])
  await rows(['d', ['7'], null, null])
  await rows(['c', ['7'], ['7', 'Bert', 'PL'], null])
  expect(await trace('7')).toMatchObject({ goneAt: null })
  const at = await rows(['t', null, null, null])
  expect(await trace('7')).toMatchObject({ goneAt: at })
})

test('one that a later run of its table has not met is gone', async () => {
  await rows(['r', ['7'], ['7', 'Bob', 'PL'], null])
  const control = (kind: 'start' | 'loaded'): Promise<number> =>
    transaction(() =>
      packer.control({
        kind,
        run: 2,
        tables: ['public.people'],
        state: { origin: { system: '', timeline: '', slot: '' }, epochs: [], tables: {} },
      }),
    )
  await control('start')
  await rows(['r', ['1'], ['1', 'Ann', 'PL'], null])
  expect(await trace('7')).toMatchObject({ goneAt: null })
  const at = await control('loaded')
  expect(await trace('7')).toMatchObject({ goneAt: at })
  expect(await trace('1')).toMatchObject({ goneAt: null })
})

test('a new key: both rows name each other, and what was not sent again is lent', async () => {
  await rows(['c', ['7'], ['7', 'Bob', 'PL'], null])
  await rows(['d', ['7'], null, null], ['c', ['9'], ['9', { '~': 1 }, 'PL'], null])
  expect(await trace('7')).toMatchObject({ renamed: [['9']], lentTo: ['9'] })
  expect(await trace('9')).toMatchObject({ renamed: [['7']], lentTo: null, goneAt: null })
})

test('tables are named short, whole, with their source; what is none or several is said', async () => {
  for (const table of ['people', 'public.people', 'shop!people', 'SHOP!public.People']) {
    expect(await findRow(bus, ['shop'], { table, key: '7', source: undefined })).toMatchObject({ tables: ['public.people'], key: ['7'] })
  }
  await expect(findRow(bus, ['shop'], { table: 'peple', key: '7', source: undefined })).rejects.toMatchObject({ code: 'app/usage' })
  await expect(findRow(bus, ['shop'], { table: 'people', key: 'x', source: 'shp' })).rejects.toMatchObject({ code: 'app/usage' })
  await expect(findRow(bus, ['shop'], { table: 'people', key: '7,8', source: 'shop' })).rejects.toMatchObject({
    code: 'app/usage',
    message: expect.stringContaining('is no key of public.people') as string,
  })
})
