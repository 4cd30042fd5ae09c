import type { BusWatch } from '../check/bus-watch.ts'
import type { CommandLedger } from '../check/command-ledger.ts'
import type { Findings } from '../check/findings.ts'
import type { FrameCounts } from '../check/frames.ts'
import type { Journals } from '../check/the-end.ts'
import type { ConductorCounts } from '../run/conductor.ts'
import type { Ring } from '../run/ring.ts'
import { SOURCES } from '../world/shape.ts'
import type { SourceName } from '../world/shape.ts'
import type { WriterCounts } from '../write/writer.ts'

/** Everything that was counted. */
export interface TallyParts {
  readonly writers: Readonly<Record<SourceName, WriterCounts>>
  readonly frames: FrameCounts
  readonly ledger: CommandLedger
  readonly conductor: ConductorCounts
  readonly watches: Readonly<Record<SourceName, BusWatch>>
  readonly ring: Ring
  readonly findings: Findings
}

/** What became of the transactions of one source. */
export interface SourceTally {
  readonly produced: number
  readonly acknowledged: number
  readonly ghosts: number
  readonly givenUp: number
  readonly inBus: number
  readonly twice: number
  readonly outOfOrder: number
  readonly commitsChecked: number
  /** Absent: nobody looked, since the run ended before. */
  readonly inView?: number
  readonly seen?: number
}

/** What was done and seen, as plain data. */
export interface Tallied {
  readonly sources: Readonly<Record<SourceName, SourceTally>>
  readonly kills: Readonly<Record<string, number>>
  readonly scenes: Readonly<Record<string, number>>
  readonly starts: number
  /** Connections of clients that were cut. */
  readonly cut: number
  readonly commands: { readonly sent: number; readonly accepted: number; readonly applied: number }
  readonly frames: { readonly checked: number; readonly pages: number; readonly excused: Readonly<Record<string, number>> }
  /** Rules that are broken, with examples; a line each. */
  readonly findings: readonly string[]
}

/** Puts it together at the end of a run. */
export function tally(
  { writers, frames, ledger, conductor, watches, ring, findings }: TallyParts,
  cut: number,
  inView: Journals | null,
): Tallied {
  const one = (source: SourceName): SourceTally => {
    const { produced, acknowledged, ghosts, givenUp } = writers[source]
    const { lines, twice, outOfOrder, commitsChecked } = watches[source].counts
    const seen = inView === null ? {} : { inView: inView[source].view, seen: inView[source].page }
    return { produced, acknowledged, ghosts, givenUp, inBus: lines, twice, outOfOrder, commitsChecked, ...seen }
  }
  return {
    sources: { east: one('east'), west: one('west') },
    kills: { ...conductor.kills },
    scenes: { ...conductor.scenes },
    starts: ring.starts,
    cut,
    commands: { sent: ledger.sent, accepted: ledger.accepted.length, applied: ledger.applied },
    frames: { checked: frames.checked, pages: frames.pages, excused: { ...frames.excused } },
    findings: findings.lines(),
  }
}

/** The same for people. */
export function linesOf({ sources, kills, scenes, starts, cut, commands, frames, findings }: Tallied): readonly string[] {
  return [
    ...SOURCES.map((source) => {
      const { produced, acknowledged, ghosts, givenUp, inBus, inView, seen, twice, outOfOrder, commitsChecked } = sources[source]
      const seenText = inView === undefined ? '' : `, in view ${inView}, seen by clients ${seen}`
      return `${source}: transactions produced ${produced}, acknowledged ${acknowledged} (${ghosts} as ghosts, ${givenUp} given up), in bus ${inBus}${seenText}, twice ${twice}, out of order ${outOfOrder}; sums checked at ${commitsChecked} commits`
    }),
    `killed ${sumOf(kills)}: ${counted(kills, 'nothing')}; ${starts} starts, ${cut} connections of clients cut`,
    `scenes ${sumOf(scenes)}: ${counted(scenes, 'none')}`,
    `commands: ${commands.sent} sent, ${commands.accepted} accepted, ${commands.applied} seen as applied`,
    `frames checked: ${frames.checked} on ${frames.pages} pages; not claimed to be of one moment: ${counted(frames.excused, 'none')}`,
    ...findings,
  ]
}

/** How far a run is, in one line. */
export function progressOf({ sources, kills, scenes, frames, findings }: Tallied): string {
  const { produced, inBus } = { produced: sources.east.produced + sources.west.produced, inBus: sources.east.inBus + sources.west.inBus }
  const found = findings.filter((line) => !line.startsWith(' ')).join('; ')
  return `… produced ${produced}, in bus ${inBus}, ${sumOf(kills)} kills, ${sumOf(scenes)} scenes, ${frames.checked} frames${found === '' ? '' : `; ${found}`}`
}

function counted(counts: Readonly<Record<string, number>>, none: string): string {
  const texts = Object.entries(counts).map(([what, count]) => `${what} ${count}`)
  return texts.join(', ') || none
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}
