import { rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../postgres/embedded.ts'
import { watchBus } from './check/bus-watch.ts'
import { CommandLedger } from './check/command-ledger.ts'
import { Findings } from './check/findings.ts'
import { FrameCounts } from './check/frames.ts'
import { checkTheEnd } from './check/the-end.ts'
import type { TortureOptions } from './options.ts'
import { Random } from '../random.ts'
import { conduct, ConductorCounts, settled } from './run/conductor.ts'
import { writeProject } from './run/project.ts'
import { SheetflowProcess } from './run/sheetflow-process.ts'
import { Tally } from './run/tally.ts'
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

/**
 * The torture test: two Postgres servers with random writers, Sheetflow over them in a process of its own, twenty clients on a bad network; everything is
 * killed again and again, and traps are set on purpose. The checker looks only at the source tables, at the bus files and at what clients painted.
 *
 * True: nothing was found, or with `broken` something was.
 */
export async function torture(options: TortureOptions, say: (line: string) => void): Promise<boolean> {
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
  const project = writeProject(shape, urls, await freePort())
  const hooks = JSON.stringify({ ...HOOKS, ...(options.broken === null ? {} : { break: options.broken }) })
  await using sheetflow = new SheetflowProcess({
    project: project.folder,
    env: { ...project.env, SHEETFLOW_TORTURE: hooks },
    log: path.join(project.folder, 'sheetflow.log'),
  })
  sheetflow.start()
  await settled(sheetflow)
  const stop = new AbortController()
  const stopWatching = new AbortController()
  const watched = await watchBus(project.busDir, SOURCES, findings, stopWatching.signal)
  const writers = { east: new WriterCounts(), west: new WriterCounts() }
  const conductor = new ConductorCounts()
  const tally = new Tally({ shape, writers, frames, ledger, conductor, watches: watched.watches, sheetflow, findings })
  const writing = SOURCES.flatMap((source) => [
    ...Array.from({ length: WRITERS }, (_, writer) =>
      runWriter(
        { url: urls[source], writer, shape: shape.sources[source], random: random.fork(writer), counts: writers[source] },
        stop.signal,
      ),
    ),
    runSchemaChanges(urls[source], random.fork(77), stop.signal),
  ])
  const swarm = runSwarm({ project, shape, random: random.fork(99), findings, frames, ledger, broken: options.broken }, stop.signal)
  const conducting = conduct(
    {
      databases,
      sheetflow,
      random: random.fork(55),
      counts: conductor,
      stage: (source, number) => ({
        source,
        number,
        database: databases[source],
        watch: watched.watches[source],
        bus: watched.bus,
        sheetflow,
        findings,
        random,
      }),
    },
    stop.signal,
  )
  const isFound = (): boolean => options.broken !== null && findings.firstAfterSeconds !== null
  const parts = Promise.all([conducting, ...writing]).then(() => true)
  // What was found may be found while a part still goes on: nobody waits for that one then.
  parts.catch(() => undefined)
  const end = Date.now() + options.minutes * 60_000
  await until(() => isFound() || Date.now() >= end, parts)
  stop.abort()
  await until(isFound, parts)
  if (!isFound()) {
    tally.cut = await swarm
    await settled(sheetflow)
    tally.inView = await checkTheEnd({ shape, urls, project, watches: watched.watches, ledger, findings })
    const code = await sheetflow.stop()
    if (code !== 0) findings.found('Ctrl-C drains and ends with 0', `it ended with ${code}`)
  }
  for (const bug of sheetflow.bugs) findings.found('every failure has a code', bug)
  stopWatching.abort()
  await watched.bus[Symbol.asyncDispose]()
  tally.print(say)
  return conclude(options, findings, project.folder, say)
}

/** Says how it ended, and leaves the project where somebody should look at it. */
function conclude(options: TortureOptions, findings: Findings, folder: string, say: (line: string) => void): boolean {
  const success = (options.broken === null) === (findings.rules.length === 0)
  say(verdict(options, findings, success))
  if (options.keep || !success) say(`its project and log: ${folder}`)
  else rmSync(folder, { recursive: true, force: true })
  say(`${success ? 1 : 0} passed, ${success ? 0 : 1} failed`)
  return success
}

/** Waits until something holds or all parts have ended; rejects with what made one of them fail. */
async function until(holds: () => boolean, parts: Promise<boolean>): Promise<void> {
  while (!holds() && !(await Promise.race([pause(FOUND_POLL_MS, false), parts])));
}

function verdict({ broken }: TortureOptions, findings: Findings, success: boolean): string {
  if (broken === null) return success ? 'nothing was found' : `${findings.rules.length} rules are broken`
  return success ? `without ${broken}: found after ${findings.firstAfterSeconds?.toFixed(0)} s` : `without ${broken}: NOT FOUND`
}
