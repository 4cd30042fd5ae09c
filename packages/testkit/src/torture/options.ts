import { parseArgs } from 'node:util'
import { BREAKABLE_RULES, isBreakableRule } from '@sheetflow/core/breakage'
import type { BreakableRule } from '@sheetflow/core/breakage'

/** What `npm run torture` was asked for. */
export interface TortureOptions {
  readonly minutes: number
  readonly seed: number
  /** Switched off; the run is a success when the checker finds it. */
  readonly broken: BreakableRule | null
  /** Do not remove the project's folder. */
  readonly keep: boolean
}

const USAGE = `npm run torture -- [--minutes N] [--seed S] [--break NAME] [--keep]

  --minutes N   how long to write, kill and look (default 1; with --break 5)
  --seed S      makes the same choices again (default: from the clock; it is printed)
  --break NAME  switches one rule off; succeeds as soon as the checker finds it, fails if it does not in time:
                ${BREAKABLE_RULES.join(', ')}
  --keep        leave the project's folder and its log where they are
`

/** Reads the command line. A text: what to print instead of running. */
export function parseOptions(args: readonly string[]): TortureOptions | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        minutes: { type: 'string' },
        seed: { type: 'string', default: String(Date.now() % 1_000_000) },
        break: { type: 'string' },
        keep: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    const broken = values.break ?? null
    const [minutes, seed] = [Number(values.minutes ?? (broken === null ? 1 : 5)), Number(values.seed)]
    if (values.help || !(minutes > 0) || !Number.isSafeInteger(seed) || (broken !== null && !isBreakableRule(broken))) return USAGE
    return { minutes, seed, broken, keep: values.keep }
  } catch (error) {
    return `${String(error)}\n\n${USAGE}`
  }
}
