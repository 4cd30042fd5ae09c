import type { EngineCase, Scale } from '../engine-case.ts'
import { sumsAndNames } from '../limits/sums-and-names.ts'
import { orderUpdates, referenceCase } from '../reference.ts'
import { sheetflowEngine } from '../sheetflow-side.ts'
import { Shop } from '../shop.ts'

/** Of a million: 10,000, 100,000, 1,000,000 and 5,000,000 orders. */
const SIZES = [0.01, 0.1, 1, 5]

/** What one update of the reference workload costs as the tables grow, beside the limit, which the caches of the machine make slower as well. */
export function growth(scale: Scale): readonly EngineCase[] {
  return SIZES.map((size) => {
    const rows = Math.max(100, Math.floor(scale.rows * size))
    const at = (of: Scale): Scale => ({ ...of, rows })
    return {
      name: `growth, ${rows.toLocaleString('en-US')} orders`,
      rows,
      phases: [{ id: 'one', name: 'one update', unit: 'µs', per: 'item-us', latency: true }],
      contenders: [
        { who: 'sheetflow', open: (of) => sheetflowEngine(referenceCase(at(of))) },
        {
          who: 'limit: hand-written',
          open: (of) => {
            const shop = new Shop(rows)
            return sumsAndNames(shop, orderUpdates(shop, at(of)))
          },
        },
      ],
    }
  })
}
