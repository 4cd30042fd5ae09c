import { rmSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { watchBus } from './check/bus-watch.ts'
import { CommandLedger } from './check/command-ledger.ts'
import { Findings } from './check/findings.ts'
import { FrameCounts } from './check/frames.ts'
import { checkTheEnd } from './check/the-end.ts'
import type { Journals } from './check/the-end.ts'
import type { BusName, TortureOptions } from './options.ts'
import { Random } from '../random.ts'
import type { TortureOutcome } from './report/results.ts'
import { linesOf, progressOf, tally } from './report/tally.ts'
import type { Tallied } from './report/tally.ts'
import { conduct, ConductorCounts } from './run/conductor.ts'
import { OneProcess } from './run/one-process.ts'
import { Processes } from './run/processes/processes.ts'
import type { Ring, RingParts } from './run/ring.ts'
import { temptedMsWithout } from './scenes/scene.ts'
import { runSwarm } from './swarm/swarm.ts'
import { describeShape, drawShape, SOURCES } from './world/shape.ts'
import { BankDatabase } from './write/database.ts'
import { runSchemaChanges } from './write/schema-changes.ts'
import { runWriter, WriterCounts } from './write/writer.ts'

const WRITERS = 2
/** Rows of a chunk, and how long its read sleeps between snapshot and rows: snapshots take long enough for things to happen in them. */
const HOOKS = { chunkRows: 20, readDelayMs: 60 }
/** With a rule switched off: how often it is looked whether that was found. */
const FOUND_POLL_MS = 200

/** How what is tortured differs by its bus; all that follows is the same. */
const RINGS: Readonly<Record<BusName, (parts: RingParts) => Promise<Ring>>> = {
  sqlite: (parts) => OneProcess.create(parts),
  nats: (parts) => Processes.create(parts),
}

/**
 * The torture test: two Postgres servers with random writers, Sheetflow over them in processes of its own, twenty clients on a bad network; everything is
 * killed again and again, and traps are set on purpose. The checker looks only at the source tables, at the bus and at what clients painted.
 *
 * `passed`: nothing was found, or with `broken` something was.
 */
export async function torture(options: TortureOptions, say: (line: string) => void): Promise<TortureOutcome> {
  const startedAt = Date.now()
  const random = new Random(options.seed)
  const shape = drawShape(random)
  say(`seed ${options.seed}${options.broken === null ? '' : `, without ${options.broken}`}\n${describeShape(shape)}`)
  const findings = new Findings()
  const frames = new FrameCounts()
  const ledger = new CommandLedger(findings)
  await using east = await BankDatabase.start(shape.sources.east, random)
  await using west = await BankDatabase.start(shape.sources.west, random)
  const databases = { east, west }
  const urls = { east: east.url, west: west.url }
  const hooks = { ...HOOKS, ...(options.broken === null ? {} : { break: options.broken }) }
  // A generator of its own: a seed makes the same writers and clients on every bus.
  await using ring = await RINGS[options.bus]({ shape, databases, hooks, random: new Random(options.seed).fork(33) })
  say(ring.description)
  ring.start()
  await ring.settled()
  const stop = new AbortController()
  const stopWatching = new AbortController()
  await using bus = await ring.openBus()
  const { watches, ended } = await watchBus(bus, SOURCES, findings, stopWatching.signal)
  ended.catch((error: unknown) => findings.found('the bus can be followed', String(error)))
  const writers = { east: new WriterCounts(), west: new WriterCounts() }
  const conductor = new ConductorCounts()
  const writing = SOURCES.flatMap((source) => [
    ...Array.from({ length: WRITERS }, (_, writer) =>
      runWriter(
        { url: urls[source], writer, shape: shape.sources[source], random: random.fork(writer), counts: writers[source] },
        stop.signal,
      ),
    ),
    runSchemaChanges(urls[source], random.fork(77), stop.signal),
  ])
  const swarm = runSwarm({ ring, shape, random: random.fork(99), findings, frames, ledger, broken: options.broken }, stop.signal)
  const common = { bus, ring, findings, random, temptedMs: temptedMsWithout(options.broken) }
  const conducting = conduct(
    {
      ring,
      random: random.fork(55),
      counts: conductor,
      stage: (source, number) => ({ ...common, source, number, database: databases[source], watch: watches[source] }),
    },
    stop.signal,
  )
  const isFound = (): boolean => options.broken !== null && findings.firstAfterSeconds !== null
  const parts = Promise.all([conducting, ...writing]).then(() => true)
  // What was found may be found while a part still goes on: nobody waits for that one then.
  parts.catch(() => undefined)
  const end = Date.now() + options.minutes * 60_000
  const counted = (cut = 0, inView: Journals | null = null): Tallied =>
    tally({ writers, frames, ledger, conductor, watches, ring, findings }, cut, inView)
  const tell = everyMinute(() => say(progressOf(counted())))
  await until(() => isFound() || Date.now() >= end, parts, tell)
  stop.abort()
  await until(isFound, parts, tell)
  let [cut, inView]: [number, Journals | null] = [0, null]
  if (!isFound()) {
    cut = await swarm
    await ring.settled()
    inView = await checkTheEnd({ shape, urls, ring, watches, ledger, findings })
    for (const wrong of await ring.stop()) findings.found('Ctrl-C drains and ends with 0', wrong)
  }
  // With a rule switched off only the checker may find it.
  if (options.broken === null) for (const bug of ring.bugs) findings.found('every failure has a code, and is got over', bug)
  stopWatching.abort()
  const counts = counted(cut, inView)
  for (const line of linesOf(counts)) say(line)
  const passed = conclude(options, findings, ring.project.folder, say)
  const foundAfterSeconds = options.broken === null ? null : findings.firstAfterSeconds
  return { passed, seconds: Math.round((Date.now() - startedAt) / 1000), ring: ring.description, foundAfterSeconds, counts }
}

/** Says how it ended, and leaves the project where somebody should look at it. */
function conclude(options: TortureOptions, findings: Findings, folder: string, say: (line: string) => void): boolean {
  const success = (options.broken === null) === (findings.rules.length === 0)
  say(verdict(options, findings, success))
  if (options.keep || !success) say(`its project and logs: ${folder}`)
  else rmSync(folder, { recursive: true, force: true })
  say(`${success ? 1 : 0} passed, ${success ? 0 : 1} failed`)
  return success
}

/** Waits until something holds or all parts have ended, calling `meanwhile` again and again; rejects with what made one of them fail. */
async function until(holds: () => boolean, parts: Promise<boolean>, meanwhile: () => void): Promise<void> {
  while (!holds() && !(await Promise.race([pause(FOUND_POLL_MS, false), parts]))) meanwhile()
}

/** Does something when a minute has passed since the last time. */
function everyMinute(act: () => void): () => void {
  let next = Date.now() + 60_000
  return () => {
    if (Date.now() < next) return
    next += 60_000
    act()
  }
}

function verdict({ broken }: TortureOptions, findings: Findings, success: boolean): string {
  if (broken === null) return success ? 'nothing was found' : `${findings.rules.length} rules are broken`
  return success ? `without ${broken}: found after ${findings.firstAfterSeconds?.toFixed(0)} s` : `without ${broken}: NOT FOUND`
}
