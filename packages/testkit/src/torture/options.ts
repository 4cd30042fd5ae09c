import { parseArgs } from 'node:util'
import { BREAKABLE_RULES, isBreakableRule } from '@sheetflow/core/breakage'
import type { BreakableRule } from '@sheetflow/core/breakage'

/** What is tortured: one process over SQLite, or many over a NATS server. */
export type BusName = 'sqlite' | 'nats'
const BUSES: readonly BusName[] = ['sqlite', 'nats']

/** One run. */
export interface TortureOptions {
  readonly bus: BusName
  readonly minutes: number
  readonly seed: number
  /** Switched off; the run is a success when the checker finds it. */
  readonly broken: BreakableRule | null
  /** Do not remove the project's folder. */
  readonly keep: boolean
}

/** What `npm run torture` was asked for. */
export interface TortureRequest {
  /** One after the other, with the seeds S, S + 1, … */
  readonly runs: readonly TortureOptions[]
  /** Also what has passed with this commit. */
  readonly again: boolean
}

const USAGE = `npm run torture -- [--bus sqlite|nats] [--minutes N] [--seed S] [--seeds COUNT] [--again] [--break NAME] [--keep]

  --bus BUS     sqlite: one process with every role (default); nats: two processes for each role over a NATS server
  --minutes N   how long to write, kill and look (default 1; with --break 5)
  --seed S      makes the same choices again (default: from the clock; it is printed)
  --seeds COUNT so many runs, with the seeds S, S + 1, … (S is 1 then); a run that passed with this commit is not made again
  --again       it is
  --break NAME  switches one rule off; succeeds as soon as the checker finds it, fails if it does not in time:
                ${BREAKABLE_RULES.join(', ')}
  --keep        leave the project's folder and its logs where they are

Each run is a line of results/torture.jsonl; results/torture.json sums them up.
`

/** Reads the command line. A text: what to print instead of running. */
export function parseOptions(args: readonly string[]): TortureRequest | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        bus: { type: 'string', default: 'sqlite' },
        minutes: { type: 'string' },
        seed: { type: 'string' },
        seeds: { type: 'string' },
        again: { type: 'boolean', default: false },
        break: { type: 'string' },
        keep: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    const broken = values.break ?? null
    const bus = BUSES.find((one) => one === values.bus)
    const [minutes, count] = [Number(values.minutes ?? (broken === null ? 1 : 5)), Number(values.seeds ?? 1)]
    const seed = Number(values.seed ?? (values.seeds === undefined ? Date.now() % 1_000_000 : 1))
    const areNumbers = minutes > 0 && Number.isSafeInteger(seed) && Number.isSafeInteger(count) && count > 0
    if (values.help || bus === undefined || !areNumbers || (broken !== null && !isBreakableRule(broken))) return USAGE
    const runs = Array.from({ length: count }, (_, i) => ({ bus, minutes, seed: seed + i, broken, keep: values.keep }))
    return { runs, again: values.again || values.seeds === undefined }
  } catch (error) {
    return `${String(error)}\n\n${USAGE}`
  }
}
