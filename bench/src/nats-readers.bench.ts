import { openNatsBus } from '@sheetflow/bus/nats/nats-bus'
import type { Bus, BusMessage } from '@sheetflow/core/ports/bus'
import { sourceStream, tableSubject } from '@sheetflow/core/subject'
import { startNats } from '@sheetflow/testkit/nats/server'
import { median, type Figure } from './lib/measure.ts'
import { residentMB } from './lib/resident.ts'

/**
 * Many readers of one NATS server: ten sources of 500 tables each, a message in every subject, and 1,000 readers of five subjects each, as so many processes would have them (a server of 2.15 lets
 * a stream have 1,000 consumers unless it is told otherwise). Measured: from the first
 * call until every reader has had its first message; from an append to each subject until every reader has had all of its own; what server and readers hold then; and how long a server that was
 * killed takes until it answers for the stream again. The readers share this process, so their time is one core's.
 */
export default async function* natsReaders(): AsyncIterable<Figure> {
  const runs: Run[] = []
  for (let n = 0; n < RUNS; n++) runs.push(await oneRun())
  const figure = (name: string, unit: string, pick: (run: Run) => number): Figure => {
    const values = runs.map(pick)
    return { bench: 'nats-readers', case: name, who: 'sheetflow bus/nats', unit, value: median(values), runs: values }
  }
  yield figure('start: every reader has its first message', 's', ({ startSeconds }) => startSeconds)
  yield figure('start: processor time of the readers', 'CPU-s', ({ startCpuSeconds }) => startCpuSeconds)
  yield figure('one message in each subject, to all that read it', 's', ({ liveSeconds }) => liveSeconds)
  yield figure('the server, resident', 'MB', ({ serverMB }) => serverMB)
  // The later rounds find the memory that the first one took.
  const { readersMB } = runs[0] as Run
  yield { ...figure('the readers, resident, above before, first round', 'MB', () => readersMB), runs: [readersMB] }
  yield figure('the server killed and started again', 's', ({ restartSeconds }) => restartSeconds)
}

const RUNS = 3
const SUBJECTS = 5_000
const READERS = 1_000
const EACH = SUBJECTS / READERS
/** So many begin at once. */
const LANES = 50
const SOURCES = 10
const TABLES = SUBJECTS / SOURCES

interface Run {
  readonly startSeconds: number
  readonly startCpuSeconds: number
  readonly liveSeconds: number
  readonly serverMB: number
  readonly readersMB: number
  readonly restartSeconds: number
}

async function oneRun(): Promise<Run> {
  await using server = await startNats()
  await using bus = await openNatsBus({ servers: [server.url], syncInterval: 'always' })
  for (let source = 0; source < SOURCES; source++) await bus.ensure(streamOf(source))
  await appendToAll(bus, 0)
  const before = process.memoryUsage().rss
  const cpuBefore = process.cpuUsage()
  const stop = new AbortController()
  const startedAt = performance.now()
  const readers: Reader[] = []
  const lane = async (first: number): Promise<void> => {
    for (let n = first; n < READERS; n += LANES) {
      const reader = new Reader(bus, n, stop.signal)
      readers.push(reader)
      await reader.first
    }
  }
  await Promise.all(Array.from({ length: LANES }, (_, first) => lane(first)))
  const startSeconds = since(startedAt)
  const { user, system } = process.cpuUsage(cpuBefore)
  const appendedAt = performance.now()
  await Promise.all([appendToAll(bus, TABLES), ...readers.map(({ all }) => all)])
  const liveSeconds = since(appendedAt)
  const serverMB = residentMB(server.pid())
  const readersMB = (process.memoryUsage().rss - before) / 1e6
  stop.abort()
  await Promise.all(readers.map(({ ended }) => ended))
  await server.kill9()
  const killedAt = performance.now()
  await server.start()
  for (let source = 0; source < SOURCES; source++) await bus.range(streamOf(source))
  return { startSeconds, startCpuSeconds: (user + system) / 1e6, liveSeconds, serverMB, readersMB, restartSeconds: since(killedAt) }
}

/** One of the readers: tables of one source. */
class Reader {
  readonly first: Promise<void>
  /** Both messages of each of its subjects. */
  readonly all: Promise<void>
  readonly ended: Promise<void>

  constructor(bus: Bus, n: number, signal: AbortSignal) {
    const first = Promise.withResolvers<void>()
    const all = Promise.withResolvers<void>()
    this.first = first.promise
    this.all = all.promise
    this.ended = this.#run(bus, n, signal, (seen) => {
      first.resolve()
      if (seen === 2 * EACH) all.resolve()
    })
    this.ended.catch((error: unknown) => {
      first.reject(error)
      all.reject(error)
    })
  }

  async #run(bus: Bus, n: number, signal: AbortSignal, onSeen: (seen: number) => void): Promise<void> {
    const source = n % SOURCES
    const subjects = Array.from({ length: EACH }, (_, i) => subjectOf(source, Math.floor(n / SOURCES) * EACH + i))
    let seen = 0
    for await (const messages of bus.read(streamOf(source), { from: 1, subjects, signal })) {
      seen += messages.length
      onSeen(seen)
    }
  }
}

function streamOf(source: number): string {
  return sourceStream(`shop${source}`)
}

function subjectOf(source: number, table: number): string {
  return tableSubject(`shop${source}`, `public.t${table}`)
}

/** `last`: where each stream ends. */
async function appendToAll(bus: Bus, last: number): Promise<void> {
  const body = new TextEncoder().encode(JSON.stringify({ v: 1, rows: [['c', ['1'], ['1', 'x'.repeat(100)], null]] }))
  for (let source = 0; source < SOURCES; source++) {
    const stream = streamOf(source)
    const messages = Array.from({ length: TABLES }, (_, i): BusMessage => ({
      subject: subjectOf(source, i),
      id: `${stream}/1/${last + i}/0`,
      body,
    }))
    await bus.append(stream, messages, { expectedLast: last })
  }
}

function since(startedAt: number): number {
  return (performance.now() - startedAt) / 1000
}
