import { describe, expect, it } from 'vitest'
import { plainEvaluate } from '../testing/plain-evaluate.ts'
import { ROW_SHEETS, ROW_TABLES } from '../testing/row-sheets.ts'
import { ordersWith, TABLES } from '../testing/shop.ts'
import { runTests } from '../test-runner/run-tests.ts'
import { compileGraph } from './compile-graph.ts'

const SHEETS = ['revenue', 'countries', 'best', 'people', 'customer_orders', 'by_status', 'by_country_and_tenant']

function compiled(files: Readonly<Record<string, string>>): ReturnType<typeof compileGraph> {
  return compileGraph({ files: { ...ROW_SHEETS, ...files }, tables: ROW_TABLES })
}

/** What is wrong with a sheet of the shop's workbook, as `code message` and the fix. */
function problems(sheet: string): string[] {
  return compiled({ 'sales/s.sheet.yaml': sheet })
    .diagnostics.filter((one) => one.file === 'sales/s.sheet.yaml')
    .map((one) => `${one.code} ${one.message} (${one.fix ?? 'no fix'})`)
}

describe('what the rows of a sheet can be', () => {
  it('is shown by the tests of the sheets', () => {
    const { results, diagnostics } = runTests(ROW_SHEETS, ROW_TABLES, plainEvaluate)
    expect(diagnostics).toEqual([])
    expect(results.flatMap((one) => one.failures.map((failure) => failure.message))).toEqual([])
    expect(results.map((one) => one.view)).toEqual(expect.arrayContaining(SHEETS.map((name) => `sales.${name}`)))
  })

  it.each([
    ['revenue', ['country', 'month'], ['country text?', 'month text', 'orders int', 'revenue decimal', 'big int', 'share decimal']],
    ['countries', ['country'], ['country text?', 'customers int', 'all int']],
    ['best', ['id'], ['id bigint', 'name text?', 'spent decimal', 'rank int']],
    ['people', ['source', 'id'], ['source text', 'id bigint', 'name text?', 'country text?', 'tenant int?', 'label text']],
    ['by_status', ['customer_id'], ['customer_id bigint?', 'open decimal', 'paid decimal', 'not_yet decimal', 'rest decimal']],
    ['customer_orders', ['id', 'orders_id'], ['id bigint', 'orders_id bigint?', 'name text?', 'total decimal?', 'has_ordered bool']],
  ])('%s has a key and types', (name, key, columns) => {
    const schema = compiled({}).graph?.sheets.find((one) => one.view === `sales.${name}`)?.schema
    expect(schema?.key).toEqual(key)
    expect(schema?.columns.map((column) => `${column.name} ${column.type}${column.null ? '?' : ''}`)).toEqual(columns)
  })

  it.each([
    ['rows: =GROUPBY(shop!orders)', /formula\/type GROUPBY takes columns: t\[x\]/],
    ['rows: =GROUPBY(shop!orders[status], shop!customers[name])', /all columns of GROUPBY must belong to one table/],
    ['rows: =GROUPBY(FILTER(shop!orders[status], shop!orders[total]>1))', /make a sheet with "rows: =FILTER\(…\)", and write GROUPBY/],
    ['rows: =UNIQUE(shop!orders[status], shop!orders[status])', /"status" is given twice/],
    ['rows: =UNIQUE(shop!orders[status],, TRUE)', /groups that occur once: GROUPBY/],
    ['rows: =UNIQUE(shop!customers[extra])', /json column "extra" cannot be a key/],
    ['rows: =UNIQUE(shop!orders[nope])', /shop!orders has no column "nope"/],
    ['rows: =FILTER(UNIQUE(shop!orders[status]), TRUE)', /UNIQUE makes rows of its own .*make a sheet with "rows: =UNIQUE/],
    ['rows: =TAKE(shop!orders, 0)', /how many rows TAKE takes is a number that is known before it runs, and not 0/],
    ['rows: =TAKE(shop!orders, SUM(shop!orders[id]))', /how many rows TAKE takes/],
    ['rows: =TAKE(shop!orders, 2, 3)', /which columns are passed on is said by "keep:"/],
    ['rows: =TAKE(SORTBY(shop!orders, shop!orders[total]*2), 3)', /rows are sorted by a column of shop!orders/],
    ['rows: =TAKE(SORTBY(shop!orders, shop!customers[name]), 3)', /this column is of shop!customers, the rows are of shop!orders/],
    ['rows: =TAKE(SORTBY(shop!orders, shop!orders[total], 2), 3)', /the order is 1 \(smallest first\) or -1/],
    ['rows: =SORT(shop!orders, 2, -1)', /SORT counts columns.*SORTBY\(t, t\[x\]\)/],
    ['rows: =VSTACK(shop!orders, shop!orders)', /shop!orders is stacked twice/],
    ['rows: =VSTACK(shop!customers, revenue)', /the key column "id" has no partner of its type in the key of revenue/],
    ['rows: =VSTACK(shop!customers, crm!contacts)\nkeep: [extra]', /column "extra" has no common type: json, boolean/],
    ['rows: =VSTACK(shop!customers, crm!contacts)\ncolumns:\n  x: =[@extra]', /column "extra" has no common type/],
    [
      'rows: =VSTACK(shop!customers, crm!contacts)\nmap: {name: {crm!contact: full_name}}',
      /map: "crm!contact" is none of the stacked tables/,
    ],
    ['rows: =VSTACK(shop!customers, crm!contacts)\nmap: {name: {crm!contacts: nope}}', /map: crm!contacts has no column "nope"/],
    ['rows: =shop!customers\nmap: {name: {shop!customers: name}}', /use it with "rows: =VSTACK/],
    [
      'rows: =MERGE(shop!customers, shop!orders, shop!orders[customer_id]>shop!customers[id])',
      /tables are merged by columns that are equal/,
    ],
    ['rows: =MERGE(shop!customers, shop!orders, shop!orders[status]=shop!customers[id])', /are never equal/],
    ['rows: =MERGE(shop!customers, shop!customers, shop!customers[id]=shop!customers[id])', /cannot be merged with itself/],
    ['rows: =MERGE(shop!customers, shop!orders, shop!orders[customer_id]=shop!customers[id], "outer")', /write "inner" or "left"/],
    ['rows: =PIVOTBY(shop!orders[status], shop!orders[id], shop!orders[total], SUM)', /PIVOTBY needs its columns/],
    [
      'rows: =PIVOTBY(shop!orders[id], shop!customers[name], shop!orders[total], SUM, {"a"})',
      /all columns of PIVOTBY must belong to one table/,
    ],
    ['rows: =PIVOTBY(shop!orders[id], shop!orders[status], shop!orders[total], STDEV, {"a"})', /write one of SUM, AVERAGE/],
    ['rows: =PIVOTBY(shop!orders[id], shop!orders[status], shop!orders[status], SUM, {"a"})', /numbers are needed here, not text/],
    ['rows: =FILTER(PIVOTBY(shop!orders[id]), TRUE)', /PIVOTBY makes rows of its own/],
    ['rows: =GROUPBY(shop!orders[status])\ncolumns:\n  x: =[total]*2', /aggregate it: SUM\(\[total\]\)/],
    ['rows: =GROUPBY(shop!orders[status])\ncolumns:\n  x: =[status]', /write \[@status\] for the value that the group has in common/],
    [
      'rows: =GROUPBY(shop!orders[status])\ncolumns:\n  x: =XLOOKUP(1, [id], [total])',
      /\[id\] is a column of the rows of this group, and a whole table is read here/,
    ],
    ['rows: =GROUPBY(shop!orders[status])\ncolumns:\n  x: =SUMIFS([total], shop!orders[id], 1)', /must belong to one table/],
    ['rows: =shop!orders\ncolumns:\n  x: =UNIQUE(shop!orders[status])', /make a sheet with "rows: =UNIQUE\(t\[a\]\)"/],
  ])('%j is refused with a fix', (sheet, message) => {
    const found = problems(`${sheet}\n`)
    expect(found.join('\n')).toMatch(message)
    expect(found.join('\n')).not.toContain('no fix')
  })

  it.each([
    ['revenue', 'fan-out'],
    ['by_status', 'constant'],
    ['best', 'fan-out'],
    ['people', 'constant'],
    ['customer_orders', 'fan-out'],
  ])('%s costs %s', (name, cost) => {
    expect(compiled({}).graph?.sheets.find((one) => one.view === `sales.${name}`)?.cost.class).toBe(cost)
  })

  describe('with a column that the source has dropped', () => {
    const FILES = {
      'w/u.sheet.yaml': 'rows: =UNIQUE(shop!orders[total], shop!orders[status])\ncolumns:\n  twice: =[@total]*2\n',
      'w/g.sheet.yaml': 'rows: =GROUPBY(shop!orders[status])\ncolumns:\n  n: =ROWS([id])\n  sum: =SUM([total])\n',
      'w/h.sheet.yaml': 'rows: =GROUPBY(shop!orders[total])\ncolumns:\n  n: =ROWS([id])\n',
      'w/t.sheet.yaml': 'rows: =TAKE(SORTBY(shop!orders, shop!orders[total], -1), 1)\nkeep: [status]\n',
      'w/v.sheet.yaml':
        'rows: =VSTACK(shop!orders, shop!customers)\nmap: {amount: {shop!orders: total, shop!customers: unit price}}\nkeep: [amount]\n',
      'w/x.sheet.yaml': 'rows: =VSTACK(shop!orders, shop!customers)\nkeep: [total, name]\n',
      'w/m.sheet.yaml':
        'rows: =MERGE(shop!customers, shop!orders, shop!customers[id]=shop!orders[total], "left")\nkeep: [name, total, status]\n',
    }
    const without = new Map([
      ...TABLES,
      ['shop!public.orders', ordersWith((columns) => columns.filter(([name]) => name !== 'total'))] as const,
    ])
    const { ids } = compileGraph({ files: FILES, tables: TABLES })
    const { graph, diagnostics } = compileGraph({ files: FILES, tables: without, ids })

    it('leaves the graph running, with a warning at each place', () => {
      expect(diagnostics.filter((one) => one.severity === 'error')).toEqual([])
      expect(new Set(diagnostics.map((one) => one.file))).toEqual(new Set(Object.keys(FILES)))
    })

    it('is #REF! in its dependents: in no group, equal to nothing, no order', () => {
      const given = {
        'shop!public.orders': [
          ['1', '7', 'open', null],
          ['2', '7', 'paid', null],
        ],
        'shop!public.customers': [['7', 'Anna', 1, 'PL', '2.50', null]],
      }
      const [rows] = graph === null ? [] : plainEvaluate(graph, given, [], '2026-11-23T10:00:00.000000Z')
      const lost = { e: '#REF!', of: 'total' }
      expect(rows?.['w.u']).toEqual([])
      expect(rows?.['w.g']).toMatchObject([
        { status: 'open', n: 1, sum: { e: '#REF!' } },
        { status: 'paid', n: 1 },
      ])
      expect(rows?.['w.h']).toEqual([])
      expect(rows?.['w.t']).toMatchObject([{ id: '1', status: 'open' }])
      expect(rows?.['w.v']).toMatchObject([{ id: '7', amount: '2.50' }, { amount: lost }, { amount: lost }])
      expect(rows?.['w.x']).toMatchObject([{ total: lost, name: 'Anna' }, { total: lost }, { total: lost }])
      expect(rows?.['w.m']).toMatchObject([{ name: 'Anna', total: lost, status: null }])
    })
  })

  it('in a circle is refused', () => {
    const files = { 'sales/a.sheet.yaml': 'rows: =UNIQUE(b[status])\n', 'sales/b.sheet.yaml': 'rows: =TAKE(a, 2)\n' }
    expect(compiled(files).diagnostics).toMatchObject([{ code: 'formula/cycle' }])
  })
})
