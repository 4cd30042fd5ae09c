import { must } from '@sheetflow/core/assert'
import type { TableSchema } from '@sheetflow/core/schema'
import { describe, expect, it } from 'vitest'
import { compileDeployment, makeDeployment } from './deployment.ts'
import { takeNewNames } from './fmt/new-names.ts'
import { lint } from './lint.ts'
import { renamedSheets } from './renamed-sheets.ts'
import { runTests } from './test-runner/run-tests.ts'
import { plainEvaluate } from './testing/plain-evaluate.ts'
import { ORDERS, ordersWith, SALES, TABLES } from './testing/shop.ts'

const NOW = '2026-11-23T10:00:00.000000Z'
const ORDER_ID = '16402'
const NAMES = 'rows: =shop!customers\ncolumns:\n  first: =XLOOKUP([@id], open_orders[customer_id], open_orders[label], "none")\n'

/** The tables of the shop, orders with the source's id and under that name. */
function tables(name: string, id = ORDER_ID, more: readonly (readonly [string, TableSchema])[] = []): ReadonlyMap<string, TableSchema> {
  const others = [...TABLES].filter(([table]) => table !== 'shop!public.orders')
  return new Map([...others, [`shop!public.${name}`, { ...ORDERS, table: `public.${name}`, id }], ...more])
}

describe('a table that is renamed at the source', () => {
  const deployment = makeDeployment(SALES, tables('orders'), NOW)

  it('is held by its id', () => {
    expect(deployment.tableIds).toEqual({ 'shop!public.orders': ORDER_ID })
  })

  it('breaks nothing: the deployment compiles to the graph that it was, with a word on each formula', () => {
    const before = compileDeployment(deployment, tables('orders'))
    const after = compileDeployment(deployment, tables('purchases'))
    expect(before.diagnostics).toEqual([])
    expect(after.graph?.sheets).toEqual(before.graph?.sheets)
    expect(after.graph?.tables.map(({ id, schema }) => [id, schema.table])).toEqual([
      ['shop!public.customers', 'public.customers'],
      ['shop!public.orders', 'public.purchases'],
    ])
    expect(new Set(after.diagnostics.map((one) => `${one.code} ${one.message}`))).toEqual(
      new Set(['workbook/drift shop!orders is called shop!purchases now']),
    )
  })

  it('stays the same deployment when it is made anew, and rewrites nothing', () => {
    expect(makeDeployment(SALES, tables('purchases'), NOW, deployment).version).toBe(deployment.version)
    expect(lint(SALES, tables('purchases'), deployment).every((one) => one.severity === 'warning')).toBe(true)
  })

  it('a name that another table has now is that table to new deployments, and the old one to those that run', () => {
    const swapped = tables('old_orders', ORDER_ID, [['shop!public.orders', { ...ORDERS, id: '17000' }]])
    expect(compileDeployment(deployment, swapped).graph?.tables.map(({ schema }) => schema.id)).toContain(ORDER_ID)
    expect(makeDeployment(SALES, swapped, NOW, deployment).tableIds).toEqual({ 'shop!public.orders': '17000' })
  })

  it('another table that has its name is asked for its own columns, also in the rules of readers', () => {
    const files = {
      ...SALES,
      's/own.sheet.yaml': 'rows: =shop!orders\nkeep: [status]\nread: {customer: "=[@customer_id]=user[id]"}\n',
      's/workbook.yaml': 'user: {id: int}\n',
    }
    const before = makeDeployment(files, tables('orders'), NOW)
    const numbers = { id: 11, customer_id: 14, total: 15, status: 13, placed_at: 12 } as Readonly<Record<string, number>>
    const others = tables('orders', '17000')
    const own = must(others.get('shop!public.orders'))
    const replaced = new Map(others).set('shop!public.orders', {
      ...own,
      columns: own.columns.map((column) => ({ ...column, id: must(numbers[column.name]) })),
    })
    expect(makeDeployment(files, replaced, NOW, before)).toEqual(makeDeployment(files, replaced, NOW))
    // It has other columns under the numbers that the names stood for.
    const secret = new Map(others).set('shop!public.orders', {
      ...own,
      columns: own.columns.map((column) => (column.name === 'id' ? column : { ...column, name: `secret_${column.name}` })),
    })
    expect(lint(files, secret, before).filter((one) => one.code === 'formula/unknown-name').length).toBeGreaterThan(0)
    expect(compileDeployment(makeDeployment(files, secret, NOW, before), secret).graph).toBeNull()
    // The one that was made for the table that is gone does not run over another one.
    expect(compileDeployment(before, secret).graph).toBeNull()
  })

  it('goes by name where a deployment is of a time before ids', () => {
    const { tableIds: _, ...old } = deployment
    expect(compileDeployment(old, tables('orders')).graph).not.toBeNull()
    expect(compileDeployment(old, tables('purchases')).graph).toBeNull()
  })

  it.each([
    ['as they are', SALES],
    [
      'that give rows by the new name',
      Object.fromEntries(Object.entries(SALES).map(([path, text]) => [path, text.replaceAll(/^( +)shop!orders:/gm, '$1shop!purchases:')])),
    ],
  ])('leaves its tests passing, %s', (_, files) => {
    const { results, diagnostics } = runTests(files, tables('purchases'), plainEvaluate, deployment)
    expect(diagnostics.filter((one) => one.severity === 'error')).toEqual([])
    expect(results).toMatchObject([{ passed: true, failures: [] }])
  })

  it('fmt --renames takes the new name over', () => {
    const files = takeNewNames(SALES, tables('purchases'), deployment) ?? {}
    expect(Object.values(files).join('\n')).not.toContain('shop!orders')
    expect(files['sales/open_orders.sheet.yaml']).toContain('rows: =FILTER(shop!purchases, shop!purchases[status]="open")')
    expect(files['sales/open_orders.sheet.yaml']).toContain('      shop!purchases:\n')
    expect(lint(files, tables('purchases'), deployment)).toEqual([])
    expect(makeDeployment(files, tables('purchases'), NOW, deployment).tableIds).toEqual({ 'shop!public.purchases': ORDER_ID })
  })
})

