import { must } from '@sheetflow/core/assert'
import { describe, expect, it } from 'vitest'
import { compileGraph } from '../compile/compile-graph.ts'
import { TABLES } from '../testing/shop.ts'
import { compareSheets, type CompiledFiles } from './compare-sheets.ts'

const OPEN = `rows: =FILTER(shop!orders, shop!orders[status]="open")
keep: [total]
columns:
  gross: =[@total]*1.23
  label: ="#"&[@id]
read: {clerk: all}
`
const COUNTRIES = 'rows: =UNIQUE(shop!customers[country])\nread: {clerk: all}\n'

function compiled(files: Readonly<Record<string, string>>): CompiledFiles {
  const { graph, diagnostics } = compileGraph({ files, tables: TABLES })
  expect(diagnostics.filter((one) => one.severity === 'error')).toEqual([])
  return { files, graph: must(graph) }
}

const OLD = compiled({ 'w/orders.sheet.yaml': OPEN, 'w/countries.sheet.yaml': COUNTRIES })

describe('two deployments beside each other', () => {
  it('are the same where only notes differ', () => {
    const noted = compiled({ 'w/orders.sheet.yaml': `about: Something else.\n${OPEN}`, 'w/countries.sheet.yaml': COUNTRIES })
    expect(compareSheets(OLD, noted)).toEqual([])
  })

  it('differ in columns that come, go, and change type, formula or cost', () => {
    const text = OPEN.replace('[@total]*1.23', '[@total]&" zł"').replace(
      '  label: ="#"&[@id]\n',
      '  more: =COUNTIFS([total], ">"&[@total])\n',
    )
    expect(compareSheets(OLD, compiled({ 'w/orders.sheet.yaml': text, 'w/countries.sheet.yaml': COUNTRIES }))).toEqual([
      {
        view: 'w.orders',
        kind: 'changes',
        columns: [
          {
            column: 'gross',
            kind: 'changes',
            retyped: { before: 'decimal', after: 'text' },
            formula: { before: '=[@total]*1.23', after: '=[@total]&" zł"' },
          },
          {
            column: 'more',
            kind: 'appears',
            type: 'int',
            formula: { before: null, after: '=COUNTIFS([total], ">"&[@total])' },
            cost: {
              before: null,
              after: { class: 'fan-out', table: 'w.orders' },
              reason: 'a change of w.orders changes all rows that ask by [total]',
            },
          },
          { column: 'label', kind: 'goes', type: 'text' },
        ],
      },
    ])
  })

  it('differ in what becomes a whole-table cost, and says why', () => {
    const text = OPEN.replace('[@total]*1.23', '[@total]/SUM(shop!orders[total])').replace(
      'read:',
      'cost: {accept: whole-table, every: 5s}\nread:',
    )
    const [orders] = compareSheets(OLD, compiled({ 'w/orders.sheet.yaml': text, 'w/countries.sheet.yaml': COUNTRIES }))
    expect(orders?.columns[0]?.cost).toMatchObject({
      before: { class: 'constant' },
      after: { class: 'whole-table', table: 'w.orders' },
      reason: 'all rows read the same total of shop!public.orders[total]: when it changes, they all do',
    })
  })

  it('differ in sheets that come and go, rows, keys and readers', () => {
    const next = compiled({
      'w/orders.sheet.yaml': OPEN.replace('"open"', '"paid"').replace('{clerk: all}', '{clerk: all, manager: all}'),
      'w/names.sheet.yaml': 'rows: =UNIQUE(shop!customers[name])\nread: {clerk: all}\n',
    })
    expect(compareSheets(OLD, next)).toMatchObject([
      { view: 'w.countries', kind: 'goes', columns: [] },
      { view: 'w.names', kind: 'appears', key: { before: [], after: ['name'] }, columns: [{ column: 'name', kind: 'appears' }] },
      {
        view: 'w.orders',
        kind: 'changes',
        rows: { before: '=FILTER(shop!orders, shop!orders[status]="open")', after: '=FILTER(shop!orders, shop!orders[status]="paid")' },
        readers: { before: ['clerk'], after: ['clerk', 'manager'] },
      },
    ])
    expect(compareSheets(null, OLD).map(({ view, kind }) => [view, kind])).toEqual([
      ['w.countries', 'appears'],
      ['w.orders', 'appears'],
    ])
  })
})
