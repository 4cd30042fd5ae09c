import { TransactionPacker } from '@sheetflow/core/framing/packer'
import { sourceSubjects } from '@sheetflow/core/framing/subjects'
import type { CaptureState, TableRunState } from '@sheetflow/core/message'
import { sourceStream } from '@sheetflow/core/subject'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { beforeEach, expect, test } from 'vitest'
import { readAllTableSchemas, readTableSchemas } from './table-schemas.ts'

const COLUMNS = [{ name: 'id', id: 1, type: 'int' as const, null: false }]
const RUN: TableRunState = { run: 1, start: true, loaded: false, last: null, finished: false, repair: [] }

let bus: MemoryBus

beforeEach(() => {
  bus = new MemoryBus()
})

function stateOf(...tables: readonly string[]): CaptureState {
  return { origin: { system: '', timeline: '', slot: '' }, epochs: [], tables: Object.fromEntries(tables.map((table) => [table, RUN])) }
}

async function write(fill: (packer: TransactionPacker) => void): Promise<void> {
  const stream = sourceStream('shop')
  const { epoch, last } = await bus.ensure(stream)
  const packer = new TransactionPacker({ stream, epoch, subjects: sourceSubjects('shop') })
  packer.begin(`${last + 1}`)
  fill(packer)
  packer.commit({ at: '2026-11-26T00:00:00.000000Z', mark: '', inbox: 0, causes: [] })
  await bus.append(stream, packer.take())
}

/** As capture writes it: the schemas, and behind them the run that reads the tables. */
async function begin(tables: readonly string[], ...all: readonly string[]): Promise<void> {
  await write((packer) => {
    for (const table of tables) packer.schema({ v: 1, table, schema: 1, hash: '', key: ['id'], columns: COLUMNS })
    packer.control({ kind: 'start', run: 1, tables, state: stateOf(...all) })
  })
}

test('a table that the source has dropped is not known any more, until there is one of its name again', async () => {
  const names = async (): Promise<readonly string[]> => [...(await readTableSchemas(bus, ['shop', 'other'])).keys()]
  expect(await names()).toEqual([])
  await begin(['public.a', 'public.b'], 'public.a', 'public.b')
  expect(await names()).toEqual(['shop!public.a', 'shop!public.b'])
  await write((packer) => packer.control({ kind: 'drop', table: 'public.b', state: stateOf('public.a') }))
  expect(await names()).toEqual(['shop!public.a'])
  expect([...(await readAllTableSchemas(bus, ['shop'])).keys()]).toEqual(['shop!public.a', 'shop!public.b'])
  // Its schema comes first.
  await write((packer) => packer.schema({ v: 1, table: 'public.b', schema: 2, hash: '', key: ['id'], columns: COLUMNS }))
  expect(await names()).toEqual(['shop!public.a', 'shop!public.b'])
  await write((packer) => packer.control({ kind: 'start', run: 2, tables: ['public.b'], state: stateOf('public.a', 'public.b') }))
  expect(await names()).toEqual(['shop!public.a', 'shop!public.b'])
})
