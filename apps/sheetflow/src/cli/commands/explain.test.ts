import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseLine } from '../options.ts'
import { Output } from '../output.ts'
import { capturedProject } from '../testing/captured-project.ts'
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
  'taxed.sheet.yaml': `rows: =shop!items
keep: [id]
columns:
  net: =ROUND([@price]/1.23, 2)
  tax: =[@price]-ROUND([@price]/1.23, 2)
`,
}

let root: string

beforeAll(async () => {
  root = await capturedProject(SHEETS)
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

  it('shows which parts formulas have in common', async () => {
    const { events, texts } = await explained('taxed.tax')
    expect(events.filter((one) => one['kind'] === 'common part')).toEqual([
      { event: 'operator', kind: 'common part', on: 'ROUND([@price]/1.23, 2)', askedBy: ['w.taxed[net]', 'w.taxed[tax]'] },
    ])
    expect(texts.join('\n')).toContain('shared by w.taxed[net], w.taxed[tax]')
  })

  it('says what was meant by a name that is none', async () => {
    await expect(explained('itemz')).rejects.toMatchObject({ code: 'app/usage', fix: expect.stringContaining('items') as string })
    await expect(explained('items.colour')).rejects.toMatchObject({
      code: 'app/usage',
      fix: expect.stringMatching(/^Columns of w\.items are: /) as string,
    })
    await expect(explained()).rejects.toMatchObject({ code: 'app/usage', message: 'which sheet?' })
  })

  it('shows what has gone through the operators that run as they are written now', async () => {
    const on = { kind: 'aggregate', on: 'shop!public.items by [name]', askedBy: ['w.names[count]', 'w.names[sum]'] }
    const did = { size: 2, bytes: 4096, rowsIn: 1234, rowsOut: 5, suppressed: 1, ms: 2.5, worst: { rows: 700, key: 'ann' } }
    const other = { ...did, kind: 'aggregate', on: 'shop!public.items by [name]', askedBy: ['w.gone[x]'] }
    const head = { v: 1, since: '2026-11-26T00:00:00.000Z', at: '2026-11-26T00:00:05.000Z', deployment: 'v7' }
    const file = path.join(root, '.sheetflow/state/w.operators.json')
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, JSON.stringify({ ...head, operators: [other, { ...on, ...did }] }))
    const { events, texts } = await explained('names')
    rmSync(file)
    expect(events.filter((one) => one['kind'] === 'aggregate')).toEqual([{ event: 'operator', ...on, ...did }])
    expect(events.find((one) => one['event'] === 'operators')).toMatchObject({ deployment: 'v7', at: head.at })
    expect(texts.join('\n')).toContain(
      '2 groups in 4.1 kB; 1,234 in, 5 out, 1 stayed the same; 2.50 ms; at most 700 rows called at once, by ann',
    )
  })
})
