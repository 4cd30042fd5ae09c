import { statfsSync } from 'node:fs'
import type { SetupCheck } from '@sheetflow/core/setup-check'
import { isSheetflowError } from '@sheetflow/core/errors'
import { sizeBytes } from '../../config/config.ts'
import type { LoadedConfig } from '../../config/load.ts'
import { placesOf } from '../../config/places.ts'
import { readFigures } from '../../ops/operator-figures.ts'
import { stateCheck } from '../../ops/state-watch.ts'
import { busDriver, sourceDriver, storeDriver } from '../../registry.ts'
import { graphsOf } from '../../runtime/roles.ts'
import type { CliCommand } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { loadByLine } from '../load-by-line.ts'
import { green, red, yellow, type Output } from '../output.ts'

/** Less free disk than this is worth a warning. */
const LOW_DISK_BYTES = 2e9

/** `sheetflow doctor`: is everything that Sheetflow needs there? Each line with the step that mends it. */
export const doctor: CliCommand = {
  name: 'doctor',
  summary: 'check databases, disk and configuration; each finding with its fix',
  usage: 'doctor [--json]',
  options: {},
  async run({ options }, output) {
    const loaded = await loadByLine(options)
    let failed = 0
    for await (const { place, check } of examine(loaded)) {
      if (check.status === 'fail') failed += 1
      printCheck(output, place, check)
    }
    output.note(failed === 0 ? green('nothing stands in the way') : red(`${failed} to mend before it can run`))
    return failed === 0 ? EXIT.ok : EXIT.findings
  },
}

/** Prints one check: a mark, what was found, and the fix. */
export function printCheck(output: Output, place: string, check: SetupCheck): void {
  const mark = { ok: green('ok  '), warn: yellow('warn'), fail: red('fail') }[check.status]
  const lines = [`${mark} ${place}: ${check.message}`]
  if (check.fix !== undefined && check.status !== 'ok') lines.push(...check.fix.split('\n').map((line) => `       ${line}`))
  output.event('check', { place, ...check }, lines.join('\n'))
}

async function* examine(loaded: LoadedConfig): AsyncGenerator<{ place: string; check: SetupCheck }> {
  yield { place: 'node', check: { name: 'version', status: 'ok', message: `Node ${process.versions.node}` } }
  yield { place: 'disk', check: diskCheck(loaded) }
  for (const check of await (await busDriver(loaded)).check()) yield { place: 'bus', check }
  for (const name of Object.keys(loaded.config.sources)) {
    for (const check of await orUnreachable(() => sourceChecks(loaded, name))) yield { place: name, check }
  }
  yield* stateChecks(loaded)
  for (const name of Object.keys(loaded.config.stores)) {
    for (const check of await orUnreachable(async () => await (await storeDriver(loaded, name)).check()))
      yield { place: `store ${name}`, check }
  }
}

/** How large the states of graphs are that have run. */
async function* stateChecks({ config, root }: LoadedConfig): AsyncGenerator<{ place: string; check: SetupCheck }> {
  const places = placesOf(config, root)
  for (const { graph } of graphsOf(config, places.workbooks)) {
    const ran = await readFigures(places.figures(graph))
    if (ran?.state !== undefined)
      yield { place: `graph ${graph}`, check: stateCheck(graph, ran.state, sizeBytes(config.limits.stateBytes)) }
  }
}

async function sourceChecks(loaded: LoadedConfig, name: string): Promise<readonly SetupCheck[]> {
  await using source = await (await sourceDriver(loaded, name)).open()
  const { server, tables, checks } = await source.discover()
  const seen: SetupCheck = { name: 'server', status: 'ok', message: `${server}, ${tables.length} tables` }
  return [seen, ...checks]
}

/** What cannot be looked at is a finding, too. */
async function orUnreachable(checks: () => Promise<readonly SetupCheck[]>): Promise<readonly SetupCheck[]> {
  try {
    return await checks()
  } catch (error) {
    if (!isSheetflowError(error)) throw error
    return [{ name: 'reach', status: 'fail', message: error.message, ...(error.fix === undefined ? {} : { fix: error.fix }) }]
  }
}

function diskCheck(loaded: LoadedConfig): SetupCheck {
  const { data } = placesOf(loaded.config, loaded.root)
  const stat = statfsSync(existing(data))
  const free = stat.bavail * stat.bsize
  const message = `${(free / 1e9).toFixed(1)} GB free for ${loaded.config.data}`
  if (free > LOW_DISK_BYTES) return { name: 'disk', status: 'ok', message }
  return { name: 'disk', status: 'warn', message, fix: 'Make room, or move the data folder with --data DIR.' }
}

/** The folder, or the nearest one above it that is there. */
function existing(folder: string): string {
  for (let at = folder; ; at = at.slice(0, at.lastIndexOf('/')) || '/') {
    try {
      statfsSync(at)
      return at
    } catch (error) {
      if (at === '/') throw error
    }
  }
}
