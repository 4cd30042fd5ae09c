import { Random } from '@sheetflow/testkit/random'
import type { TableSketch } from '@sheetflow/testkit/bound-graph'
import type { EngineCase, Scale } from '../engine-case.ts'
import { handWritten } from '../limits/hand-written.ts'
import type { HandWritten, OutRow } from '../limits/hand-written.ts'
import type { WorkbookText } from '../live-workbook.ts'
import { sheetflowEngine } from '../sheetflow-side.ts'
import type { Workload } from '../stepping.ts'

/** Formula columns. */
const COLUMNS = 200
/** Transactions a round: each recomputes 200 columns. */
const EDITS = 1_000
const BELOW = 10_000

interface Edit {
  readonly id: number
  readonly a: number
  readonly b: number
}

/** 200 formula columns on each row: an edit of the two columns that all of them read, from the change to the whole row of the view. */
export function wide(scale: Scale): readonly EngineCase[] {
  return [
    {
      name: `${COLUMNS} formula columns`,
      rows: scale.rows,
      loads: 1,
      phases: [{ id: 'one', name: 'edit to output', unit: 'ms', per: 'item-ms', latency: true }],
      contenders: [
        {
          who: 'sheetflow',
          open: (at) =>
            sheetflowEngine({
              workbook: WIDE,
              rows: { 'public.rows': { count: at.rows, row: (id) => [id, ...startOf(id)] } },
              workload: edits(at),
              changes: ({ id, a, b }: Edit) => [['public.rows', [['u', [id], [id, a, b], null]]]],
            }),
        },
        { who: 'limit: hand-written', open: (at) => handWritten(at.rows, () => new Wide(at.rows), edits(at)) },
      ],
    },
  ]
}

const TABLE: TableSketch = { columns: { id: { type: 'int' }, a: { type: 'int' }, b: { type: 'int' } } }

const WIDE: WorkbookText = {
  files: {
    'sales/workbook.yaml': 'time_zone: Europe/Warsaw\n',
    'sales/rows.sheet.yaml': [
      'rows: =shop!rows',
      'keep: [id, a, b]',
      'columns:',
      ...Array.from({ length: COLUMNS }, (_, i) => `  f${i}: =${formula(i)}`),
      'read: {clerk: all}',
      '',
    ].join('\n'),
  },
  tables: { 'public.rows': TABLE },
}

/** Five kinds in turn; the last reads the two formulas before it. */
function formula(i: number): string {
  switch (i % 5) {
    case 0:
      return `[@a]*${i + 1}+[@b]`
    case 1:
      return `IF([@a]>${i * 50}, [@b], ${i})`
    case 2:
      return `MAX([@a], [@b], ${i * 40})`
    case 3:
      return `ABS([@a]-[@b])+${i}`
    default:
      return `[@f${i - 1}]+[@f${i - 2}]`
  }
}

function startOf(id: number): [a: number, b: number] {
  return [(id * 7_919) % BELOW, (id * 104_729) % BELOW]
}

function edits({ rows, transactions }: Scale): Workload<Edit> {
  const random = new Random(17)
  const some = (count: number): Edit[] =>
    Array.from({ length: count }, () => ({ id: random.below(rows), a: random.below(BELOW), b: random.below(BELOW) }))
  return { round: () => some(Math.min(transactions, EDITS)), items: () => 1, sweep: () => some(100) }
}

/** The state is the two columns: formulas that only their own row reads need none. */
class Wide implements HandWritten<Edit> {
  readonly #a: Int32Array
  readonly #b: Int32Array

  constructor(rows: number) {
    this.#a = Int32Array.from({ length: rows }, (_, id) => startOf(id)[0])
    this.#b = Int32Array.from({ length: rows }, (_, id) => startOf(id)[1])
  }

  step({ id, a, b }: Edit): OutRow[] {
    if (this.#a[id] === a && this.#b[id] === b) return []
    this.#a[id] = a
    this.#b[id] = b
    const cells: number[] = [id, a, b]
    for (let i = 0; i < COLUMNS; i += 5) {
      const largest = Math.max(a, b, (i + 2) * 40)
      const distance = Math.abs(a - b) + i + 3
      cells.push(a * (i + 1) + b, a > (i + 1) * 50 ? b : i + 1, largest, distance, distance + largest)
    }
    return [{ view: 'sales.rows', key: id, cells }]
  }
}
