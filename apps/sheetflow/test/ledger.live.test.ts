import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { ulid } from '@sheetflow/core/ulid'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { runCli } from '../src/cli/run.ts'
import { RunningShop, type ReadyEvent, type Said } from './running-shop.ts'

/** Where a value comes from, what it was, and what an edit would make of it: over the shop's real ring, compared with the SQL of its database. */

const PATIENT = { timeout: 90_000 }
const CONFIG = fileURLToPath(new URL('../../../examples/shop/sheetflow.config.ts', import.meta.url))

let shop: RunningShop
let ready: ReadyEvent
/** A customer of the clerk's, with an order that is placed, grows, and is shipped by a command. */
let customer: string
let order: string
const commandId = ulid(Date.now(), Math.random)
/** What the database said after each of the order's changes, by the position at which the views had it. */
const truths: { readonly position: number; readonly orders: number; readonly spent: string; readonly gross: string | null }[] = []

/** Runs the command here: what it prints, and how it ends. A process of its own for each of so many questions would take minutes. */
async function sheetflow(args: readonly string[], workbooks: string = shop.workbooks): Promise<Said> {
  const said = { out: '', err: '' }
  const keep = (to: 'out' | 'err') => (chunk: unknown) => {
    said[to] += String(chunk)
    return true
  }
  vi.stubEnv('SHEETFLOW_WORKBOOKS', workbooks)
  vi.spyOn(process.stdout, 'write').mockImplementation(keep('out'))
  vi.spyOn(process.stderr, 'write').mockImplementation(keep('err'))
  try {
    const code = await runCli([...args, '--config', CONFIG, '--data', shop.data])
    return { ...said, code }
  } finally {
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
  }
}

type Line = Readonly<Record<string, unknown>> & { readonly event?: string }

function lines(said: Said): readonly Line[] {
  return said.out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)
}

function only(said: Said, event: string): Line {
  const found = lines(said).find((line) => line.event === event)
  if (found === undefined) throw new Error(`no ${event} in ${said.out}${said.err}`)
  return found
}

