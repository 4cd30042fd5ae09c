import { existsSync } from 'node:fs'
import { SheetflowError } from '@sheetflow/core/errors'
import { verifyArchive } from '@sheetflow/bus/archive/verify-archive'
import type { LoadedConfig } from '../../config/load.ts'
import { placesOf } from '../../config/places.ts'
import type { BusFiles } from '../../drivers/bus/bus-driver.ts'
import { busDriver, openArchive } from '../../registry.ts'
import { lockDataFolder } from '../../runtime/lock.ts'
import type { CliCommand } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { loadByLine } from '../load-by-line.ts'
import { nearest } from '../nearest.ts'
import { green, red, type Output } from '../output.ts'
import { counted } from '../print-diagnostics.ts'

/** `sheetflow verify`: reads the streams of the bus from end to end; with `--repair`, damaged files make room for new ones. */
export const verify: CliCommand = {
  name: 'verify',
  summary: 'read the streams on disk and name the first damage of each; --repair sets damaged files aside',
  usage: 'verify [STREAM …] [--repair]',
  takes: Infinity,
  options: { repair: { type: 'boolean', help: 'set damaged files aside: their streams are built again at the next start' } },
  async run({ options, positionals }, output) {
    const loaded = await loadByLine(options)
    const places = placesOf(loaded.config, loaded.root)
    const files = await (await busDriver(loaded)).openFiles()
    const streams = chosen(files.streams(), positionals)
    // A stream that somebody writes cannot be set aside, and what is half written would look damaged.
    using _lock = existsSync(places.data) ? lockDataFolder(places.data) : null
    let damaged = 0
    for (const stream of streams) if (!verified(files, stream, options['repair'] === true, output)) damaged += 1
    damaged += await archivesDamaged(loaded, streams, output)
    const words = `${counted(streams.length, 'stream')}, ${damaged} damaged`
    output.event('summary', { streams: streams.length, damaged }, damaged === 0 ? green(words) : red(words))
    return damaged === 0 ? EXIT.ok : EXIT.findings
  },
}

/** Is the stream right now, by itself or because its file was set aside? */
function verified(files: BusFiles, stream: string, repair: boolean, output: Output): boolean {
  const { messages, first, last, damage } = files.verify(stream)
  if (damage === null) {
    output.event(
      'stream',
      { stream, messages, first, last, damage: null },
      `ok   ${stream}: ${counted(messages, 'message')}, up to offset ${last}`,
    )
    return true
  }
  const found = { stream, messages, first, last, damage: damage.message, fix: damage.fix }
  if (!repair) {
    output.event('stream', found, `${red('fail')} ${damage.message}\n       ${damage.fix ?? ''}`)
    return false
  }
  const aside = files.setAside(stream)
  output.event(
    'stream',
    { ...found, aside },
    `${green('mend')} ${damage.message}\n       it lies in ${aside} now and is built again at the next start`,
  )
  return true
}

/** Of how many streams the archive is damaged. Its files are not ours to mend: a backup has them. */
async function archivesDamaged(loaded: LoadedConfig, streams: readonly string[], output: Output): Promise<number> {
  await using archive = await openArchive(loaded)
  if (archive === null) return 0
  let bad = 0
  for (const stream of streams) {
    const { segments, messages, first, last, gaps, erased, damage } = await verifyArchive(archive, stream)
    if (segments === 0) continue
    if (damage.length > 0) bad += 1
    const told = { stream, segments, messages, first, last, gaps, erased, damage: damage.map((one) => one.message) }
    const lines = [
      `${damage.length === 0 ? 'ok  ' : red('fail')} ${stream} in the archive: ${counted(segments, 'segment')}, offsets ${first} to ${last}`,
      ...damage.map(({ message, fix }) => `       ${message}\n       ${fix ?? ''}`),
      ...gaps.map(([from, to]) => `       ${from} to ${to} were trimmed before they were archived`),
    ]
    output.event('archive', told, lines.join('\n'))
  }
  return bad
}

function chosen(there: readonly string[], named: readonly string[]): readonly string[] {
  for (const stream of named) {
    if (there.includes(stream)) continue
    const meant = nearest(stream, there)
    throw new SheetflowError('app/usage', `there is no stream '${stream}'`, {
      fix: meant === undefined ? `Streams are: ${there.join(', ') || 'none yet'}.` : `Did you mean ${meant}?`,
    })
  }
  return named.length > 0 ? named : there
}
