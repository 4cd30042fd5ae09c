import { percentile99, timed } from '../lib/measure.ts'
import type { Engine, Loaded, Results, RoundResult } from './engine-case.ts'
import { collectGarbage } from './memory.ts'

/**
 * One side of a case whose work is transactions. `prepare` is done before the clock starts: a transaction in the form in which this side takes
 * it. `step` is what is measured: the transaction goes in, everything that it changed comes out.
 */
export interface Side<Transaction, Prepared> {
  prepare(transaction: Transaction): Prepared
  /** Takes the transaction; gives how many result rows changed. */
  step(prepared: Prepared): number
  /** As `step`, and writes the changed rows into results, as text. */
  read(prepared: Prepared, results: Record<string, string>): void
}

/** The work of a case: drawn from seeds, so that each contender in its own process gets the same. */
export interface Workload<Transaction> {
  /** The transactions of one round, in order; rounds are asked for in the order in which they run. */
  round(phase: string, round: number): readonly Transaction[]
  /** What a transaction counts for. */
  items(transaction: Transaction): number
  /** Transactions that touch as many result rows as is sensible, for comparing them. */
  sweep(): readonly Transaction[]
}

/** An engine of one side. */
export function stepping<T, P>(loaded: Loaded, workload: Workload<T>, side: Side<T, P>): Engine {
  return {
    loaded,
    run: (phase, round, latency) => {
      const transactions = workload.round(phase, round)
      const items = transactions.reduce((sum, one) => sum + workload.items(one), 0)
      const prepared = transactions.map((one) => side.prepare(one))
      collectGarbage()
      return latency ? withLatency(items, prepared, side) : throughput(items, prepared, side)
    },
    check: () => swept(workload, side),
  }
}

/** What comes out of the transactions that touch everything. */
export function swept<T, P>(workload: Workload<T>, side: Side<T, P>): Results {
  const results: Record<string, string> = {}
  for (const one of workload.sweep()) side.read(side.prepare(one), results)
  return results
}

async function throughput<P>(items: number, prepared: readonly P[], side: Side<never, P>): Promise<RoundResult> {
  let changed = 0
  const measured = await timed(items, () => {
    for (const one of prepared) changed += side.step(one)
  })
  if (changed === 0) throw new Error('no result row changed')
  return measured
}

async function withLatency<P>(items: number, prepared: readonly P[], side: Side<never, P>): Promise<RoundResult> {
  const micros = new Float64Array(prepared.length)
  let changed = 0
  const measured = await timed(items, () => {
    for (let i = 0; i < prepared.length; i++) {
      const from = performance.now()
      changed += side.step(prepared[i] as P)
      micros[i] = (performance.now() - from) * 1000
    }
  })
  if (changed === 0) throw new Error('no result row changed')
  return { ...measured, p99us: percentile99(micros) }
}
