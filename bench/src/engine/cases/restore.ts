import { timed } from '../../lib/measure.ts'
import type { Engine, EngineCase, Scale } from '../engine-case.ts'
import { OrderColumns, readOut } from '../limits/order-columns.ts'
import type { SavedOrders } from '../limits/order-columns.ts'
import { SumsAndNames, sumsSide } from '../limits/sums-and-names.ts'
import { LiveWorkbook } from '../live-workbook.ts'
import type { WorkbookText } from '../live-workbook.ts'
import { collectGarbage, loading } from '../memory.ts'
import { orderUpdates, referenceCase } from '../reference.ts'
import { loadWorkbook, typedSide } from '../sheetflow-side.ts'
import type { SheetflowCase } from '../sheetflow-side.ts'
import { orderChange, Shop, SHOP_TABLES, shopRows } from '../shop.ts'
import type { OrderUpdate } from '../shop.ts'
import { swept } from '../stepping.ts'
import type { Side, Workload } from '../stepping.ts'

type Updates = readonly OrderUpdate[]

/**
 * A graph starts again: from the pages of a checkpoint, in memory, to a state that takes the next step. Once with no more than the rows, once with
 * the indexes of the reference workload, which are built anew. The limit copies its columns out of the bytes and does the same.
 */
export function restore(scale: Scale): readonly EngineCase[] {
  const phases = [{ id: 'restore', name: '', unit: 'rows' }]
  return [
    {
      name: 'restore, rows alone',
      rows: scale.rows,
      phases,
      contenders: [
        { who: 'sheetflow', open: (at) => restoring(rowsAlone(at)) },
        { who: 'limit: hand-written', open: limitRows },
      ],
    },
    {
      name: 'restore, with indexes',
      rows: scale.rows,
      phases,
      contenders: [
        { who: 'sheetflow', open: (at) => restoring(referenceCase(at)) },
        { who: 'limit: hand-written', open: limitIndexed },
      ],
    },
  ]
}

const ROWS_ALONE: WorkbookText = {
  files: {
    'sales/workbook.yaml': 'time_zone: Europe/Warsaw\n',
    'sales/orders.sheet.yaml': 'rows: =shop!orders\nkeep: [id, customer_id, total]\nread: {clerk: all}\n',
  },
  tables: SHOP_TABLES,
}

function rowsAlone(scale: Scale): SheetflowCase<Updates> {
  const shop = new Shop(scale.rows)
  return {
    workbook: ROWS_ALONE,
    rows: { 'public.orders': shopRows(shop)['public.orders'] ?? { count: 0, row: () => [] } },
    workload: orderUpdates(shop, scale),
    changes: (updates) => [['public.orders', updates.map(orderChange)]],
  }
}

async function restoring(of: SheetflowCase<Updates>): Promise<Engine> {
  const { loaded, checkpoint } = await saved(of)
  return restores(loaded, of.workload, async () => {
    const workbook = await LiveWorkbook.restore(checkpoint)
    return typedSide(workbook, (updates) => of.changes(updates))
  })
}

/** What it was taken from is garbage from here on. */
async function saved(
  of: SheetflowCase<Updates>,
): Promise<Pick<Engine, 'loaded'> & { readonly checkpoint: ReturnType<LiveWorkbook['checkpoint']> }> {
  const { workbook, loaded } = await loadWorkbook(of)
  return { loaded, checkpoint: workbook.checkpoint() }
}

async function limitRows(scale: Scale): Promise<Engine> {
  const shop = new Shop(scale.rows)
  const { loaded, bytes } = await savedOrders(shop)
  return restores(loaded, orderUpdates(shop, scale), () => sideOf(new OrderColumns(bytes)))
}

async function limitIndexed(scale: Scale): Promise<Engine> {
  const shop = new Shop(scale.rows)
  const { loaded, bytes } = await savedOrders(shop, shop.customers)
  return restores(loaded, orderUpdates(shop, scale), () => {
    const columns = new OrderColumns(bytes)
    const limit = new SumsAndNames(shop.orders, shop.customers)
    for (let id = 0; id < shop.orders; id++) limit.insert(id, columns.customer(id), columns.cents(id))
    return sumsSide(limit)
  })
}

async function savedOrders(shop: Shop, others = 0): Promise<Pick<Engine, 'loaded'> & { readonly bytes: SavedOrders }> {
  const orders = Array.from({ length: shop.orders }, (_, id) => shop.order(id))
  let bytes: SavedOrders | undefined
  const loaded = await loading(shop.orders + others, () => {
    bytes = {
      ids: Int32Array.from(orders, ({ id }) => id).buffer,
      customers: Int32Array.from(orders, ({ customer }) => customer).buffer,
      cents: Int32Array.from(orders, ({ cents }) => cents).buffer,
    }
  })
  if (bytes === undefined) throw new Error('nothing was saved')
  return { loaded, bytes }
}

function sideOf(limit: OrderColumns): Side<Updates, Updates> {
  return {
    prepare: (updates) => updates,
    step: (updates) => limit.step(updates).length,
    read: (updates, results) => readOut(limit.step(updates), results),
  }
}

/** Each round restores once. What was restored last is stepped to compare it. */
function restores<P>(
  loaded: Engine['loaded'],
  workload: Workload<Updates>,
  restoreOnce: () => Promise<Side<Updates, P>> | Side<Updates, P>,
): Engine {
  let last: Side<Updates, P> | null = null
  return {
    loaded,
    run: async () => {
      last = null
      collectGarbage()
      return timed(loaded.rows, async () => {
        last = await restoreOnce()
      })
    },
    check: () => {
      if (last === null) throw new Error('nothing was restored')
      return swept(workload, last)
    },
  }
}
