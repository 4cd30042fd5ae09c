import { describe, expect, it } from 'vitest'
import type { BoundGraph, BoundSheet } from '@sheetflow/formula/bound'
import { SALES, TABLES, ordersWith } from '../testing/shop.ts'
import { compileGraph } from './compile-graph.ts'
import type { CompileOutput } from './input.ts'

function compile(files: Readonly<Record<string, string>>, tables = TABLES): CompileOutput {
  return compileGraph({ files, tables })
}

/** One sheet of the workbook `w`, compiled; diagnostics as `code at line:column message`. */
function problems(sheet: string, more: Readonly<Record<string, string>> = {}): string[] {
  return compile({ 'w/s.sheet.yaml': sheet, ...more }).diagnostics.map((one) => `${one.code} ${one.line}:${one.column} ${one.message}`)
}

function graphOf(files: Readonly<Record<string, string>>, tables = TABLES): BoundGraph {
  const { graph, diagnostics } = compile(files, tables)
  expect(diagnostics.filter((one) => one.severity === 'error')).toEqual([])
  if (graph === null) throw new Error('a graph')
  return graph
}

function sheetOf(graph: BoundGraph, view: string): BoundSheet {
  const sheet = graph.sheets.find((one) => one.view === view)
  if (sheet === undefined) throw new Error(view)
  return sheet
}

function columnsOf(sheet: BoundSheet): string[] {
  return sheet.schema.columns.map((column) => `${column.name} ${column.type}${column.null ? '?' : ''}`)
}

describe('the examples of FORMATS 7', () => {
  const { graph, diagnostics } = compile(SALES)

  it('compile without a word', () => {
    expect(diagnostics).toEqual([])
    expect(graph?.sheets.map((sheet) => sheet.view)).toEqual(['sales.customers', 'sales.open_orders', 'sales.paid_orders'])
    expect(graph?.tables.map((table) => table.id)).toEqual(['shop!public.customers', 'shop!public.orders'])
    expect(graph?.timeZones).toEqual({ sales: 'Europe/Warsaw' })
  })

  it('know the types of all columns', () => {
    expect(columnsOf(sheetOf(graphOf(SALES), 'sales.open_orders'))).toEqual([
      'id bigint',
      'customer_id bigint?',
      'total decimal?',
      'placed_at timestamptz?',
      'customer text?',
      'tenant int?',
      'gross decimal',
      'label text',
    ])
    expect(columnsOf(sheetOf(graphOf(SALES), 'sales.customers'))).toEqual([
      'id bigint',
      'name text?',
      'tenant int?',
      'orders int',
      'spent decimal',
      'last timestamptz?',
    ])
  })

  it('have rules, lists, indexes and formats in their schemas', () => {
    const orders = sheetOf(graphOf(SALES), 'sales.open_orders').schema
    expect(orders.read).toEqual({
      clerk: { rows: { op: 'eq', column: 'tenant', value: { claim: 'tenant' } }, hide: [] },
      customer: { rows: { op: 'eq', column: 'customer_id', value: { claim: 'id' } }, hide: ['tenant'] },
    })
    expect(orders).toMatchObject({ index: ['customer_id', 'placed_at'], search: ['customer'], format: { gross: '#,##0.00' }, key: ['id'] })
    expect(sheetOf(graphOf(SALES), 'sales.customers').schema.lists).toEqual({
      open: { view: 'sales.open_orders', on: [['customer_id', 'id']] },
    })
    expect(sheetOf(graphOf(SALES), 'sales.paid_orders').schema).not.toHaveProperty('read')
  })

  it('come out the same whenever they are compiled, and columns keep their ids in whatever company', () => {
    expect(compile(SALES)).toEqual(compile(SALES))
    const fewer = {
      ...SALES,
      'sales/customers.sheet.yaml':
        'rows: =shop!customers\ncolumns:\n  spent: =SUMIFS(shop!orders[total], shop!orders[customer_id], [@id])\n',
    }
    const id = (files: typeof SALES): number | undefined =>
      sheetOf(graphOf(files), 'sales.customers').columns.find((one) => one.name === 'spent')?.id
    expect(id(fewer)).toBe(id(SALES))
  })
})