describe('a sheet whose file is renamed', () => {
  const { 'sales/open_orders.sheet.yaml': text = '', ...others } = SALES
  const renamed = { ...others, 'sales/to_ship.sheet.yaml': text }
  const deployment = makeDeployment(SALES, TABLES, NOW)

  it('breaks nothing: formulas that call it by the old name mean it', () => {
    const next = makeDeployment(renamed, TABLES, NOW, deployment)
    expect(next.sheetNames).toEqual({ 'sales.open_orders': 'sales.to_ship' })
    const { graph, diagnostics } = compileDeployment(next, TABLES)
    expect(graph?.sheets.find((one) => one.view === 'sales.customers')?.schema.lists).toMatchObject({ open: { view: 'sales.to_ship' } })
    expect(diagnostics.map((one) => `${one.code} ${one.file} ${one.message}`)).toEqual([
      'workbook/drift sales/customers.sheet.yaml open_orders is called to_ship now',
    ])
  })

  it('does so in deployments after the next, until another sheet has the name', () => {
    const next = makeDeployment(renamed, TABLES, NOW, deployment)
    const later = makeDeployment({ ...renamed, 'sales/more.sheet.yaml': 'rows: =shop!customers\n' }, TABLES, NOW, next)
    expect(later.sheetNames).toEqual(next.sheetNames)
    expect(
      makeDeployment({ ...renamed, 'sales/open_orders.sheet.yaml': 'rows: =shop!customers\n' }, TABLES, NOW, next).sheetNames,
    ).toBeUndefined()
  })

  it('is an unknown name without a deployment before', () => {
    expect(lint(renamed, TABLES).map((one) => one.code)).toContain('formula/unknown-name')
    expect(lint(renamed, TABLES, deployment).map((one) => one.code)).toEqual(['workbook/drift'])
  })

  it('may be edited in the deployment after the rename, by whatever name others call it', () => {
    const next = makeDeployment(renamed, TABLES, NOW, deployment)
    const edited = { ...renamed, 'sales/to_ship.sheet.yaml': 'rows: =shop!orders\nkeep: [customer_id]\nread: {clerk: all}\n' }
    expect(lint(edited, TABLES, next).map((one) => `${one.code} ${one.message}`)).toEqual([
      'workbook/drift open_orders is called to_ship now',
    ])
    expect(makeDeployment(edited, TABLES, NOW, next).sheetNames).toEqual(next.sheetNames)
  })

  it('and edited so much in one deployment that it is another sheet: says so where it is read, with what to do', () => {
    const edited = { ...others, 'sales/to_ship.sheet.yaml': 'rows: =shop!orders\nread: {clerk: all}\n' }
    const findings = lint(edited, TABLES, deployment)
    expect(findings.map(({ code, severity, file, source }) => ({ code, severity, file, source }))).toEqual([
      {
        code: 'formula/unknown-name',
        severity: 'error',
        file: 'sales/customers.sheet.yaml',
        source: '  open: =FILTER(open_orders, open_orders[customer_id]=[@id])',
      },
    ])
    expect(findings[0]).toMatchObject({
      message: 'there is no sheet "open_orders" any more',
      why: 'the running deployment has it, and its file is gone; to_ship is new, and too different to be that sheet with a new name',
      fix: 'if it is that sheet, deploy it under its new name first and change it after that, which keeps what was typed into it; else write to_ship here',
    })
  })

  it('and gone altogether: says so to each formula that reads it', () => {
    const reading = { ...others, 'sales/sums.sheet.yaml': 'rows: =open_orders\n', 'sales/names.sheet.yaml': NAMES }
    const findings = lint(reading, TABLES, makeDeployment({ ...SALES, ...reading }, TABLES, NOW)).filter((one) => one.severity === 'error')
    const said = 'there is no sheet "open_orders" any more; leave it out here, or take the file back'
    expect([...new Set(findings.map(({ file, message, fix }) => `${file}: ${message}; ${fix ?? ''}`))]).toEqual(
      ['customers', 'names', 'sums'].map((name) => `sales/${name}.sheet.yaml: ${said}`),
    )
  })

  it('a table of a source with the name of a sheet that is gone is that table', () => {
    const { 'sales/paid_orders.sheet.yaml': paid = '' } = SALES
    const before = makeDeployment({ 'shop/orders.sheet.yaml': paid, 'sales/paid.sheet.yaml': paid }, TABLES, NOW)
    expect(lint({ 'sales/paid.sheet.yaml': paid }, TABLES, before).filter((one) => one.severity === 'error')).toEqual([])
  })

  it('fmt --renames takes the new name over', () => {
    const files = takeNewNames(renamed, TABLES, deployment) ?? {}
    expect(files['sales/customers.sheet.yaml']).toContain('open: =FILTER(to_ship, to_ship[customer_id]=[@id])')
    expect(files['sales/customers.sheet.yaml']?.replaceAll('to_ship', 'open_orders')).toBe(SALES['sales/customers.sheet.yaml'])
    expect(lint(files, TABLES, deployment)).toEqual([])
  })
})

