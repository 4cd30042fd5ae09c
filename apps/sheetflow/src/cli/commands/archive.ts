import { isoFromMs } from '@sheetflow/core/calendar'
import { SheetflowError } from '@sheetflow/core/errors'
import type { ArchiveStore } from '@sheetflow/core/ports/archive-store'
import type { Bus } from '@sheetflow/core/ports/bus'
import { archiveBytes, archiveStatus, type ArchiveStatus } from '@sheetflow/bus/archive/archive-status'
import { rangeOf } from '@sheetflow/engine/ledger/reading-bus'
import { placesOf } from '../../config/places.ts'
import { systemClock } from '../../ops/system-clock.ts'
import { openArchive, openPastIfThere } from '../../registry.ts'
import { archivedStreams } from '../../runtime/archiving.ts'
import { graphsOf } from '../../runtime/roles.ts'
import type { CliCommand } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { loadByLine } from '../load-by-line.ts'
import { dim, red, yellow } from '../output.ts'
import { counted } from '../print-diagnostics.ts'

/** `sheetflow archive`: what the archive has of each stream, and how far it is behind. */
export const archive: CliCommand = {
  name: 'archive',
  summary: 'show what the archive has of each stream, and how far it is behind',
  usage: 'archive [--json]',
  options: {},
  async run({ options }, output) {
    const loaded = await loadByLine(options)
    await using store = await openArchive(loaded)
    if (store === null)
      throw new SheetflowError('config/invalid', 'this configuration has no archive', {
        fix: "Add  archive: { type: 'files', dir: 'archive' }  to it.",
      })
    await using bus = await openPastIfThere(loaded)
    let lost = 0
    const graphs = graphsOf(loaded.config, placesOf(loaded.config, loaded.root).workbooks)
    for (const { stream } of archivedStreams(loaded.config, graphs)) {
      const found = await look(store, bus, stream)
      if (found === null) continue
      if (found.gap) lost += 1
      output.event('archive', { ...found, from: timeOf(found.from), to: timeOf(found.to) }, textOf(found))
    }
    return lost === 0 ? EXIT.ok : EXIT.findings
  },
}

interface Found extends ArchiveStatus {
  readonly bytes: number
  /** Messages of the stream that are not archived yet, and for how long the oldest of them has been so at most. */
  readonly behind: number
  readonly lagSeconds: number
  /** Is something missing, between two segments or between the archive and what the stream retains? */
  readonly gap: boolean
}

async function look(store: ArchiveStore, bus: Bus | null, stream: string): Promise<Found | null> {
  const status = await archiveStatus(store, stream)
  const retained = bus === null ? null : await rangeOf(bus, stream)
  const last = retained?.last ?? 0
  if (status.segments === 0 && last === 0) return null
  const behind = Math.max(0, last - status.last)
  const lagSeconds = behind > 0 && status.to > 0 ? Math.round((systemClock.now() - status.to) / 1_000) : 0
  // Of a bus that looks back `first` lies in the archive, if nothing is missing in between.
  const apart = status.segments > 0 && last > 0 && (retained?.first ?? 1) > status.first
  return { ...status, bytes: await archiveBytes(store, stream), behind, lagSeconds, gap: status.whole !== status.last || apart }
}

function textOf({ stream, segments, bytes, first, last, from, to, behind, lagSeconds, gap }: Found): string {
  if (segments === 0) return `${stream}: ${yellow('nothing yet')}, ${counted(behind, 'message')} to archive`
  const late = behind === 0 ? dim('up to date') : yellow(`${counted(behind, 'message')} behind, the last one archived ${lagSeconds} s ago`)
  const lines = [
    `${stream}: ${counted(segments, 'segment')}, ${(bytes / 1e6).toFixed(1)} MB, ${late}`,
    dim(`  ${first} to ${last}, ${timeOf(from) ?? ''} to ${timeOf(to) ?? ''}`),
  ]
  if (gap) lines.push(`  ${red('something is missing')}: sheetflow verify ${stream} says what`)
  return lines.join('\n')
}

function timeOf(ms: number): string | null {
  return ms === 0 ? null : isoFromMs(ms)
}
