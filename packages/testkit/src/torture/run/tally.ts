import type { BusWatch } from '../check/bus-watch.ts'
import type { CommandLedger } from '../check/command-ledger.ts'
import type { Findings } from '../check/findings.ts'
import type { FrameCounts } from '../check/frames.ts'
import { SOURCES } from '../world/shape.ts'
import type { Shape, SourceName } from '../world/shape.ts'
import type { WriterCounts } from '../write/writer.ts'
import type { ConductorCounts } from './conductor.ts'
import type { SheetflowProcess } from './sheetflow-process.ts'

/** Everything that was counted. */
export interface TallyParts {
  readonly shape: Shape
  readonly writers: Readonly<Record<SourceName, WriterCounts>>
  readonly frames: FrameCounts
  readonly ledger: CommandLedger
  readonly conductor: ConductorCounts
  readonly watches: Readonly<Record<SourceName, BusWatch>>
  readonly sheetflow: SheetflowProcess
  readonly findings: Findings
}

/** What was done and seen, for people. */
export class Tally {
  /** Connections that were cut. */
  cut = 0
  /** Lines of the journals as the views and pages count them, by source. */
  inView: Readonly<Record<SourceName, { readonly view: number; readonly page: number }>> | null = null
  readonly #parts: TallyParts

  constructor(parts: TallyParts) {
    this.#parts = parts
  }

  print(say: (line: string) => void): void {
    const { writers, frames, ledger, conductor, watches, sheetflow, findings } = this.#parts
    for (const source of SOURCES) {
      const { produced, acknowledged, ghosts, givenUp } = writers[source]
      const { lines, twice, outOfOrder, commitsChecked } = watches[source].counts
      const seen = this.inView === null ? '' : `, in view ${this.inView[source].view}, seen by clients ${this.inView[source].page}`
      say(
        `${source}: transactions produced ${produced}, acknowledged ${acknowledged} (${ghosts} as ghosts, ${givenUp} given up), in bus ${lines}${seen}, twice ${twice}, out of order ${outOfOrder}; sums checked at ${commitsChecked} commits`,
      )
    }
    const kills = Object.entries(conductor.kills).map(([what, count]) => `${what} ${count}`)
    say(`killed: ${kills.join(', ') || 'nothing'}; ${sheetflow.starts} starts, ${conductor.scenes} scenes, ${this.cut} connections cut`)
    say(`commands: ${ledger.sent} sent, ${ledger.accepted.length} accepted, ${ledger.applied} seen as applied`)
    const excused = Object.entries(frames.excused).map(([why, count]) => `${why} ${count}`)
    say(`frames checked: ${frames.checked} on ${frames.pages} pages; not claimed to be of one moment: ${excused.join(', ') || 'none'}`)
    for (const line of findings.lines()) say(line)
  }
}
