import type { RowChange } from '@sheetflow/core/message'
import type { Engine, EngineCase, Scale } from '../engine-case.ts'
import { SumsAndNames } from '../limits/sums-and-names.ts'
import type { SumsOut } from '../limits/sums-and-names.ts'
import { loading } from '../memory.ts'
import { messageSide, workbookStep } from '../message-side.ts'
import type { RowStep } from '../message-side.ts'
import { centsOf, money } from '../money.ts'
import { orderUpdates, referenceCase } from '../reference.ts'
import { zqlRival } from '../rivals/zql.ts'
import { loadWorkbook } from '../sheetflow-side.ts'
import { chunks, Shop } from '../shop.ts'
import type { OrderRow, OrderUpdate } from '../shop.ts'
import { stepping } from '../stepping.ts'
import type { Workload } from '../stepping.ts'

const JOINED = 'joined'
const JOINED_TRANSACTIONS = 256

/** The reference workload with messages: bytes of the source's transactions in, bytes of the graph's transactions out. */
export function messages(scale: Scale): readonly EngineCase[] {
  return [
    {
      name: 'reference, messages',
      rows: scale.rows,
      phases: [
        { id: 'one', name: '1 a transaction', unit: 'updates', latency: true },
        { id: 'hundred', name: '100 a transaction', unit: 'updates' },
        { id: 'thousand', name: '1,000 a transaction', unit: 'updates' },
        { id: JOINED, name: `1 a transaction, ${JOINED_TRANSACTIONS} a step`, unit: 'updates' },
      ],
      contenders: [
        { who: 'sheetflow', open: sheetflowMessages },
        { who: 'ZQL, sums by hand', rival: true, open: zqlMessages },
        { who: 'limit: hand-written', open: limitMessages },
      ],
    },
  ]
}

async function sheetflowMessages(scale: Scale): Promise<Engine> {
  const of = referenceCase(scale)
  const { workbook, loaded } = await loadWorkbook(of)
  return stepping(
    loaded,
    messageSteps(of.workload),
    messageSide(({ transactions }) => transactions.map((updates) => of.changes(updates)), workbookStep(workbook)),
  )
}

/** The limit in the same envelope: it decodes and encodes with the same code, and has its own step between. */
async function limitMessages(scale: Scale): Promise<Engine> {
  const shop = new Shop(scale.rows)
  const limit = new SumsAndNames(shop.orders, shop.customers)
  const loaded = await loading(shop.orders + shop.customers, () => {
    for (let id = 0; id < shop.orders; id++) {
      const { customer, cents } = shop.order(id)
      limit.insert(id, customer, cents)
    }
  })
  const { changes } = referenceCase(scale, new Shop(1))
  return stepping(
    loaded,
    messageSteps(orderUpdates(shop, scale)),
    messageSide(({ transactions }) => transactions.map(changes), limitStep(limit)),
  )
}

/** The rival in the same envelope. It wants the row before, which does not stand in the message: the last one of each order is kept for it. */
async function zqlMessages(scale: Scale): Promise<Engine> {
  const shop = new Shop(scale.rows)
  const rival = await zqlRival(scale.rivals)
  const rows: OrderRow[] = []
  const loaded = await loading(shop.orders + shop.customers, () => {
    rival.load(shop)
    for (let id = 0; id < shop.orders; id++) rows.push(shop.order(id))
  })
  const { changes } = referenceCase(scale, new Shop(1))
  const step: RowStep = (tables) => {
    const updates = tables
      .flatMap(([, changed]) => changed.map(updateOf))
      .map(({ after }): OrderUpdate => {
        const before = rows[after.id] ?? after
        rows[after.id] = after
        return { before, after }
      })
    return viewsOf(rival.step(rival.prepare(updates)))
  }
  return stepping(
    loaded,
    messageSteps(orderUpdates(shop, scale)),
    messageSide(({ transactions }) => transactions.map(changes), step),
  )
}

/** A step of the graph and the source's transactions in it. */
interface MessageStep {
  readonly transactions: readonly (readonly OrderUpdate[])[]
}

/** Each transaction is a step of its own, but where they are joined as the graph role joins them when it is behind. */
function messageSteps(workload: Workload<readonly OrderUpdate[]>): Workload<MessageStep> {
  const alone = (updates: readonly OrderUpdate[]): MessageStep => ({ transactions: [updates] })
  return {
    round: (phase, round) => {
      const transactions = workload.round(phase === JOINED ? 'one' : phase, round)
      return phase === JOINED
        ? chunks(transactions, JOINED_TRANSACTIONS).map((joined) => ({ transactions: joined }))
        : transactions.map(alone)
    },
    items: ({ transactions }) => transactions.reduce((sum, updates) => sum + updates.length, 0),
    sweep: () => workload.sweep().map(alone),
  }
}

function limitStep(limit: SumsAndNames): RowStep {
  return (tables) => {
    const updates = tables.flatMap(([, rows]) => rows.map(updateOf))
    return viewsOf(limit.step(updates))
  }
}

/** The limit does not need the row before: it knows it. */
function updateOf([, , after]: RowChange): OrderUpdate {
  const [id, customer, total] = after as readonly [number, number, string]
  const row = { id, customer, cents: centsOf(total) }
  return { before: row, after: row }
}

/** It writes JSON as one writes it by hand. */
function viewsOf({ orders, customers }: SumsOut): ReturnType<RowStep> {
  const customerTexts = customers.map(
    ({ id, name, orders: n, cents }) => `["u",[${id}],[${id},${JSON.stringify(name)},${n},"${money(cents)}"],null]`,
  )
  const orderTexts = orders.map(
    ({ id, customer, cents, name }) => `["u",[${id}],[${id},${customer},"${money(cents)}",${JSON.stringify(name)}],null]`,
  )
  return [
    { view: 'sales.customers', schema: 1, rows: customerTexts },
    { view: 'sales.orders', schema: 1, rows: orderTexts },
  ]
}
