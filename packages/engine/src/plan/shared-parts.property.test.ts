import type { BoundGraph } from '@sheetflow/formula/bound'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { expect, it } from 'vitest'
import { describeProgram } from '../evaluate-sheets.ts'
import { DeploymentBench } from '../testing/deployment-bench.ts'
import { anyTransaction, oneCellTransaction } from '../testing/shop-history.ts'
import { SHOP } from '../testing/sketches.ts'

const INT = { type: 'int' } as const
const DECIMAL = { type: 'decimal' } as const

/** Formulas of which the parts stand in several: of other stages, days, rows that read each other, criteria that are patterns or look at all rows. */
function book(edited: number): BoundGraph {
  return boundGraph({
    ...SHOP,
    sheets: {
      'sales.values': { columns: { rate: '=IFERROR(SUM(shop!orders[weight])/ROWS(shop!orders), 0)', least: '=ROWS(shop!customers)' } },
      'sales.orders': {
        rows: '=FILTER(shop!orders, shop!orders[total]*2>least)',
        types: { path: DECIMAL, depth: INT },
        columns: {
          gross: '=[@total]*(1+least)',
          // Before and behind an index over the sheet itself, of a part that reads its answer.
          same: '=COUNTIFS([gross], [@total]*(1+least))',
          same_again: `=ROUND([@total]*(1+least)/COUNTIFS([gross], [@total]*(1+least)), 2)+${edited}`,
          part_of_same: '=IF(ROUND([@gross]/([@same]-1), 2)>1, ROUND([@gross]/([@same]-1), 2), IFERROR([@gross]/([@same]-1), -1))',
          above: '=COUNTIFS([same], ">"&([@same]-1))&IFERROR([@gross]/([@same]-1), -2)',
          age: '=IF(TODAY()-[@placed]>0, (TODAY()-[@placed])*[@parent], TODAY()-[@placed])',
          // Rows that read each other, among formulas that have parts in common with them.
          path: '=[@total]*[@parent]+XLOOKUP([@parent]+1, [id], [path], 0)',
          depth: '=1+IFERROR(XLOOKUP([@parent]+1, [id], [depth], 0), 0)',
          deep: '=IF([@depth]*2>3, [@path]*(1+[@depth]*2), [@total]*[@parent])&([@depth]*2)',
          found: '=XLOOKUP(LEFT([@status]&"x", 1)&"*", shop!customers[region], shop!customers[name], LEFT([@status]&"x", 1), 2)',
          counted: '=COUNTIFS(shop!customers[region], LEFT([@status]&"x", 1)&"*")+LEN(LEFT([@status]&"x", 1))',
          scanned: '=COUNTIFS(shop!customers[region], [@status]&"")+SUMIFS(shop!orders[total], shop!orders[status], [@status]&"")',
          near: '=XLOOKUP([@total]*2, [gross], [id], 0, -1)+IFERROR(XLOOKUP([@total]*2, [gross], [id], 1/0, 1), [@total]*2)',
          let: '=LET(x, [@total]*2, y, x*[@parent], IF(y>[@total]*2, y, LET(x, [@total]*2, x)))',
          whole: '=IF(rate*2>1, rate*2+[@id]*3, rate*2-[@id]*3)',
          array: '=SUMPRODUCT(--([gross]>[@total]*2))+SUMPRODUCT([same], [same])+SUMPRODUCT([same], [same])*([@id]*3)',
        },
      },
      'sales.customers': {
        rows: '=shop!customers',
        columns: {
          orders: '=SUMIFS(orders[gross], orders[customer_id], [@id])/SUMIFS(orders[same], orders[customer_id], [@id])',
          mean: '=IFERROR(SUMIFS(orders[gross], orders[customer_id], [@id])/SUMIFS(orders[same], orders[customer_id], [@id]), [@limit]*2)',
          above: '=COUNTIFS(orders[gross], ">"&[@limit]*2, orders[customer_id], [@id])+[@limit]*2',
        },
      },
      'crm.regions': { rows: '=crm!regions' },
    },
  })
}

const GRAPHS = [book(0), book(1)] as const

const events = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.oneof(anyTransaction, oneCellTransaction) },
    { weight: 1, arbitrary: fc.constant('edit' as const) },
    { weight: 1, arbitrary: fc.integer({ min: 20, max: 27 }) },
  ),
  { minLength: 1, maxLength: 25 },
)

it('formulas that have parts in common are at any time what each of them says by itself', () => {
  expect(describeProgram(GRAPHS[0]).filter(({ kind }) => kind === 'common part').length).toBeGreaterThan(12)
  const property = fc.property(events, (all) => {
    let version = 0
    const graph = new DeploymentBench('v0', GRAPHS[0])
    for (const event of all) {
      if (event === 'edit') graph.deploy(`v${++version}`, GRAPHS[version % 2] as BoundGraph)
      else if (typeof event === 'number') graph.tick(`2026-11-${event}T23:00:00.000000Z`)
      else graph.rows(...event)
      graph.world.expectRead(graph.reader)
    }
  })
  expect(() => fc.assert(property, { numRuns: runs(40, 2_000) })).not.toThrow()
})
