import { must } from '@sheetflow/core/assert'
import { expect, it } from 'vitest'
import { tableSchema } from '../testing/shop.ts'
import { compileGraph } from './compile-graph.ts'

const TABLES = new Map([
  [
    'shop!public.o',
    tableSchema(
      'public.o',
      ['id'],
      [
        ['id', 1, { type: 'int' }, false],
        ['Tenant', 2, { type: 'int' }],
        ['tenant', 3, { type: 'text' }],
      ],
    ),
  ],
])

function compiled(file: string): ReturnType<typeof compileGraph> {
  return compileGraph({ files: { 's/workbook.yaml': 'user: {tenant: text}\n', 's/a.sheet.yaml': file }, tables: TABLES })
}

it.each([
  ['tenant', 'text', 3],
  ['Tenant', 'int', 2],
])('columns that differ in letter case alone: %s is the one of that very name', (name, type, id) => {
  const { graph, ids } = compiled(`rows: =shop!o\nkeep: [${name}]\ncolumns: {same: "=[@${name}]"}\nread: {r: all}\n`)
  const [sheet] = must(graph).sheets
  expect(sheet?.schema.columns.map((column) => [column.name, column.type])).toEqual([
    ['id', 'int'],
    [name, type],
    ['same', type],
  ])
  expect(ids['shop!public.o']).toEqual({ id: 1, [name]: id })
})

it('so it is in the rules of readers, in what is hidden from them and in what is asked of the sheet', () => {
  const rule = 'r: {rows: "=EXACT([@tenant],user[tenant])", hide: [Tenant]}'
  const both = `rows: =shop!o\nkeep: [Tenant, tenant]\npublish: {index: [tenant, Tenant]}\nread: {${rule}}\n`
  const { graph, diagnostics } = compileGraph({
    files: {
      's/workbook.yaml': 'user: {tenant: text}\n',
      's/a.sheet.yaml': both,
      's/b.sheet.yaml': 'rows: =FILTER(a, a[tenant]="x")\nkeep: [tenant]\n',
    },
    tables: TABLES,
  })
  expect(diagnostics).toEqual([])
  const [a, b] = must(graph).sheets
  expect(a?.schema).toMatchObject({ index: ['tenant', 'Tenant'], read: { r: { hide: ['Tenant'] } } })
  expect(JSON.stringify(a?.schema.read?.['r']?.rows)).toContain('"column":"tenant"')
  expect(b?.columns.map((column) => [column.name, column.type.type])).toContainEqual(['tenant', 'text'])
})

it('a rule does not take one that is passed on for another one that is not', () => {
  const { diagnostics } = compiled('rows: =shop!o\nkeep: [Tenant]\nread: {r: "=[@tenant]=7"}\n')
  expect(diagnostics.map((one) => one.message)).toContainEqual(expect.stringContaining('"tenant" is not passed on by this sheet'))
})

it('in another letter case than any of them it is the first one', () => {
  const { graph } = compiled('rows: =shop!o\nkeep: [TENANT]\nread: {r: all}\n')
  expect(must(graph).sheets[0]?.schema.columns.map((column) => column.name)).toEqual(['id', 'Tenant'])
})
