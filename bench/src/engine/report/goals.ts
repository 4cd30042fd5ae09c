import type { Figure } from '../../lib/measure.ts'

/** A goal of the engine, and how the figures stand to it. */
export interface Goal {
  readonly what: string
  readonly goal: string
  /** What was measured, and whether it is enough; null: it was not measured. */
  ours(figures: Figures): { readonly text: string; readonly met: boolean } | null
}

/** Figures by case and contender. */
export interface Figures {
  value(name: string, who: string): number | null
  figure(name: string, who: string): Figure | null
}

const SHEETFLOW = 'sheetflow'
const LIMIT = 'limit: hand-written'
const ONE = 'reference, typed: 1 a transaction'

/** Bytes of the reference workload's columns as typed arrays and UTF-8: 16 B an order, 18 B a customer. */
const RAW_COLUMNS_MB = 18

export const GOALS: readonly Goal[] = [
  atLeast('typed, 1 a transaction', 400_000, 'updates/s', ONE),
  ratio('typed, 1 a transaction, to ZQL', 3, ONE, 'ZQL, sums by hand'),
  ratio('typed, 1 a transaction, to the limit', 0.5, ONE, LIMIT),
  atLeast('typed, 1,000 a transaction', 600_000, 'updates/s', 'reference, typed: 1,000 a transaction'),
  atLeast('messages, 1 a transaction', 150_000, 'updates/s', 'reference, messages: 1 a transaction'),
  atLeast('messages, 1,000 a transaction', 300_000, 'updates/s', 'reference, messages: 1,000 a transaction'),
  {
    what: 'load of 1.1 M rows',
    goal: '≤ 1.5 s',
    ours: (of) => below(of.value('reference, typed: load', SHEETFLOW), (rate) => 1_100_000 / rate, 1.5, 's'),
  },
  {
    what: 'memory over the raw columns',
    goal: '≤ 120 MB',
    ours: (of) => below(of.figure('reference, typed: load', SHEETFLOW)?.heapMB ?? null, (mb) => mb - RAW_COLUMNS_MB, 120, 'MB'),
  },
  {
    what: 'typed, 1 a transaction, p99',
    goal: '< 50 µs',
    ours: (of) => below(of.figure(ONE, SHEETFLOW)?.p99us ?? null, (us) => us, 50, 'µs'),
  },
  atLeast('dimension change', 4_000_000, 'rows/s', 'dimension change: 100,000 dependents'),
  atLeast('MIN and MAX retracted', 300_000, 'transactions/s', 'MIN and MAX retracted, one group'),
  {
    what: '200 formula columns, edit to output',
    goal: '< 5 ms',
    ours: (of) => below(of.value('200 formula columns: edit to output', SHEETFLOW), (ms) => ms, 5, 'ms'),
  },
  atLeast('restore, rows alone', 1_000_000, 'rows/s', 'restore, rows alone'),
  atLeast('restore, with indexes', 500_000, 'rows/s', 'restore, with indexes'),
  {
    what: 'parse and compile 200 formulas, first time',
    goal: '< 50 ms',
    ours: (of) => below(of.value('parse and compile 200 formulas, first time', SHEETFLOW), (ms) => ms, 50, 'ms'),
  },
  {
    what: 'parse and compile 200 formulas, warm',
    goal: '< 50 ms',
    ours: (of) => below(of.value('parse and compile 200 formulas, warm', SHEETFLOW), (ms) => ms, 50, 'ms'),
  },
  {
    what: 'growth of an update, 10,000 to 5 M rows, to that of the limit',
    goal: '≤ 1.3×',
    ours: (of) => {
      const growth = [SHEETFLOW, LIMIT].map((who) => over(of.value(growthCase('5,000,000'), who), of.value(growthCase('10,000'), who)))
      return below(over(growth[0] ?? null, growth[1] ?? null), (times) => times, 1.3, '×')
    },
  },
]

function growthCase(rows: string): string {
  return `growth, ${rows} orders: one update`
}

function atLeast(what: string, goal: number, unit: string, name: string): Goal {
  return {
    what,
    goal: `≥ ${plain(goal)} ${unit}`,
    ours: (of) => {
      const value = of.value(name, SHEETFLOW)
      return value === null ? null : { text: plain(value), met: value >= goal }
    },
  }
}

function ratio(what: string, goal: number, name: string, to: string): Goal {
  return {
    what,
    goal: `≥ ${goal}×`,
    ours: (of) => {
      const times = over(of.value(name, SHEETFLOW), of.value(name, to))
      return times === null ? null : { text: `${times.toFixed(2)}×`, met: times >= goal }
    },
  }
}

function below(value: number | null, of: (value: number) => number, goal: number, unit: string): { text: string; met: boolean } | null {
  if (value === null) return null
  const measured = of(value)
  return { text: `${plain(measured)}${unit === '×' ? '' : ' '}${unit}`, met: measured <= goal }
}

function over(value: number | null, by: number | null): number | null {
  return value === null || by === null ? null : value / by
}

function plain(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)))
}
