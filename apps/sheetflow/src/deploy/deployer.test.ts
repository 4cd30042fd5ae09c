import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { TransactionPacker } from '@sheetflow/core/framing/packer'
import { sourceSubjects } from '@sheetflow/core/framing/subjects'
import { schemaHash } from '@sheetflow/core/schema-hash'
import { sourceStream } from '@sheetflow/core/subject'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Output } from '../cli/output.ts'
import { placesOf } from '../config/places.ts'
import { configSchema } from '../config/schema.ts'
import { TerminalJournal } from '../runtime/journal.ts'
import { graphsOf } from '../runtime/roles.ts'
import { Deployer } from './deployer.ts'

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

/** A source says that it has a table `public.items`. */
async function tells(bus: MemoryBus, source: string): Promise<void> {
  const stream = sourceStream(source)
  const { epoch } = await bus.ensure(stream)
  const packer = new TransactionPacker({ stream, epoch, subjects: sourceSubjects(source) })
  const columns = [{ name: 'id', id: 1, type: 'int' as const, null: false }]
  packer.begin('1')
  packer.schema({ v: 1, table: 'public.items', schema: 1, hash: schemaHash(['id'], columns), key: ['id'], columns })
  packer.commit({ at: '2026-11-26T00:00:00.000000Z', mark: '', inbox: 0, causes: [] })
  await bus.append(stream, packer.take())
}

test('a first start does not call tables unknown whose source is only beginning', async () => {
  mkdirSync(path.join(root, 'workbooks/both'), { recursive: true })
  writeFileSync(path.join(root, 'workbooks/both/workbook.yaml'), 'values:\n  both: =ROWS(east!items[id])+ROWS(west!items[id])\n')
  const source = { type: 'postgres', url: 'postgres://localhost/x', tables: ['public.*'] }
  const config = configSchema.parse({ sources: { east: source, west: source } })
  const places = placesOf(config, root)
  const plan = { config, root, graphs: graphsOf(config, places.workbooks), dev: true }
  const output = new Silent()
  const bus = new MemoryBus()
  const stop = new AbortController()
  using journal = new TerminalJournal(output)
  await tells(bus, 'east')
  const running = new Deployer({
    bus,
    places,
    plan,
    output,
    journal,
    leads: () => true,
    functions: {},
    watch: false,
    show: () => undefined,
  }).run(stop.signal)
  // The inbox is made in the look that finds one of the two.
  await expect
    .poll(() =>
      bus.range('SF_IN_GRAPH_both').then(
        () => true,
        () => false,
      ),
    )
    .toBe(true)
  await tells(bus, 'west')
  await expect.poll(() => output.events).toContain('deployed')
  expect(output.events).toEqual(['deployed'])
  stop.abort()
  await running
})