describe('an old file and a new one', () => {
  const lines = (...all: string[]): string => all.join('\n')
  const old = lines('rows: =t', 'keep: [a]', 'columns:', '  b: =1', '  c: =2')

  it('are one if most of their lines are the same', () => {
    const changed = lines('rows: =t', 'keep: [a]', 'columns:', '  b: =1', '  c: =3')
    expect(renamedSheets({}, { 'w/x.sheet.yaml': old }, { 'w/y.sheet.yaml': changed })).toEqual({ 'w.x': 'w.y' })
    expect(renamedSheets({}, { 'w/x.sheet.yaml': old }, { 'w/y.sheet.yaml': 'rows: =t\n' })).toEqual({})
  })

  it('are the most alike of several, in one workbook, each once', () => {
    const near = lines('rows: =t', 'keep: [a]', 'columns:', '  b: =1')
    expect(
      renamedSheets(
        {},
        { 'w/x.sheet.yaml': old, 'w/z.sheet.yaml': near },
        { 'w/p.sheet.yaml': near, 'w/q.sheet.yaml': old, 'v/x.sheet.yaml': old },
      ),
    ).toEqual({ 'w.x': 'w.q', 'w.z': 'w.p' })
  })

  it('a name that is changed twice is followed', () => {
    const first = renamedSheets({}, { 'w/x.sheet.yaml': old }, { 'w/y.sheet.yaml': old })
    expect(renamedSheets(first, { 'w/y.sheet.yaml': old }, { 'w/z.sheet.yaml': old })).toEqual({ 'w.x': 'w.z', 'w.y': 'w.z' })
    expect(renamedSheets(first, { 'w/y.sheet.yaml': old }, {})).toEqual({})
  })
})

describe('a column that is renamed at the source', () => {
  const files = {
    'w/s.sheet.yaml': `rows: =shop!orders
keep: [total]
tests:
  - given: {shop!orders: [{id: 1, total: 5}]}
    expect: [{id: 1, total: 5}]
`,
  }
  const deployment = makeDeployment(files, TABLES, NOW)
  const after = new Map([
    ...TABLES,
    [
      'shop!public.orders',
      ordersWith((columns) => columns.map((one) => [one[0] === 'total' ? 'amount' : one[0], one[1], one[2]])),
    ] as const,
  ])

  it('is told of where nothing but "keep" uses it', () => {
    expect(lint(files, after, deployment).map(({ code, line, column, message }) => `${line}:${column} ${code} ${message}`)).toEqual([
      '2:8 workbook/drift shop!orders[total] is called "amount" at the source now',
    ])
  })

  it('leaves the tests of the sheets passing, as the deployment goes on', () => {
    const { results, diagnostics } = runTests(files, after, plainEvaluate, deployment)
    expect(diagnostics.filter((one) => one.severity === 'error')).toEqual([])
    expect(results).toMatchObject([{ passed: true }])
  })
})