describe('names', () => {
  it('of columns: rows, kept or not, and computed ones', () => {
    expect(problems('rows: =shop!orders\ncolumns:\n  a: =[@status]\n  b: =[@a]&"!"\n')).toEqual([])
    expect(problems('rows: =shop!orders\ncolumns:\n  a: =[@stats]\n')).toEqual(['formula/unknown-name 3:9 s has no column "stats"'])
  })

  it('a computed column may take the name of one that is not kept, and reads that one', () => {
    const graph = graphOf({ 'w/s.sheet.yaml': 'rows: =shop!orders\ncolumns:\n  status: =UPPER([@status])\n  long: =[@status]&"!"\n' })
    const [status, long] = sheetOf(graph, 'w.s').columns.slice(5)
    expect(status?.formula).toMatchObject({ fn: 'UPPER', args: [{ kind: 'column', column: 3 }] })
    expect(long?.formula).toMatchObject({ args: [{ kind: 'column', column: 5 }, {}] })
    expect(problems('rows: =shop!orders\nkeep: [status]\ncolumns:\n  status: =UPPER([@status])\n')).toEqual([
      'workbook/name 4:3 "status" is kept from the rows already',
    ])
  })

  it('of sheets: in the workbook, in another one, by source', () => {
    const other = { 'ops/late.sheet.yaml': 'rows: =shop!orders\nkeep: [total]\n' }
    expect(problems('rows: =ops!late\ncolumns:\n  x: =[@total]\n', other)).toEqual([])
    expect(problems('rows: =late\n', other)).toEqual(['formula/unknown-name 1:8 there is no table or sheet "late"'])
    expect(problems('rows: =shop!public.orders\n')).toEqual([])
    expect(problems('rows: =shop!order\n')).toEqual(['formula/unknown-name 1:8 there is no table or sheet "shop!order"'])
  })

  it('of another sheet only what it passes on', () => {
    const base = { 'w/base.sheet.yaml': 'rows: =shop!orders\nkeep: [total]\ncolumns:\n  twice: =[@total]*2\n' }
    expect(problems('rows: =base\nkeep: [total, twice]\n', base)).toEqual([])
    expect(problems('rows: =base\ncolumns:\n  x: =[@status]\n', base)).toEqual(['formula/unknown-name 3:9 s has no column "status"'])
  })

  it('that cannot be published', () => {
    expect(problems('rows: =shop!customers\nkeep: [unit price]\n')).toEqual([
      'workbook/name 2:8 "unit price" cannot be the name of a column that is passed on',
    ])
    expect(problems('rows: =shop!customers\ncolumns:\n  unit-price: =[@[unit price]]\n')).toEqual([
      'workbook/name 3:3 "unit-price" cannot be the name of a column',
    ])
    expect(compile({ 'w/Big Orders.sheet.yaml': 'rows: =shop!orders' }).diagnostics[0]).toMatchObject({
      code: 'workbook/name',
      fix: 'rename it, for example to big_orders',
    })
    expect(
      compile({ 'a/s.sheet.yaml': 'rows: =shop!orders\nread: {x: all}', 'b/s.sheet.yaml': 'rows: =shop!orders\nread: {x: all}' })
        .diagnostics[0],
    ).toMatchObject({
      code: 'workbook/name',
      message: '"s" is published by a.s too',
    })
  })

  it('a sheet and a column of every letter case are one', () => {
    expect(problems('rows: =SHOP!Orders\nkeep: [TOTAL]\ncolumns:\n  x: =[@Total]\n')).toEqual([])
  })

  it('a column that is named twice in `keep`, or is the key, is there once', () => {
    const { graph, diagnostics } = compile({ 'w/s.sheet.yaml': 'rows: =shop!orders\nkeep: [total, id, status, TOTAL]\n' })
    expect([graph?.sheets[0]?.schema.columns.map(({ name }) => name), diagnostics]).toEqual([['id', 'total', 'status'], []])
  })

  it('keep: all says what it exposes', () => {
    const { diagnostics, graph } = compile({ 'w/s.sheet.yaml': 'rows: =shop!orders\nkeep: all\n' })
    expect(diagnostics).toMatchObject([
      { severity: 'warning', message: '"keep: all" passes on 5 columns: id, customer_id, total, status, placed_at' },
    ])
    expect(graph?.sheets[0]?.published).toEqual([0, 1, 2, 3, 4])
  })
})

