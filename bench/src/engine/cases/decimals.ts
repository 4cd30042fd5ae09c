import { Random } from '@sheetflow/testkit/random'
import type { ColumnType } from '@sheetflow/core/type'
import type { Engine, EngineCase, Scale } from '../engine-case.ts'
import { handWritten } from '../limits/hand-written.ts'
import type { HandWritten, OutRow } from '../limits/hand-written.ts'
import type { TableRows, WorkbookText } from '../live-workbook.ts'
import { money } from '../money.ts'
import { sheetflowEngine } from '../sheetflow-side.ts'
import type { Workload } from '../stepping.ts'

/** Lines of a customer, on average. */
const EACH = 10
const CENTS = 100_000

interface Line {
  readonly id: number
  readonly customer: number
  readonly quantity: number
  readonly cents: number
  /** In hundredths. */
  readonly discount: number
}

/**
 * `ROUND(quantity*price*(1-discount), 2)` per line and its sum per customer, over decimal columns and over double columns. The numbers are such
 * that doubles have no half cents to round, so that all give the same. The limit rounds doubles.
 */
export function decimals(scale: Scale): readonly EngineCase[] {
  return [
    {
      name: 'price lines',
      rows: scale.rows,
      phases: [
        { id: 'one', name: '1 a transaction', unit: 'updates', latency: true },
        { id: 'thousand', name: '1,000 a transaction', unit: 'updates' },
      ],
      contenders: [
        { who: 'sheetflow, decimals', open: (at) => engineOf(at, { type: 'decimal', p: 12, s: 2 }, money) },
        { who: 'sheetflow, doubles', open: (at) => engineOf(at, { type: 'double' }, (hundredths) => hundredths / 100) },
        {
          who: 'limit: hand-written, doubles',
          open: (at) => handWritten(at.rows + customersOf(at), () => new PriceLines(at), priceLines(at)),
        },
      ],
    },
  ]
}

function engineOf(scale: Scale, type: ColumnType, number: (hundredths: number) => number | string): Promise<Engine> {
  const row = ({ id, customer, quantity, cents, discount }: Line): readonly (number | string)[] => [
    id,
    customer,
    quantity,
    number(cents),
    number(discount),
  ]
  const rows: Readonly<Record<string, TableRows>> = {
    'public.customers': { count: customersOf(scale), row: (id) => [id] },
    'public.lines': { count: scale.rows, row: (id) => row(startOf(id, scale)) },
  }
  return sheetflowEngine({
    workbook: workbookOf(type),
    rows,
    workload: priceLines(scale),
    changes: (lines: readonly Line[]) => [['public.lines', lines.map((line) => ['u', [line.id], row(line), null])]],
  })
}

function workbookOf(type: ColumnType): WorkbookText {
  return {
    files: {
      'sales/workbook.yaml': 'time_zone: Europe/Warsaw\n',
      'sales/lines.sheet.yaml': `rows: =shop!lines
keep: [id, customer_id]
columns:
  net: =ROUND([@quantity]*[@price]*(1-[@discount]), 2)
read: {clerk: all}
`,
      'sales/customers.sheet.yaml': `rows: =shop!customers
columns:
  spent: =SUMIFS(lines[net], lines[customer_id], [@id])
keep: [id]
read: {clerk: all}
`,
    },
    tables: {
      'public.customers': { columns: { id: { type: 'int' } } },
      'public.lines': {
        columns: { id: { type: 'int' }, customer_id: { type: 'int' }, quantity: { type: 'int' }, price: type, discount: type },
      },
    },
  }
}

function customersOf({ rows }: Scale): number {
  return Math.max(1, Math.floor(rows / EACH))
}

function startOf(id: number, scale: Scale): Line {
  return {
    id,
    customer: (id * 7_919) % customersOf(scale),
    quantity: 2 * (1 + (id % 5)),
    cents: (id * 104_729) % CENTS,
    discount: id % 3 === 0 ? 50 : 0,
  }
}

function priceLines(scale: Scale): Workload<readonly Line[]> {
  const random = new Random(19)
  const line = (): Line => ({
    ...startOf(random.below(scale.rows), scale),
    quantity: 2 * random.between(1, 9),
    cents: random.below(CENTS),
    discount: random.chance(0.5) ? 50 : 0,
  })
  const some = (count: number, size: number): Line[][] =>
    Array.from({ length: Math.max(1, Math.floor(count / size)) }, () => {
      const lines = new Map<number, Line>()
      while (lines.size < Math.min(size, scale.rows)) {
        const made = line()
        lines.set(made.id, made)
      }
      return [...lines.values()]
    })
  return {
    round: (phase) => some(scale.transactions, phase === 'thousand' ? 1_000 : 1),
    items: (lines) => lines.length,
    sweep: () => some(Math.min(scale.transactions, 10_000), 100),
  }
}

class PriceLines implements HandWritten<readonly Line[]> {
  readonly #net: Float64Array
  readonly #sums: Float64Array
  readonly #touched: Int32Array
  #transaction = 0

  constructor(scale: Scale) {
    this.#net = new Float64Array(scale.rows)
    this.#sums = new Float64Array(customersOf(scale))
    this.#touched = new Int32Array(customersOf(scale))
    for (let id = 0; id < scale.rows; id++) this.#put(startOf(id, scale))
  }

  step(lines: readonly Line[]): OutRow[] {
    this.#transaction += 1
    const out: OutRow[] = []
    const customers: number[] = []
    for (const line of lines) {
      const before = this.#net[line.id]
      const net = this.#put(line)
      if (net === before) continue
      out.push({ view: 'sales.lines', key: line.id, cells: [line.id, line.customer, net] })
      if (this.#touched[line.customer] === this.#transaction) continue
      this.#touched[line.customer] = this.#transaction
      customers.push(line.customer)
    }
    for (const id of customers) out.push({ view: 'sales.customers', key: id, cells: [id, this.#sums[id] ?? 0] })
    return out
  }

  #put({ id, customer, quantity, cents, discount }: Line): number {
    const net = Math.round(quantity * (cents / 100) * (1 - discount / 100) * 100) / 100
    this.#sums[customer] = (this.#sums[customer] ?? 0) + net - (this.#net[id] ?? 0)
    this.#net[id] = net
    return net
  }
}
