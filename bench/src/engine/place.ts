import { startChild } from '../lib/child.ts'
import { casesNamed } from './cases.ts'
import type { Engine, Loaded, Results, RoundResult, Scale } from './engine-case.ts'

/** What a contender's process is told, one after the other: `open` first. */
export type Task =
  | { readonly do: 'open'; readonly which: Which; readonly scale: Scale }
  | { readonly do: 'run'; readonly phase: string; readonly round: number; readonly latency: boolean }
  | { readonly do: 'check' }
export type Answer = Loaded | RoundResult | Results

/** Which contender of which case: functions do not go from process to process, so each makes the list of cases for itself. */
export interface Which {
  readonly selector: string
  readonly at: number
  readonly who: string
}

/** Where a contender lives. */
export interface Place extends Disposable {
  ask(task: Task): Promise<Answer>
}

/** Memory that a contender may take: the greatest rivals want several GB. */
const HEAP_MB = 12_000

/** As `sheetflow start` asks for it (`apps/sheetflow/bin/memory.js`): memory in pages of 2 MiB. Every contender gets it. */
const HUGE_PAGES = { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' }

/** A process of its own: nobody's garbage, and nobody's shapes of objects, slow the others down; and memory can be told apart. */
export function ownProcess(): Place {
  const flags = ['--expose-gc', `--max-old-space-size=${HEAP_MB}`]
  return startChild<Task, Answer>(new URL('contender-main.ts', import.meta.url), flags, HUGE_PAGES)
}

/** This process: for tests. */
export function thisProcess(): Place {
  const work = contender()
  return { ask: work, [Symbol.dispose]: () => undefined }
}

/** Does the tasks of one contender. */
export function contender(): (task: Task) => Promise<Answer> {
  let engine: Engine | undefined
  return async (task) => {
    if (task.do === 'open') {
      engine = await opened(task.which, task.scale)
      return engine.loaded
    }
    if (engine === undefined) throw new Error('nothing is open')
    return task.do === 'run' ? engine.run(task.phase, task.round, task.latency) : engine.check()
  }
}

async function opened({ selector, at, who }: Which, scale: Scale): Promise<Engine> {
  const found = casesNamed(selector, scale)[at]?.contenders.find((one) => one.who === who)
  if (found === undefined) throw new Error(`there is no contender ${who} in case ${at} of ${selector}`)
  return found.open(scale)
}
