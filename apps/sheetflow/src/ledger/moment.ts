import { isoFromMs } from '@sheetflow/core/calendar'
import { SheetflowError } from '@sheetflow/core/errors'
import { firstCommit, lastCommit, lastCommitBy, type FoundCommit } from '@sheetflow/engine/ledger/find-commit'
import { text, type OptionSpec, type OptionValues } from '../cli/options.ts'
import { systemClock } from '../ops/system-clock.ts'
import type { Ledger } from './open-ledger.ts'

/** The option that asks for the past. */
export const AT_OPTION: Readonly<Record<string, OptionSpec>> = {
  at: {
    type: 'string',
    value: 'POSITION|TIME',
    help: "as it was: an offset of the graph's stream, a time (ISO), or how long ago (10m, 2h, 3d)",
  },
}

/** A moment as a command line writes it. */
export type Moment = { readonly epoch: number | null; readonly offset: number } | { readonly time: string }

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
/** A time with all that ours have: it is taken to the microsecond. */
const EXACT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/

/** `--at`, if given; `app/usage` for what is none. */
export function momentOf(options: OptionValues): Moment | null {
  const at = text(options, 'at')
  return at === undefined ? null : parseMoment(at, systemClock.now())
}

/** Reads a moment: `9121`, `1795420000:9121`, `2026-11-23T10:00:00Z`, `2026-11-23`, `10m`. `nowMs` for those that are reckoned from now. */
export function parseMoment(at: string, nowMs: number): Moment {
  const position = /^(?:(\d+):)?(\d+)$/.exec(at)
  if (position !== null) return { epoch: position[1] === undefined ? null : Number(position[1]), offset: Number(position[2]) }
  const ago = /^(\d+)\s*([smhd])(?:\s+ago)?$/.exec(at)
  if (ago !== null) return { time: isoFromMs(nowMs - Number(ago[1]) * (UNITS[ago[2] ?? ''] ?? 0)) }
  if (EXACT.test(at)) return { time: at }
  const ms = /^\d{4}-\d\d-\d\d/.test(at) ? Date.parse(at) : Number.NaN
  if (!Number.isNaN(ms)) return { time: isoFromMs(ms) }
  throw new SheetflowError('app/usage', `--at takes a position or a time, not '${at}'`, {
    fix: "For example --at 9121, --at 2026-11-23T10:00:00Z or --at 10m. 'sheetflow history' shows positions.",
  })
}

/** The commit of that graph that stood last at the moment (null: now). `ledger/out-of-reach` names the oldest one that is retained. */
export async function commitAt(ledger: Ledger, graph: string, moment: Moment | null): Promise<FoundCommit> {
  const range = { bus: ledger.bus, graph, signal: ledger.signal }
  const found =
    moment === null
      ? await lastCommit(range)
      : 'time' in moment
        ? await lastCommitBy(range, moment.time)
        : await lastCommit({ ...range, until: moment.offset })
  const epoch = moment !== null && 'epoch' in moment ? moment.epoch : null
  if (found !== null && (epoch === null || epoch === found.position.epoch)) return found
  const first = await firstCommit(range)
  if (first === null) {
    throw new SheetflowError('ledger/empty', `the graph ${graph} has published nothing yet`, {
      fix: "Start it once, with 'sheetflow dev' or 'sheetflow start'.",
    })
  }
  const oldest = `${first.position.epoch}:${first.position.offset}, ${first.commit.at}`
  const why = found === null ? `the stream of ${graph} begins later` : `the stream of ${graph} has no epoch ${String(epoch)}`
  throw new SheetflowError('ledger/out-of-reach', `${why}: the oldest position that can be reached is ${oldest}`, {
    fix: `Ask --at ${first.position.offset} or later.`,
    details: { graph, oldest: first.position, at: first.commit.at },
  })
}
