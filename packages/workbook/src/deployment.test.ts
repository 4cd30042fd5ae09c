import type { TableSchema } from '@sheetflow/core/schema'
import type { ColumnType } from '@sheetflow/core/type'
import { describe, expect, it } from 'vitest'
import { compileDeployment, makeDeployment } from './deployment.ts'
import { lint } from './lint.ts'
import { ORDERS, ordersWith, SALES, TABLES } from './testing/shop.ts'

const NOW = '2026-11-23T10:00:00.000000Z'
const deployment = makeDeployment(SALES, TABLES, NOW)
const renamed = new Map([
  ...TABLES,
  ['shop!public.orders', ordersWith((columns) => columns.map((one) => (one[0] === 'total' ? ['amount', 3, one[2]] : one)))],
])

describe('a deployment', () => {
  it('holds the files, what their names stand for, and a version that is a hash of both', () => {
    expect(deployment).toMatchObject({ files: SALES, language: 3, now: NOW })
    expect(deployment.version).toMatch(/^[0-9a-f]{32}$/)
    expect(deployment.ids['shop!public.orders']).toEqual({ customer_id: 2, id: 1, placed_at: 5, status: 4, total: 3 })
  })

  it('is the same deployment for the same content, at whatever time', () => {
    expect(makeDeployment(SALES, TABLES, '2027-01-01T00:00:00.000000Z').version).toBe(deployment.version)
    expect(makeDeployment({ ...SALES, 'sales/customers.sheet.yaml': 'rows: =shop!customers\n' }, TABLES, NOW).version).not.toBe(
      deployment.version,
    )
  })

  it('is another one where a key or a type of what it uses is another: a running graph has bound to what there was', () => {
    const version = (table: TableSchema): string =>
      makeDeployment(SALES, new Map([...TABLES, ['shop!public.orders', table]]), NOW, deployment).version
    const typed = (name: string, type: ColumnType): string =>
      version(ordersWith((columns) => columns.map((one) => (one[0] === name ? [name, one[1], type, one[3] ?? true] : one))))
    const same = ordersWith((columns) => [...columns, ['unused', 6, { type: 'text' }]])
    expect(version(ORDERS)).toBe(deployment.version)
    expect(version({ ...same, schema: 2 })).toBe(deployment.version)
    const others = [
      typed('customer_id', { type: 'int' }),
      typed('total', { type: 'decimal', p: 12, s: 4 }),
      typed('id', { type: 'int' }),
      version({ ...same, key: ['status'] }),
    ]
    expect(new Set([deployment.version, ...others]).size).toBe(5)
    expect(makeDeployment(SALES, new Map([...TABLES, ['shop!public.orders', { ...same, schema: 2 }]]), NOW).schemas).toEqual({
      'shop!public.customers': 1,
      'shop!public.orders': 2,
    })
  })

  it('compiles to the same graph again, also after a rename at the source', () => {
    expect(compileDeployment(deployment, TABLES).graph).not.toBeNull()
    expect(compileDeployment(deployment, TABLES)).toEqual(compileDeployment(deployment, TABLES))
    const { graph, diagnostics } = compileDeployment(deployment, renamed)
    expect(graph).not.toBeNull()
    expect(diagnostics.map((one) => one.code)).toEqual(Array.from({ length: 4 }, () => 'workbook/drift'))
  })

  it('made anew after a rename keeps the old names of the running one', () => {
    expect(compileDeployment(makeDeployment(SALES, renamed, NOW), renamed).graph).toBeNull()
    const next = makeDeployment(SALES, renamed, NOW, deployment)
    expect(compileDeployment(next, renamed).graph).not.toBeNull()
    expect(next.ids['shop!public.orders']).toMatchObject({ total: 3 })
    expect(lint(SALES, renamed, deployment).every((one) => one.code === 'workbook/drift')).toBe(true)
  })

  it('of files that do not compile is made too: whoever deploys it gets the diagnostics', () => {
    const broken = makeDeployment({ 'w/s.sheet.yaml': 'rows: =nope\n' }, TABLES, NOW)
    expect(compileDeployment(broken, TABLES)).toMatchObject({ graph: null, diagnostics: [{ code: 'formula/unknown-name' }] })
  })
})

describe('asynchronous functions', () => {
  const score = {
    version: '1',
    params: [{ name: 'text', type: { type: 'text' }, nullable: false }],
    result: { type: { type: 'int' }, nullable: false },
    onPending: 'hold',
  } as const
  const files = {
    's/notes.sheet.yaml': 'rows: =FILTER(shop!orders, SCORE(shop!orders[status])>1)\ncolumns: {other: "=GUESS([@status])"}\n',
  }
  const functions = { score, guess: score, unused: score }
  const made = makeDeployment(files, TABLES, NOW, undefined, functions)

  it('a deployment holds the signatures of those that its formulas call, and compiles by them alone', () => {
    expect(made.functions).toEqual({ score, guess: score })
    expect(compileDeployment(made, TABLES).graph).not.toBeNull()
    const { functions: _, ...without } = made
    expect(compileDeployment(without, TABLES)).toMatchObject({ graph: null, diagnostics: [{ code: 'formula/unknown-function' }] })
  })

  it('another signature is another deployment, unless nobody calls the function', () => {
    const version = (changed: typeof functions): string => makeDeployment(files, TABLES, NOW, undefined, changed).version
    expect(version({ ...functions, unused: { ...score, version: '2' } as never })).toBe(made.version)
    expect(version({ ...functions, score: { ...score, version: '2' } as never })).not.toBe(made.version)
    expect(makeDeployment(SALES, TABLES, NOW, undefined, functions)).toEqual(makeDeployment(SALES, TABLES, NOW))
  })

  it('lint knows them', () => {
    expect(lint(files, TABLES, undefined, functions)).toEqual([])
    expect(lint(files, TABLES).map((one) => one.code)).toEqual(['formula/unknown-function'])
  })

  it('a column that reads itself cannot ask for what it computes', () => {
    const tree = {
      's/tree.sheet.yaml': 'rows: =shop!orders\ncolumns: {a: "=XLOOKUP([@customer_id], [id], [b], 0)", b: "=SCORE([@a]&\\"\\")"}\n',
    }
    expect(lint(tree, TABLES, undefined, functions).map((one) => one.message)).toContain('"b" asks a function for what it computes itself')
  })
})
