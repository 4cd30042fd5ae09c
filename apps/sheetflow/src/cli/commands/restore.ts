import { isoFromMs } from '@sheetflow/core/calendar'
import { SheetflowError } from '@sheetflow/core/errors'
import { lookToRestore, restoreStream, type RestoreReport } from '@sheetflow/bus/archive/restore-stream'
import { archivedStreams } from '../../runtime/archiving.ts'
import { placesOf } from '../../config/places.ts'
import { fillInbox } from '../../ops/fill-inbox.ts'
import { lastCommandDone } from '../../ops/last-command-done.ts'
import { openArchive, openBus, openPastIfThere } from '../../registry.ts'
import { lockDataFolder } from '../../runtime/lock.ts'
import { graphsOf } from '../../runtime/roles.ts'
import type { CliCommand } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { loadByLine } from '../load-by-line.ts'
import { dim, green, yellow, type Output } from '../output.ts'
import { counted } from '../print-diagnostics.ts'

/** `sheetflow restore`: the streams of a bus that was lost, from the archive. */
export const restore: CliCommand = {
  name: 'restore',
  summary: 'after the bus was lost: fill its streams anew from the archive',
  usage: 'restore [--dry-run | --yes] [--json]',
  options: {
    'dry-run': { type: 'boolean', help: 'say what would be restored, and what stands in the way; change nothing' },
    yes: { type: 'boolean', help: 'restore it' },
  },
  async run({ options }, output) {
    const dryRun = options['dry-run'] === true
    if (dryRun === (options['yes'] === true))
      throw new SheetflowError('app/usage', 'shall it be restored?', { fix: 'Look with  sheetflow restore --dry-run  and then say --yes.' })
    const loaded = await loadByLine(options)
    const places = placesOf(loaded.config, loaded.root)
    await using archive = await openArchive(loaded)
    if (archive === null)
      throw new SheetflowError('config/invalid', 'this configuration has no archive', {
        fix: "Add  archive: { type: 'files', dir: 'archive' }  to it.",
      })
    using _lock = dryRun ? null : lockDataFolder(places.data)
    const streams = archivedStreams(loaded.config, graphsOf(loaded.config, places.workbooks)).map(({ stream }) => stream)
    // All are looked at before the first is touched.
    await using before = await openPastIfThere(loaded)
    const found: RestoreReport[] = []
    for (const stream of streams) {
      const one = await lookToRestore(before, archive, stream)
      if (one !== null) found.push(one)
    }
    if (!dryRun) {
      await using bus = await openBus(loaded)
      for (const { stream } of found) await restoreStream(bus, archive, stream)
      for (const source of Object.keys(loaded.config.sources)) {
        const { offset, at } = await lastCommandDone(bus, source)
        // Who has written what was read there notices by himself that the inbox is another.
        const filled = at === undefined ? await fillInbox(bus, source, offset) : 0
        if (filled > 0)
          output.event(
            'inbox',
            { source, filled },
            dim(`the inbox of ${source} goes on behind ${counted(filled, 'command')} that were finished`),
          )
      }
    }
    for (const one of found) print(output, one, dryRun)
    const words =
      found.length === 0
        ? yellow('the archive has nothing')
        : dryRun
          ? 'nothing was changed; with --yes it is restored'
          : green('restored; start Sheetflow')
    output.event('summary', { dryRun, streams: found.length }, words)
    return found.length === 0 ? EXIT.findings : EXIT.ok
  },
}

function print(output: Output, { stream, messages, last, lastAt }: RestoreReport, dryRun: boolean): void {
  const until = isoFromMs(lastAt)
  const done = dryRun ? 'would be restored' : 'restored'
  output.event('stream', { stream, messages, last, until }, `${stream}: ${counted(messages, 'message')} ${done}, up to ${last}, ${until}`)
}
