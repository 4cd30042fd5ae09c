import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openSqliteBus } from '@sheetflow/bus/sqlite/sqlite-bus'
import { TransactionPacker } from '@sheetflow/core/framing/packer'
import { sourceSubjects } from '@sheetflow/core/framing/subjects'
import { schemaHash } from '@sheetflow/core/schema-hash'
import { sourceStream } from '@sheetflow/core/subject'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseLine } from '../options.ts'
import { Output } from '../output.ts'
import { explain } from './explain.ts'

const SHEETS = {
  'items.sheet.yaml': `rows: =shop!items
columns:
  dearer: =COUNTIFS([price], ">"&[@price])
  part: =[@price]/SUM(shop!items[price])
cost: {accept: whole-table}
`,
  'names.sheet.yaml': `rows: =UNIQUE(shop!items[name])
columns:
  count: =COUNTIFS(shop!items[name], [@name])
  sum: =SUMIFS(shop!items[price], shop!items[name], [@name])
`,
}

let root: string

/** A project whose source has told its tables to the bus: no server runs, no database is asked. */
beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'sheetflow-explain-'))
  mkdirSync(path.join(root, 'workbooks/w'), { recursive: true })
  for (const [name, text] of Object.entries(SHEETS)) writeFileSync(path.join(root, 'workbooks/w', name), text)
  const shop = { type: 'postgres', url: 'postgres://localhost/x', tables: ['public.*'] }
  writeFileSync(path.join(root, 'sheetflow.config.json'), JSON.stringify({ sources: { shop } }))
  await using bus = await openSqliteBus({ dir: path.join(root, '.sheetflow/bus') })
  const stream = sourceStream('shop')
  const { epoch } = await bus.ensure(stream)
  const packer = new TransactionPacker({ stream, epoch, subjects: sourceSubjects('shop') })
  const columns = [
    { name: 'id', id: 1, type: 'int' as const, null: false },
    { name: 'name', id: 2, type: 'text' as const, null: true },
    { name: 'price', id: 3, type: 'decimal' as const, p: 12, s: 2, null: true },
  ]
  packer.begin('1')
  packer.schema({ v: 1, table: 'public.items', schema: 1, hash: schemaHash(['id'], columns), key: ['id'], columns })
  packer.commit({ at: '2026-11-26T00:00:00.000000Z', mark: '', inbox: 0, causes: [] })
  await bus.append(stream, packer.take())
})

afterAll(() => {
  rmSync(root, { recursive: true })
})

/** Keeps what is printed. */
class Kept extends Output {
  readonly events: Readonly<Record<string, unknown>>[] = []
  readonly texts: string[] = []

  constructor() {
    super({ json: true, verbose: false })
  }

  override event(event: string, fields: Readonly<Record<string, unknown>>, text = ''): void {
    this.events.push({ event, ...fields })
    this.texts.push(text)
  }
}

async function explained(...words: string[]): Promise<Kept> {
  const output = new Kept()
  const config = path.join(root, 'sheetflow.config.json')
  expect(await explain.run(parseLine([...words, '--config', config], explain.options), output)).toBe(0)
  return output
}

describe('sheetflow explain', () => {
  it('shows a sheet: rows, key, each column with its cost, and the operators that keep it right', async () => {
    const { events, texts } = await explained('items')
    expect(events[0]).toMatchObject({ event: 'sheet', view: 'w.items', rows: 'relation', inputs: ['shop!public.items'], key: ['id'] })
    expect(events.filter((one) => one['event'] === 'column').map((one) => one['name'])).toEqual(['id', 'name', 'price', 'dearer', 'part'])
    expect(events.find((one) => one['name'] === 'part')).toMatchObject({
      cost: { class: 'whole-table' },
      formula: SHEETS['items.sheet.yaml'].match(/=\[@price\].*/)?.[0],
    })
    const operators = events.filter((one) => one['event'] === 'operator')
    expect(operators).toContainEqual({ event: 'operator', kind: 'sheet', on: 'w.items', askedBy: [] })
    expect(operators).toContainEqual({ event: 'operator', kind: 'aggregate', on: 'shop!public.items', askedBy: ['w.items[part]'] })
    expect(texts.join('\n')).toContain('fan-out from w.items')
  })

  it('shows which formulas share an index', async () => {
    const { events } = await explained('W.names.SUM')
    expect(events.filter((one) => one['event'] === 'column').map((one) => one['name'])).toEqual(['sum'])
    expect(events.filter((one) => one['kind'] === 'aggregate')).toEqual([
      { event: 'operator', kind: 'aggregate', on: 'shop!public.items by [name]', askedBy: ['w.names[count]', 'w.names[sum]'] },
    ])
  })

  it('says what was meant by a name that is none', async () => {
    await expect(explained('itemz')).rejects.toMatchObject({ code: 'app/usage', fix: expect.stringContaining('items') as string })
    await expect(explained('items.colour')).rejects.toMatchObject({ code: 'app/usage' })
    await expect(explained()).rejects.toMatchObject({ code: 'app/usage', message: 'which sheet?' })
  })
})
