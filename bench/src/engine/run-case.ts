import { median } from '../lib/measure.ts'
import type { Figure } from '../lib/measure.ts'
import { compareResults } from './engine-case.ts'
import type { EngineCase, EngineContender, Loaded, Phase, Results, RoundResult, Scale } from './engine-case.ts'
import type { Place } from './place.ts'

/** How a case is run. */
export interface CaseRun {
  readonly selector: string
  /** Which of the selector's cases. */
  readonly at: number
  readonly scale: Scale
  /** Raw runs. */
  readonly rounds: number
  place(): Place
}

interface Opened {
  readonly contender: EngineContender
  readonly place: Place
  readonly loads: readonly Loaded[]
}

/**
 * Opens all contenders and lets them take turns, round by round, so that a noisy minute hits each of them alike; the first round warms up and is not
 * counted. At the end their results are compared row by row.
 */
export async function* runCase(of: EngineCase, run: CaseRun): AsyncIterable<Figure> {
  const contenders = of.contenders.filter(({ rival = false }) => !rival || run.scale.rivals !== null)
  const opened: Opened[] = []
  try {
    for (const contender of contenders) opened.push(await open(of, run, contender))
    if ((of.loads ?? 0) > 0) yield* opened.map((one) => loadFigure(of, one))
    for (const phase of of.phases) yield* await runPhase(of, run, phase, opened)
    await checkAll(opened)
  } finally {
    for (const { place } of opened) place[Symbol.dispose]()
  }
}

/** Loads so often as the case says, each time in a new place; the last one stays. */
async function open(
  { loads = 0 }: EngineCase,
  { selector, at, scale, place, rounds }: CaseRun,
  contender: EngineContender,
): Promise<Opened> {
  const which = { selector, at, who: contender.who }
  const times = contender.slow === true ? 1 : Math.max(1, Math.min(loads, rounds))
  const measured: Loaded[] = []
  for (let i = 0; ; i++) {
    const here = place()
    measured.push((await here.ask({ do: 'open', which, scale })) as Loaded)
    if (i === times - 1) return { contender, place: here, loads: measured }
    here[Symbol.dispose]()
  }
}

function loadFigure(of: EngineCase, { contender, loads }: Opened): Figure {
  const runs = loads.map(({ rows, cpuSeconds }) => rows / cpuSeconds)
  const [{ rows }] = loads as [Loaded]
  return {
    bench: 'engine',
    case: `${of.name}: load`,
    who: contender.who,
    unit: 'rows/CPU-s',
    value: median(runs),
    runs,
    cpuMicros: median(loads.map(({ cpuSeconds }) => (cpuSeconds * 1e6) / rows)),
    heapMB: median(loads.map(({ heapMB }) => heapMB)),
    rows: of.rows,
  }
}

async function runPhase(of: EngineCase, { rounds }: CaseRun, phase: Phase, opened: readonly Opened[]): Promise<Figure[]> {
  const results = new Map<Opened, RoundResult[]>()
  const slowest = new Map<Opened, number>()
  for (let round = 0; round <= rounds; round++) {
    for (const one of opened) {
      const result = (await one.place.ask({ do: 'run', phase: phase.id, round, latency: false })) as RoundResult
      if (round > 0) results.set(one, [...(results.get(one) ?? []), result])
    }
  }
  if (phase.latency === true) {
    for (const one of opened) {
      const { p99us } = (await one.place.ask({ do: 'run', phase: phase.id, round: rounds + 1, latency: true })) as RoundResult
      if (p99us !== undefined) slowest.set(one, p99us)
    }
  }
  return opened.map((one) => phaseFigure(of, phase, one, results.get(one) ?? [], slowest.get(one)))
}

function phaseFigure(of: EngineCase, phase: Phase, one: Opened, results: readonly RoundResult[], p99us: number | undefined): Figure {
  const runs = results.map((result) => valueOf(phase, result))
  return {
    bench: 'engine',
    case: phase.name === '' ? of.name : `${of.name}: ${phase.name}`,
    who: one.contender.who,
    unit: unitOf(phase),
    value: median(runs),
    runs,
    cpuMicros: median(results.map(({ items, cpuSeconds }) => (cpuSeconds * 1e6) / items)),
    heapMB: median(one.loads.map(({ heapMB }) => heapMB)),
    ...(p99us === undefined ? {} : { p99us }),
    rows: of.rows,
  }
}

function unitOf({ unit, per = 'second' }: Phase): string {
  return per === 'second' ? `${unit}/CPU-s` : unit
}

function valueOf({ per = 'second' }: Phase, { items, cpuSeconds }: RoundResult): number {
  switch (per) {
    case 'second':
      return items / cpuSeconds
    case 'item-ms':
      return (cpuSeconds * 1e3) / items
    case 'item-us':
      return (cpuSeconds * 1e6) / items
  }
}

async function checkAll(opened: readonly Opened[]): Promise<void> {
  const [first, ...others] = opened
  if (first === undefined) return
  const ours = { who: first.contender.who, results: (await first.place.ask({ do: 'check' })) as Results }
  if (Object.keys(ours.results).length === 0) throw new Error(`${ours.who} gave no results to compare`)
  for (const { contender, place } of others) {
    compareResults(ours, { who: contender.who, results: (await place.ask({ do: 'check' })) as Results })
  }
}