async function ask(query: string): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(ready.urls.graphql, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${ready.token}` },
    body: JSON.stringify({ query }),
  })
  const { data } = (await response.json()) as { readonly data: Readonly<Record<string, unknown>> }
  return data
}

/** Decimals as a computed column writes them: without trailing zeros. */
function plain(decimal: unknown): string {
  return String(Number(decimal))
}

/** Waits until the views have what the database has, and keeps both. */
async function settle(): Promise<void> {
  const [row] = await shop.sql(
    `select count(*)::int as orders, coalesce(sum(total) filter (where status = 'shipped'), 0) as spent,
            (select round(total * 1.23, 2) from orders where id = $2 and status = 'open') as gross
     from orders where customer_id = $1`,
    [customer, order],
  )
  const truth = {
    orders: Number(row?.['orders']),
    spent: plain(row?.['spent']),
    gross: row?.['gross'] === null ? null : plain(row?.['gross']),
  }
  const seen = async (): Promise<unknown> => {
    const data = await ask(`{ customers_by_pk(id: "${customer}") { orders spent } open_orders_by_pk(id: "${order}") { gross } }`)
    const { orders, spent } = data['customers_by_pk'] as { readonly orders: number; readonly spent: string }
    const open = data['open_orders_by_pk'] as { readonly gross: string } | null
    return { orders, spent: plain(spent), gross: open === null ? null : plain(open.gross) }
  }
  await expect.poll(seen, PATIENT).toEqual(truth)
  const { position } = only(await sheetflow(['why', 'customers', customer, 'spent', '--depth', '0', '--json']), 'position')
  truths.push({ position: (position as { readonly offset: number }).offset, ...truth })
}

beforeAll(async () => {
  shop = await RunningShop.create()
  ready = await shop.start(0)
}, 120_000)

test('an order is placed, grows, and is shipped by a command', async () => {
  const [first] = await shop.sql('select id from customers where tenant = 1 order by id limit 1')
  customer = String(first?.['id'])
  const [placed] = await shop.sql(
    "insert into orders (customer_id, total, tenant, status) select id, 100.00, tenant, 'open' from customers where id = $1 returning id",
    [customer],
  )
  order = String(placed?.['id'])
  await settle()
  await shop.sql('update orders set total = 150.00 where id = $1', [order])
  await settle()
  const mutation = `mutation { command(id: "${commandId}", name: "ship_order", payload: {id: ${order}}) { id status } }`
  expect((await ask(mutation))['command']).toMatchObject({ id: commandId })
  await expect.poll(() => shop.sql('select status from orders where id = $1', [order]), PATIENT).toEqual([{ status: 'shipped' }])
  await settle()
  expect(truths.map(({ gross }) => gross)).toEqual(['123', '184.5', null])
})

afterAll(async () => {
  await shop[Symbol.asyncDispose]()
}, 120_000)

describe('why', () => {
  test('shows the value that SQL computes, its formula, the rows that it saw, and the command behind them', async () => {
    const said = await sheetflow(['why', 'customers', customer, 'spent', '--json', '--rows', '1000', '--limit', '1000'])
    expect(said).toMatchObject({ code: 0, err: '' })
    const cell = only(said, 'cell')
    const rows = await shop.sql("select id, total from orders where customer_id = $1 and status = 'shipped' order by id", [customer])
    expect(cell).toMatchObject({
      relation: 'sales.customers',
      key: [customer],
      column: 'spent',
      value: truths.at(-1)?.spent,
      formula: '=SUMIFS(shop!orders[total], shop!orders[customer_id], [@id], shop!orders[status], "shipped")',
      inputs: [
        { kind: 'cell', cell: { column: 'id', value: customer } },
        {
          kind: 'rows',
          function: 'sum',
          relation: 'shop!public.orders',
          criteria: [
            { column: 'customer_id', value: customer },
            { column: 'status', value: 'shipped' },
          ],
          count: rows.length,
          rows: rows.map(({ id, total }) => ({ key: [id], values: { total, customer_id: customer, status: 'shipped' } })),
        },
      ],
    })
    // What made it what it is: the command, named.
    const causes = [{ id: commandId, user: '7', name: 'ship_order' }]
    expect(only(said, 'since')).toMatchObject({
      causes,
      cells: [{ column: 'spent', before: truths.at(-2)?.spent, after: truths.at(-1)?.spent }],
    })
    const transactions = lines(said).filter(({ event }) => event === 'transaction')
    expect(transactions[0]).toMatchObject({
      stream: 'SF_SRC_shop',
      causes,
      rows: [{ table: 'public.orders', key: [order], op: 'u', cells: [{ column: 'status', before: 'open', after: 'shipped' }] }],
    })
    const offsets = transactions.map(({ position }) => (position as { readonly offset: number }).offset)
    expect(offsets).toEqual(offsets.toSorted((a, b) => b - a))
  })

  test('goes through sheets, and reads for people', async () => {
    const { out, code } = await shop.sheetflow(['why', 'sales_values', 'open_count', '--rows', '2', '--limit', '3'])
    const [counted] = await shop.sql("select count(*)::int as n from orders where status = 'open'")
    expect(code).toBe(0)
    expect(out).toContain(`open_count = ${String(counted?.['n'])}`)
    expect(out).toContain('=ROWS(open_orders[id])')
    expect(out).toContain('source transactions')
  })

  test('says why a row is not there', async () => {
    const said = await sheetflow(['why', 'open_orders', order, '--json'])
    expect(said.code).toBe(1)
    expect(only(said, 'absent')).toMatchObject({
      reason: 'filter',
      value: false,
      inputs: [{ kind: 'cell', cell: { relation: 'shop!public.orders', column: 'status', value: 'shipped' } }],
    })
    const nobody = await sheetflow(['why', 'open_orders', '99999999', '--json'])
    expect(only(nobody, 'absent')).toMatchObject({ reason: 'no-input', relation: 'shop!public.orders' })
  })

  test('as it was: the value that SQL gave then', async () => {
    for (const { position, spent } of truths) {
      const said = await sheetflow(['why', 'customers', customer, 'spent', '--at', String(position), '--json'])
      expect(only(said, 'cell')).toMatchObject({ value: spent })
    }
  })

  test('refuses what it cannot know, with the fix', async () => {
    const cases = [
      [['why', 'custmers', '1'], 2, 'did you mean customers?'],
      [['why', 'customers', customer, 'spend'], 2, 'spent'],
      [['why', 'customers', 'x,y'], 2, 'is no key of sales.customers'],
      [['why', 'customers', customer, '--at', 'yesterday'], 2, '--at takes a position or a time'],
      [['why', 'customers', customer, '--at', '2000-01-01'], 1, 'the oldest position that can be reached is'],
      [['why', 'customers'], 2, 'which value?'],
    ] as const
    for (const [args, code, words] of cases) {
      const said = await sheetflow(args)
      expect([args, said.code, said.err]).toEqual([args, code, expect.stringContaining(words) as string])
      expect(said.err).toContain('fix ')
    }
  })
})

describe('history', () => {
  test('is every change of the row, newest first, with old and new values and causes', async () => {
    const said = await sheetflow(['history', 'open_orders', order, '--json'])
    expect(said.code).toBe(0)
    const changes = lines(said).filter(({ event }) => event === 'change')
    expect(changes).toMatchObject([
      { kind: 'vanished', causes: [{ id: commandId, name: 'ship_order', user: '7' }] },
      {
        kind: 'changed',
        causes: [],
        cells: [
          { column: 'total', before: '100.00', after: '150.00' },
          { column: 'gross', before: '123', after: '184.5' },
        ],
      },
      { kind: 'appeared', causes: [] },
    ])
    expect(only(said, 'summary')).toMatchObject({ changes: 3, older: 0, trimmed: false })
    const bounded = await sheetflow(['history', 'open_orders', order, 'gross', '--limit', '1', '--json'])
    expect(only(bounded, 'summary')).toMatchObject({ changes: 1, older: 2 })
    const { err } = await sheetflow(['history', 'open_orders', order])
    expect(err).toContain('history begins at')
  })
})

describe('query --at', () => {
  test('shows a sheet as it was, as rows and through GraphQL, with the rights of the reader', async () => {
    for (const { position, orders, spent, gross } of truths) {
      const sheet = await sheetflow(['query', 'customers', '--at', String(position), '--json'])
      const { rows } = JSON.parse(sheet.out) as { readonly rows: readonly Readonly<Record<string, unknown>>[] }
      const row = rows.find(({ id }) => id === customer)
      expect({ orders: row?.['orders'], spent: row?.['spent'] }).toEqual({ orders, spent })
      const query = `{ customers_by_pk(id: "${customer}") { spent } open_orders_by_pk(id: "${order}") { gross } }`
      const answer = JSON.parse((await sheetflow(['query', query, '--at', String(position), '--json'])).out) as unknown
      expect(answer).toMatchObject({
        data: { customers_by_pk: { spent }, open_orders_by_pk: gross === null ? null : { gross } },
        extensions: { at: { sales: { position: { offset: position } } } },
      })
      const stranger = ['query', query, '--at', String(position), '--json', '--claims', '{"role": "clerk", "tenant": 999}']
      expect(JSON.parse((await sheetflow(stranger)).out)).toMatchObject({ data: { customers_by_pk: null, open_orders_by_pk: null } })
    }
  })
})

describe('preview', () => {
  let edited: string

  beforeAll(() => {
    edited = mkdtempSync(path.join(tmpdir(), 'edited-'))
    cpSync(shop.workbooks, edited, { recursive: true })
  })

  afterAll(() => rmSync(edited, { recursive: true }))

  function edit(name: string, change: (text: string) => string): void {
    const file = path.join(edited, 'sales', name)
    writeFileSync(file, change(readFileSync(path.join(shop.workbooks, 'sales', name), 'utf8')))
  }

  test('of files that are what runs: nothing would change', async () => {
    const said = await sheetflow(['preview', '--json'], edited)
    expect(only(said, 'summary')).toMatchObject({ rebuilt: 0, new: 0, gone: 0, untouched: 3 })
  })

  test('says what appears, changes and vanishes, and the deployment then does just that', async () => {
    edit('open_orders.sheet.yaml', (text) =>
      text
        .replace('shop!orders[status]="open"', 'OR(shop!orders[status]="open", shop!orders[status]="paid")')
        .replace('gross: =GROSS([@total])', 'gross: =[@total]&""\n  share: =[@total]/SUM([total])')
        .replace('publish:', 'cost: {accept: whole-table}\npublish:'),
    )
    const inbox = async (): Promise<unknown> => only(await sheetflow(['preview', '--json']), 'preview')['version']
    const before = await inbox()
    const said = await sheetflow(['preview', '--json', '--rows', '3'], edited)
    expect(said).toMatchObject({ code: 0, err: '' })
    const [counted] = await shop.sql(
      "select count(*) filter (where status = 'open')::int as open, count(*) filter (where status = 'paid')::int as paid from orders",
    )
    const [open, paid] = [Number(counted?.['open']), Number(counted?.['paid'])]
    const sheets = new Map(lines(said).flatMap((line) => (line.event === 'sheet' ? [[line['view'] as string, line]] : [])))
    expect(sheets.get('sales.open_orders')).toMatchObject({
      fate: 'rebuilt',
      readable: true,
      rows: { before: open, after: open + paid, appear: paid, vanish: 0, change: open, same: 0 },
      definition: {
        columns: [
          { column: 'gross', kind: 'changes', retyped: { before: 'decimal', after: 'text' } },
          { column: 'share', kind: 'appears', cost: { after: { class: 'whole-table' } } },
        ],
      },
    })
    expect(sheets.get('sales.customers')).toMatchObject({ fate: 'untouched' })
    expect(only(said, 'preview')).toMatchObject({ stream: 'SF_GRAPH_sales', inputs: { SF_SRC_shop: {} } })
    // Nobody noticed, and nothing was sent.
    expect(await inbox()).toEqual(before)
    // Deployed, it is what the preview said.
    const { rows } = sheets.get('sales.open_orders') as unknown as { readonly rows: { readonly examples: readonly Line[] } }
    const changed = rows.examples.find(({ kind }) => kind === 'changes') as unknown as {
      readonly key: readonly [string]
      readonly cells: readonly Line[]
    }
    cpSync(path.join(edited, 'sales'), path.join(shop.workbooks, 'sales'), { recursive: true })
    const gross = changed.cells.find(({ column }) => column === 'gross')?.['after']
    await expect.poll(async () => (await sheetflow(['query', 'open_orders', '--json'])).out, PATIENT).toContain(`"id":"${changed.key[0]}"`)
    const live = async (): Promise<unknown> => {
      const { out } = await sheetflow(['query', 'open_orders', '--json'])
      const all = (JSON.parse(out) as { readonly rows: readonly Readonly<Record<string, unknown>>[] }).rows
      return { count: all.length, gross: all.find(({ id }) => id === changed.key[0])?.['gross'] }
    }
    await expect.poll(live, PATIENT).toEqual({ count: open + paid, gross })
    // The order's history knows of it: it was filled anew, and then nothing else.
    const told = await sheetflow(['why', 'open_orders', changed.key[0], 'gross', '--json'])
    expect(only(told, 'since')).toMatchObject({ kind: 'changed', generation: 2, cells: [{ column: 'gross', after: gross }] })
  })

  test('of files that do not bind: the place, the reason and the fix, and nothing else', async () => {
    edit('open_orders.sheet.yaml', (text) => text.replace('[@total]&""', '[@totl]&""'))
    const said = await sheetflow(['preview'], edited)
    expect(said.code).toBe(1)
    expect(said.out).toMatch(/open_orders\.sheet\.yaml:\d+:\d+/)
    expect(said.err).toContain('what runs goes on running')
  })
})

describe('when Sheetflow is down', () => {
  test('the ledger can be read all the same', async () => {
    await shop.stop()
    for (const { position, spent } of truths.slice(-1)) {
      const said = await sheetflow(['why', 'customers', customer, 'spent', '--at', String(position), '--json'])
      expect(only(said, 'cell')).toMatchObject({ value: spent })
    }
    expect((await sheetflow(['history', 'open_orders', order, '--json'])).code).toBe(0)
    expect((await sheetflow(['preview', '--json'])).code).toBe(0)
  })
})
