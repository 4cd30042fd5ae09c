/** One measured figure: who did what how fast. Printed as one JSON object a line with `--json`. */
export interface Figure {
  readonly bench: string
  readonly case: string
  /** `sheetflow`, the rival's name, or `limit` for the hand-written bound. */
  readonly who: string
  readonly unit: string
  /** Median of the raw runs. */
  readonly value: number
  /** Every run, in the order they were made. */
  readonly runs: readonly number[]
  /** CPU of this process per item in microseconds, median; absent where it says nothing. */
  readonly cpuMicros?: number
  /** What its state takes after loading and a garbage collection, in MB of 10^6 bytes: the heap and the array buffers, less what was there before. */
  readonly heapMB?: number
  /** The 99th percentile of the time of one item (a transaction, a step) by the clock, in µs. */
  readonly p99us?: number
  /** Rows of the greatest table, where a case runs at several sizes. */
  readonly rows?: number
  /** The word that selects its case, where a benchmark has many. */
  readonly group?: string
  readonly measured?: Measurement
}

/** When and on what a figure was measured. */
export interface Measurement {
  /** `2026-11-26` */
  readonly date: string
  /** The commit that was checked out. */
  readonly commit: string
  /** Load average of the machine's last minute, the benchmark's own included. */
  readonly load: number
}

/** One side of a comparison: `run` does the work once and says how many items it was. */
export interface Contender {
  readonly who: string
  run(): Promise<Measured> | Measured
}

/** What a run did. `seconds` and `cpuSeconds` are given where only a part of the run counts, or the work was another process's. */
export interface Measured {
  readonly items: number
  readonly seconds?: number
  readonly cpuSeconds?: number
}

/** Measures the part of a run that counts. */
export async function timed(items: number, work: () => Promise<unknown> | void): Promise<Required<Measured>> {
  const startedAt = performance.now()
  const cpuBefore = process.cpuUsage()
  await work()
  return { items, seconds: (performance.now() - startedAt) / 1000, cpuSeconds: cpuSecondsSince(cpuBefore) }
}

/** How a comparison is made. */
export interface Comparison {
  readonly bench: string
  readonly case: string
  readonly unit: string
  readonly contenders: readonly Contender[]
  /** Raw runs of each; default 5. One more, unmeasured, warms up. */
  readonly runs?: number
  /** Count items per CPU-second of this process instead of per second of the clock. */
  readonly perCpuSecond?: boolean
}

/**
 * Runs all contenders in turn, round by round, so that a noisy minute hits each of them alike. The value is the median over the rounds.
 */
export async function compare(comparison: Comparison): Promise<Figure[]> {
  const rounds = comparison.runs ?? 5
  const samples = new Map<string, { rates: number[]; micros: number[] }>()
  for (let round = -1; round < rounds; round += 1) {
    for (const contender of comparison.contenders) {
      const sample = await once(contender, comparison.perCpuSecond ?? false)
      if (round < 0) continue
      const of = samples.get(contender.who) ?? { rates: [], micros: [] }
      of.rates.push(sample.rate)
      of.micros.push(sample.micros)
      samples.set(contender.who, of)
    }
  }
  return [...samples].map(([who, { rates, micros }]) => ({
    bench: comparison.bench,
    case: comparison.case,
    who,
    unit: comparison.unit,
    value: median(rates),
    runs: rates,
    cpuMicros: median(micros),
  }))
}

/** The value below which 99 of 100 lie. Sorts the array in place. */
export function percentile99(values: Float64Array): number {
  values.sort()
  return values[Math.min(values.length - 1, Math.floor(values.length * 0.99))] ?? Number.NaN
}

/** The middle value (lower of the two middle ones for an even count). */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
}

async function once(contender: Contender, perCpuSecond: boolean): Promise<{ rate: number; micros: number }> {
  const startedAt = performance.now()
  const cpuBefore = process.cpuUsage()
  const { items, seconds, cpuSeconds: own } = await contender.run()
  const wallSeconds = seconds ?? (performance.now() - startedAt) / 1000
  const cpuSeconds = own ?? cpuSecondsSince(cpuBefore)
  return { rate: items / (perCpuSecond ? cpuSeconds : wallSeconds), micros: (cpuSeconds * 1e6) / items }
}

function cpuSecondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}
