import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { TransactionPacker } from '@sheetflow/core/framing/packer'
import { sourceSubjects } from '@sheetflow/core/framing/subjects'
import { schemaHash } from '@sheetflow/core/schema-hash'
import type { Clock } from '@sheetflow/core/ports/host'
import { sourceStream } from '@sheetflow/core/subject'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Output } from '../cli/output.ts'
import { placesOf } from '../config/places.ts'
import { configSchema } from '../config/schema.ts'
import { systemClock } from '../ops/system-clock.ts'
import { TerminalJournal } from '../runtime/journal.ts'
import { graphsOf } from '../runtime/roles.ts'
import { Deployer } from './deployer.ts'
import { lastDeployment } from './last-deployment.ts'

/** Remembers the events, prints nothing. */
class Silent extends Output {
  readonly events: string[] = []

  constructor() {
    super({ json: true, verbose: false })
  }

  override event(event: string): void {
    this.events.push(event)
  }
}

let root: string

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'sheetflow-deployer-'))
})

afterEach(() => {
  rmSync(root, { recursive: true })
})

/** A source says that it has a table. */
async function tells(bus: MemoryBus, source: string, table = 'public.items', schema = 1, type: 'int' | 'bigint' = 'int'): Promise<void> {
  const stream = sourceStream(source)
  const { epoch, last } = await bus.ensure(stream)
  const packer = new TransactionPacker({ stream, epoch, subjects: sourceSubjects(source) })
  const columns = [{ name: 'id', id: 1, type, null: false }]
  packer.begin(`${last + 1}`)
  packer.schema({ v: 1, table, schema, hash: schemaHash(['id'], columns), key: ['id'], columns })
  packer.commit({ at: '2026-11-26T00:00:00.000000Z', mark: '', inbox: 0, causes: [] })
  await bus.append(stream, packer.take())
}

/** Long waits are over when the test says so. */
class HeldClock implements Clock {
  readonly #held: (() => void)[] = []

  now(): number {
    return systemClock.now()
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return ms < 5_000 ? systemClock.sleep(ms, signal) : new Promise((resolve) => this.#held.push(resolve))
  }

  /** All the time that was waited for passes. */
  pass(): void {
    for (const end of this.#held.splice(0)) end()
  }
}

/** Runs a deployer over a workbook `both` with this value. */
function deploying(bus: MemoryBus, value: string, clock: Clock = systemClock): { readonly events: readonly string[] } & AsyncDisposable {
  mkdirSync(path.join(root, 'workbooks/both'), { recursive: true })
  writeFileSync(path.join(root, 'workbooks/both/workbook.yaml'), `values:\n  both: ${value}\n`)
  const source = { type: 'postgres', url: 'postgres://localhost/x', tables: ['public.*'] }
  const config = configSchema.parse({ sources: { east: source, west: source } })
  const places = placesOf(config, root)
  const plan = { config, root, graphs: graphsOf(config, places.workbooks), dev: true }
  const output = new Silent()
  const stop = new AbortController()
  const journal = new TerminalJournal(output)
  const host = { leads: () => true, functions: {}, watch: false, show: () => undefined }
  const running = new Deployer({ bus, places, plan, output, journal, clock, ...host }).run(stop.signal)
  return {
    events: output.events,
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await running
      journal[Symbol.dispose]()
    },
  }
}

/** The inbox is made in the first look. */
async function hasLooked(bus: MemoryBus): Promise<void> {
  const isThere = (): Promise<boolean> =>
    bus.range('SF_IN_GRAPH_both').then(
      () => true,
      () => false,
    )
  await expect.poll(isThere).toBe(true)
}

test.each([
  ['of a source that is only beginning', ['east'], 'west', 'public.items', '=ROWS(east!items[id])+ROWS(west!items[id])'],
  ['that a source has not told yet', ['east', 'west'], 'east', 'public.parts', '=ROWS(east!items[id])+ROWS(east!parts[id])'],
])('a first start does not call tables unknown %s', async (_, beginning, source, table, value) => {
  const bus = new MemoryBus()
  for (const one of beginning) await tells(bus, one)
  await using deployer = deploying(bus, value)
  await hasLooked(bus)
  await tells(bus, source, table)
  await expect.poll(() => deployer.events).toContain('deployed')
  expect(deployer.events).toEqual(['deployed'])
})

test('a source that takes its time to begin has as much time for its tables as any other', async () => {
  const bus = new MemoryBus()
  const clock = new HeldClock()
  await using deployer = deploying(bus, '=ROWS(east!items[id])+ROWS(east!parts[id])', clock)
  clock.pass()
  await tells(bus, 'east')
  await hasLooked(bus)
  await tells(bus, 'east', 'public.parts')
  await expect.poll(() => deployer.events).toContain('deployed')
  expect(deployer.events).toEqual(['deployed'])
})

test('when no more tables come, one that is missing is unknown', async () => {
  const bus = new MemoryBus()
  const clock = new HeldClock()
  await using deployer = deploying(bus, '=ROWS(east!items[id])+ROWS(east!prts[id])', clock)
  await tells(bus, 'east')
  await hasLooked(bus)
  expect(deployer.events).toEqual([])
  clock.pass()
  await expect.poll(() => deployer.events).toEqual(['diagnostic'])
})

test('a key that has another type is deployed anew, without an edit', async () => {
  const bus = new MemoryBus()
  await tells(bus, 'east')
  await using deployer = deploying(bus, '=ROWS(east!items[id])')
  await expect.poll(() => deployer.events).toEqual(['deployed'])
  await tells(bus, 'east', 'public.items', 2, 'bigint')
  await expect.poll(() => deployer.events, { timeout: 20_000 }).toEqual(['deployed', 'deployed'])
})

test('a source that counts its schemas anew: what was deployed waits for none of before', async () => {
  const bus = new MemoryBus()
  await tells(bus, 'east', 'public.items', 5)
  await using deployer = deploying(bus, '=ROWS(east!items[id])')
  await expect.poll(() => deployer.events).toEqual(['deployed'])
  const first = await lastDeployment(bus, 'both')
  await tells(bus, 'east', 'public.items', 1)
  await expect.poll(async () => (await lastDeployment(bus, 'both'))?.schemas, { timeout: 20_000 }).toEqual({ 'east!public.items': 1 })
  expect((await lastDeployment(bus, 'both'))?.version).toBe(first?.version)
})

test('a first start says at once what no table mends', async () => {
  const bus = new MemoryBus()
  await tells(bus, 'east')
  await using deployer = deploying(bus, '=ROWS(east!items[id]')
  await expect.poll(() => deployer.events).toEqual(['diagnostic'])
})

test('a file that cannot be read is told, and deployed as soon as it can be: it is not as if it were deleted', async () => {
  const bus = new MemoryBus()
  await tells(bus, 'east')
  const file = path.join(root, 'workbooks/both/s.sheet.yaml')
  mkdirSync(path.dirname(file), { recursive: true })
  symlinkSync('s.sheet.yaml', file)
  await using deployer = deploying(bus, '=ROWS(east!items[id])')
  await expect.poll(() => deployer.events).toEqual(['diagnostic'])
  rmSync(file)
  writeFileSync(file, 'rows: =east!items\n')
  await expect.poll(() => deployer.events, { timeout: 30_000 }).toEqual(['diagnostic', 'deployed'])
})