describe('named values', () => {
  const workbook = {
    'w/workbook.yaml':
      'values:\n  VAT: 0.23\n  FACTOR: =1+VAT\n  TOTAL: =SUM(shop!orders[total])\n  SHARE: =TOTAL/100\n  NAME: no\n  WHEN: 2026-11-23\n  NOTHING:\n  ON: true\n  QUOTED: "5"\n  TWICE: =LAMBDA(x, x*2)\n  FOUR: =TWICE(TWICE(1))\n',
  }

  it('are read from their source text', () => {
    const graph = graphOf({
      ...workbook,
      'w/s.sheet.yaml':
        'rows: =shop!orders\ncolumns:\n  a: =VAT\n  b: =NAME\n  c: =WHEN\n  d: =NOTHING\n  e: =ON\n  f: =QUOTED\n  g: =FOUR\n  h: =factor\n',
    })
    const types = sheetOf(graph, 'w.s')
      .columns.slice(5)
      .map(({ formula }) => `${formula?.type?.type ?? 'Blank'}`)
    expect(types).toEqual(['decimal', 'text', 'date', 'Blank', 'bool', 'text', 'int', 'decimal'])
    expect(
      sheetOf(graph, 'w.s')
        .columns.slice(5)
        .every(({ formula }) => formula?.kind === 'const'),
    ).toBe(true)
  })

  it('with formulas are a sheet of one row', () => {
    const sheet = sheetOf(graphOf(workbook), 'w.w_values')
    expect(sheet).toMatchObject({ rows: { kind: 'single' }, key: [], schema: { single: true, key: [] } })
    expect(columnsOf(sheet)).toEqual(['FACTOR decimal', 'TOTAL decimal', 'SHARE decimal', 'FOUR int'])
    expect(sheet.columns[2]?.formula).toMatchObject({ fn: '/', args: [{ kind: 'column', column: 1 }, {}] })
  })

  it('that change with tables recompute whole sheets, which must be accepted', () => {
    const sheet = 'rows: =shop!orders\ncolumns:\n  share: =[@total]/TOTAL\n'
    expect(problems(sheet, workbook)).toEqual(['formula/cost 3:10 each change recomputes "share" in every row'])
    const accepted = graphOf({ ...workbook, 'w/s.sheet.yaml': `${sheet}cost: {accept: whole-table, every: 5s}\n` })
    expect(sheetOf(accepted, 'w.s').cost).toEqual({ class: 'whole-table', table: 'w.s', accepted: { everyMs: 5000 } })
    expect(accepted.sheets.map((one) => one.view)).toEqual(['w.w_values', 'w.s'])
  })

  it('that go through whole columns must be accepted, in a sheet as in the workbook, and the fix names what is cheaper', () => {
    const sheet = 'rows: =shop!orders\ncolumns:\n  product: =[@id]+SUMPRODUCT(shop!orders[total], shop!orders[id])\n'
    const said = compile({ ...workbook, 'w/s.sheet.yaml': sheet }).diagnostics
    expect(said).toMatchObject([
      {
        code: 'formula/cost',
        message: 'each change of shop!public.orders computes "product" anew from all of its rows',
        why: expect.stringContaining('SUMPRODUCT takes whole columns') as string,
        fix: expect.stringMatching(/column with the product.*SUM.*cost: \{accept: whole-table/) as string,
      },
    ])
    const values = 'values:\n  IDS: =TEXTJOIN(", ", TRUE, shop!orders[id])\n'
    expect(compile({ 'w/workbook.yaml': values }).diagnostics).toMatchObject([
      { code: 'formula/cost', fix: expect.stringMatching(/^accept/) as string },
    ])
    const accepted = graphOf({
      'w/workbook.yaml': `${values}cost: {accept: whole-table}\n`,
      'w/s.sheet.yaml': `${sheet}cost: {accept: whole-table}\n`,
    })
    expect(sheetOf(accepted, 'w.w_values').cost).toMatchObject({ class: 'whole-table', table: 'shop!public.orders', accepted: {} })
    expect(sheetOf(accepted, 'w.s').cost).toMatchObject({ class: 'whole-table', accepted: {} })
  })

  it('NOW() in a column is recomputed in every row each minute, itself or by a named value: accepted only', () => {
    const sheet = 'rows: =shop!orders\ncolumns:\n  age: =NOW()-[@placed_at]\n  day: =TODAY()\n'
    expect(problems(sheet, workbook)).toEqual(['formula/cost 3:8 each minute recomputes "age" in every row'])
    const named = { 'w/workbook.yaml': 'values:\n  MINUTE_NOW: =NOW()\n' }
    expect(problems('rows: =shop!orders\ncolumns:\n  late: =[@placed_at]<MINUTE_NOW\n', named)).toEqual([
      'formula/cost 3:9 each change recomputes "late" in every row',
    ])
  })

  it('that go through whole columns of a sheet stand behind it', () => {
    const files = {
      'w/workbook.yaml': 'values:\n  ALL: =TEXTJOIN(", ", TRUE, s[label])\ncost: {accept: whole-table}\n',
      'w/s.sheet.yaml': 'rows: =shop!orders\ncolumns:\n  label: =[@id]&"!"\n',
    }
    expect(graphOf(files).sheets.map((one) => one.view)).toEqual(['w.s', 'w.w_values'])
  })

  it('can be published', () => {
    const graph = graphOf({
      'w/workbook.yaml': 'values:\n  TOTAL: =SUM(shop!orders[total])\nread: {clerk: all}\nformat: {TOTAL: "0.00"}\n',
    })
    expect(sheetOf(graph, 'w.w_values').schema).toMatchObject({ read: { clerk: { rows: null, hide: [] } }, format: { TOTAL: '0.00' } })
  })

  it('have names that formulas can tell apart', () => {
    const names = (text: string): string[] => compile({ 'w/workbook.yaml': `values:\n${text}` }).diagnostics.map((one) => one.message)
    expect(names('  A1: 1\n')).toEqual(['"A1" is the address of a cell in Excel'])
    expect(names('  sum: 1\n')).toEqual(['"sum" is a function'])
    expect(names('  a b: 1\n')).toEqual(['"a b" cannot be the name of a value'])
    expect(names('  X: 1\n  x: 2\n')).toEqual(['there are two values "x"'])
  })

  it('report what is wrong in a function where it is called', () => {
    const broken = { 'w/workbook.yaml': 'values:\n  F: =LAMBDA(x, x+[@nope])\n' }
    expect(problems('rows: =shop!orders\ncolumns:\n  a: =F(1)\n', broken)).toEqual([
      'formula/unknown-name 3:7 in F: s has no column "nope"',
    ])
    expect(problems('rows: =shop!orders\n', { 'w/workbook.yaml': 'values:\n  F: =LAMBDA(x, x+\n' })).toContainEqual(
      expect.stringMatching(/^formula\/syntax 2:/),
    )
  })
})

describe('circles', () => {
  it('of columns', () => {
    expect(problems('rows: =shop!orders\ncolumns:\n  a: =[@b]\n  b: =[@c]\n  c: =[@a]\n')).toEqual([
      'formula/cycle 5:9 this formula depends on itself: s[a] → s[b] → s[c] → s[a]',
    ])
    expect(problems('rows: =shop!orders\ncolumns:\n  a: =[@a]+1\n')).toEqual([
      'formula/cycle 3:9 this formula depends on itself: s[a] → s[a]',
    ])
  })

  it('of sheets, by rows', () => {
    const { diagnostics } = compile({ 'w/a.sheet.yaml': 'rows: =b\n', 'w/b.sheet.yaml': 'rows: =a\n' })
    expect(diagnostics.length).toBeGreaterThan(0)
    expect(diagnostics.every((one) => one.code === 'formula/cycle')).toBe(true)
    expect(diagnostics[0]?.message).toContain('→')
  })

  it('of sheets, by columns', () => {
    const files = {
      'w/a.sheet.yaml': 'rows: =shop!orders\ncolumns:\n  x: =COUNTIFS(b[n], 1)\n  y: =1\n',
      'w/b.sheet.yaml': 'rows: =shop!customers\ncolumns:\n  n: =1\n  m: =COUNTIFS(a[y], [@id])\n',
    }
    expect(compile({ ...files, 'w/a.sheet.yaml': files['w/a.sheet.yaml'].replace('b[n], 1', 'b[n], [@id]') }).diagnostics).toMatchObject([
      { code: 'formula/cycle', message: 'these sheets read each other: w.a → w.b → w.a' },
    ])
  })

  it('of named values', () => {
    expect(compile({ 'w/workbook.yaml': 'values:\n  A: =B+1\n  B: =A+1\n' }).diagnostics[0]).toMatchObject({
      code: 'formula/cycle',
      message: expect.stringContaining('w!A → w!B → w!A') as string,
    })
  })

  it('a nested list is none: lists are joined by who asks', () => {
    const files = {
      'w/customers.sheet.yaml': 'rows: =shop!customers\ncolumns:\n  orders: =FILTER(orders, orders[customer_id]=[@id])\n',
      'w/orders.sheet.yaml':
        'rows: =shop!orders\nkeep: [customer_id]\ncolumns:\n  customer: =XLOOKUP([@customer_id], customers[id], customers[id])\n',
    }
    expect(compile(files).diagnostics).toEqual([])
  })
})

describe('nested lists', () => {
  const orders = {
    'w/orders.sheet.yaml': 'rows: =shop!orders\nkeep: [customer_id, total, status, placed_at]\npublish: {index: [status]}\n',
  }
  const listed = (condition: string): string => `rows: =shop!customers\nkeep: [name]\ncolumns:\n  orders: '=FILTER(orders, ${condition})'\n`

  it('join by equalities, and may have conditions on the child', () => {
    const graph = graphOf({
      ...orders,
      'w/s.sheet.yaml': listed(
        'AND(orders[customer_id]=[@id], EXACT(orders[status], "open"), orders[total]>=10, orders[placed_at]>=DATE(2026,1,1))',
      ),
    })
    expect(sheetOf(graph, 'w.s').schema.lists['orders']).toEqual({
      view: 'w.orders',
      on: [['customer_id', 'id']],
      where: {
        op: 'and',
        of: [
          { op: 'eq', column: 'status', value: 'open' },
          { op: 'ge', column: 'total', value: '10.00' },
          { op: 'ge', column: 'placed_at', value: '2026-01-01T00:00:00.000000Z' },
        ],
      },
    })
  })

  it.each([
    ['orders[customer_id]=1', 'formula/not-allowed 4:11 the list would be the same in every row'],
    ['orders[status]=[@name]', 'formula/not-allowed 4:28 "orders[status] = [@name]" compares texts without regard to letter case'],
    ['orders[customer_id]=[@country]', 'formula/unknown-name 4:48 "country" is not passed on by this sheet: add it to keep'],
    ['orders[customer_di]=[@id]', 'formula/unknown-name 4:28 orders has no column "customer_di"; did you mean orders[customer_id]?'],
    [
      'orders[customer_id]=[@nmae]',
      'formula/unknown-name 4:48 "nmae" is not passed on by this sheet: add it to keep; did you mean [@name]?',
    ],
    ['orders[nope]=[@id]', 'formula/unknown-name 4:28 orders has no column "nope"'],
    ['OR(orders[customer_id]=[@id], TRUE)', 'formula/not-allowed 4:11 columns of this sheet can only stand in equalities, joined by AND'],
    ['LEN(orders[status])=1', 'formula/not-allowed 4:28 no column is compared here'],
    ['orders[customer_id]=[@name]', 'formula/type 4:48 bigint column "customer_id" is compared with text'],
  ])('%s is refused', (condition, wanted) => {
    expect(problems(listed(condition), orders)).toEqual([wanted])
  })

  it('guess the sheet that was meant', () => {
    const { diagnostics } = compile({
      ...orders,
      'w/s.sheet.yaml': listed('orders[customer_id]=[@id]').replace('FILTER(orders', 'FILTER(ordrs'),
    })
    expect(diagnostics.map((one) => `${one.message}: ${one.fix}`)).toEqual(['there is no sheet "ordrs": did you mean orders?'])
  })

  it('show rows of sheets, not of tables', () => {
    expect(problems('rows: =shop!customers\ncolumns:\n  x: =FILTER(shop!orders, shop!orders[customer_id]=[@id])\n')).toEqual([
      'formula/not-allowed 3:14 a nested list shows rows of a sheet, and this is a table of the source',
    ])
  })
})

describe('read rules', () => {
  const base =
    'rows: =shop!orders\nkeep: [customer_id, total, status, placed_at]\ncolumns:\n  late: =[@total]>5\npublish: {index: [status]}\nread:\n'
  const user = { 'w/workbook.yaml': 'user: {id: bigint, name: text}\n' }
  const rule = (formula: string): unknown =>
    sheetOf(graphOf({ ...user, 'w/s.sheet.yaml': `${base}  clerk: '${formula}'\n` }), 'w.s').schema.read?.['clerk']?.rows
  const refused = (formula: string): string[] => problems(`${base}  clerk: '${formula}'\n`, user)

  it.each([
    ['=[@customer_id]=user[id]', { op: 'eq', column: 'customer_id', value: { claim: 'id' } }],
    ['=[@customer_id]=USER("id")', { op: 'eq', column: 'customer_id', value: { claim: 'id' } }],
    ['=user[id]=[@customer_id]', { op: 'eq', column: 'customer_id', value: { claim: 'id' } }],
    ['=10<[@total]', { op: 'gt', column: 'total', value: '10.00' }],
    ['=[@total]<>-1.5', { op: 'ne', column: 'total', value: '-1.50' }],
    ['=EXACT([@status], "open")', { op: 'eq', column: 'status', value: 'open' }],
    ['=EXACT([@status], user[name])', { op: 'eq', column: 'status', value: { claim: 'name' } }],
    ['=NOT(ISBLANK([@total]))', { op: 'not', of: { op: 'blank', column: 'total' } }],
    [
      '=OR([@total]<=1, [@late])',
      {
        op: 'or',
        of: [
          { op: 'le', column: 'total', value: '1.00' },
          { op: 'eq', column: 'late', value: true },
        ],
      },
    ],
    ['=[@placed_at]>="2026-01-01"', { op: 'ge', column: 'placed_at', value: '2026-01-01T00:00:00.000000Z' }],
    ['=TRUE', { op: 'and', of: [] }],
  ])('%s', (formula, wanted) => {
    expect(rule(formula)).toEqual(wanted)
  })

  it.each([
    ['=[@status]="open"', /^workbook\/read-rule 7:12 .*compares texts/],
    ['=[@total]>[@customer_id]', /^workbook\/read-rule 7:12 two columns/],
    ['=LEN([@status])=4', /^workbook\/read-rule 7:12 no column is compared/],
    ['=[@total]=SUM(shop!orders[total])', /^workbook\/read-rule 7:21 this is no constant/],
    ['=[@customer_id]=USER("nope")', /^formula\/unknown-name 7:27 the claim "nope" is not declared/],
    ['=[@customer_id]=user[nope]', /^formula\/unknown-name 7:27 the claim "nope" is not declared/],
    ['=[@nope]=1', /^formula\/unknown-name 7:12 this sheet has no column "nope"/],
    ['=[total]=1', /^formula\/unknown-name 7:12 this is the whole column/],
    ['=[@customer_id]=user[name]', /^formula\/type 7:27 bigint column "customer_id" is compared with text/],
    ['=[@customer_id]=1.5', /^formula\/type 7:27 no value of bigint column/],
    ['=[@total]', /^workbook\/read-rule 7:12 this cannot stand in a read rule/],
    ['=1+', /^formula\/syntax/],
  ])('%s is refused', (formula, wanted) => {
    expect(refused(formula)[0]).toMatch(wanted)
  })

  it('name the fix for texts', () => {
    expect(compile({ ...user, 'w/s.sheet.yaml': `${base}  clerk: '=[@status]="open"'\n` }).diagnostics[0]?.fix).toBe(
      'write EXACT([@status], "open"), which compares exactly',
    )
  })

  it('stand on columns that are passed on and, if text, indexed', () => {
    expect(problems("rows: =shop!orders\nread:\n  clerk: '=[@total]=1'\n")).toEqual([
      'formula/unknown-name 3:12 "total" is not passed on by this sheet: add it to keep',
    ])
    expect(problems('rows: =shop!orders\nkeep: [status]\nread:\n  clerk: \'=EXACT([@status], "a")\'\n')).toEqual([
      'workbook/read-rule 4:18 text column "status" is not indexed',
    ])
    expect(problems("rows: =shop!customers\nkeep: [extra]\nread:\n  clerk: '=ISBLANK([@extra])'\n")).toEqual([
      'workbook/read-rule 4:20 json columns cannot be filtered on',
    ])
  })

  it('hide columns, but not the key', () => {
    expect(problems('rows: =shop!orders\nkeep: [total]\nread: {a: {hide: [total]}}\n')).toEqual([])
    expect(problems('rows: =shop!orders\nkeep: [total]\nread: {a: {hide: [id]}}\n')).toEqual([
      'workbook/read-rule 3:19 the key column "id" cannot be hidden',
    ])
    expect(problems('rows: =shop!orders\nkeep: [total]\nread: {a: {hide: [totl]}}\n')).toEqual([
      'formula/unknown-name 3:19 this sheet has no column "totl"',
    ])
  })
})

describe('sheets with data', () => {
  it('are read by type', () => {
    const graph = graphOf({
      'w/regions.sheet.yaml':
        'key: country\ntypes: {country: text, rate: decimal, on: bool, since: date}\ndata:\n  - [country, rate, on, since]\n  - [PL, 9.50, true, 2026-01-01]\n  - [no, ~, null, ~]\n',
    })
    const sheet = sheetOf(graph, 'w.regions')
    expect(columnsOf(sheet)).toEqual(['country text', 'rate decimal?', 'on bool?', 'since date?'])
    expect(
      sheet.rows.kind === 'data'
        ? sheet.rows.rows.map((row) => row.map((value) => (value === null ? 'Blank' : JSON.stringify(value))))
        : [],
    ).toEqual([
      ['"PL"', '"9.50"', 'true', '20454'],
      ['"no"', 'Blank', 'Blank', 'Blank'],
    ])
  })

  it.each([
    ['types: {a: text}\ndata: [[a], [x]]\n', 'workbook/shape 1:1 a sheet with data needs a key'],
    ['key: b\ntypes: {a: text}\ndata: [[a], [x]]\n', 'workbook/shape 1:6 the key column "b" has no type'],
    ['key: a\ntypes: {a: txt}\ndata: [[a], [x]]\n', 'workbook/shape 2:12 "txt" is no type'],
    ['key: a\ntypes: {a: int}\ndata: [[a], [x]]\n', 'workbook/shape 3:14 "x" is no int'],
    ['key: a\ntypes: {a: int}\ndata: [[a], [1], [1]]\n', 'workbook/shape 3:18 this key is there twice'],
    ['key: a\ntypes: {a: int}\ndata: [[a], [~]]\n', 'workbook/shape 3:13 a key value is missing'],
    ['key: a\ntypes: {a: int}\ndata: [[a, b], [1, 2]]\n', 'workbook/shape 3:12 "b" has no type'],
    ['rows: =shop!orders\nkey: a\ntypes: {a: int}\ndata: [[a], [1]]\n', 'workbook/shape 1:7 a sheet has `rows` or `data`, not both'],
  ])('%j is refused', (sheet, wanted) => {
    expect(problems(sheet)).toContainEqual(wanted)
  })
})

describe('changes at the source', () => {
  const files = {
    'w/s.sheet.yaml':
      'rows: =shop!orders\nkeep: [total, status]\ncolumns:\n  gross: =[@total]*2\n  upper: =UPPER([@status])\n  both: =[@gross]&[@upper]\n  none: =[@id]\n',
  }
  const { ids } = compile(files)
  const after = (change: Parameters<typeof ordersWith>[0]): CompileOutput =>
    compileGraph({ files, ids, tables: new Map([...TABLES, ['shop!public.orders', ordersWith(change)]]) })

  it('ids are what the names in the files stand for', () => {
    expect(ids).toEqual({ 'shop!public.orders': { id: 1, status: 4, total: 3 } })
  })

  it('a rename keeps the deployment working, and is reported as drift', () => {
    const { graph, diagnostics } = after((columns) => columns.map((one) => (one[0] === 'total' ? ['amount', 3, one[2]] : one)))
    expect(diagnostics.map((one) => `${one.severity} ${one.code} ${one.message}`)).toContain(
      'warning workbook/drift shop!orders[total] is called "amount" at the source now',
    )
    expect(graph?.sheets[0]?.columns.find((one) => one.name === 'gross')?.formula).toMatchObject({
      fn: '*',
      args: [{ kind: 'column', column: 2 }, {}],
    })
  })

  it('a dropped column is #REF! in exactly what reads it', () => {
    const { graph, diagnostics } = after((columns) => columns.filter(([name]) => name !== 'total'))
    expect(diagnostics.filter((one) => one.severity === 'error')).toEqual([])
    const formula = (name: string): unknown => graph?.sheets[0]?.columns.findLast((one) => one.name === name)?.formula
    expect(formula('total')).toMatchObject({ kind: 'const', value: { kind: '#REF!', of: 'total' } })
    expect(formula('gross')).toMatchObject({ kind: 'const', value: { kind: '#REF!', of: 'total' } })
    expect(formula('upper')).toMatchObject({ fn: 'UPPER' })
    expect(graph?.sheets[0]?.schema.columns.map((one) => one.name)).toEqual(['id', 'status', 'gross', 'upper', 'both', 'none', 'total'])
  })

  it('a new column of an old name is another column', () => {
    const { graph } = after((columns) => [...columns.filter(([name]) => name !== 'total'), ['total', 9, { type: 'text' }]])
    expect(graph?.sheets[0]?.columns.findLast((one) => one.name === 'gross')?.formula).toMatchObject({ kind: 'const' })
  })

  it('columns that nothing reads may come and go', () => {
    expect(after((columns) => [...columns.filter(([name]) => name !== 'placed_at'), ['extra', 9, { type: 'text' }]]).diagnostics).toEqual(
      [],
    )
  })

  it('renames: says what became of a name where the source has no ids', () => {
    const renamed = {
      'w/s.sheet.yaml':
        'rows: =shop!orders\nrenames: {amount: total}\nkeep: [amount]\ncolumns:\n  x: =[@amount]+SUMIFS(shop!orders[amount], shop!orders[id], [@id])\n',
    }
    expect(compile(renamed).diagnostics).toEqual([])
  })
})
