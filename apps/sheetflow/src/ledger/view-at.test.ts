import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openSqliteBus } from '@sheetflow/bus/sqlite/sqlite-bus'
import { encodeBody } from '@sheetflow/core/framing/codec'
import type { RowChange } from '@sheetflow/core/message'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { Log } from '@sheetflow/core/ports/host'
import type { StateStore } from '@sheetflow/core/ports/state-store'
import { graphInbox, graphInboxSubject } from '@sheetflow/core/subject'
import { runGraph } from '@sheetflow/engine'
import { lastCommit } from '@sheetflow/engine/ledger/find-commit'
import { readView, viewSchemas } from '@sheetflow/engine/ledger/read-output'
import { ViewFold } from '@sheetflow/engine/ledger/view-image'
import { SourceWriter } from '@sheetflow/engine/testing/source-writer'
import { openSqliteState } from '@sheetflow/store/state/sqlite-state-store'
import { tableSchema } from '@sheetflow/testkit/bound-graph'
import { makeDeployment } from '@sheetflow/workbook/deployment'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { checkConfig } from '../config/load.ts'
import { placesOf } from '../config/places.ts'
import { compileDeployment } from '../deploy/compile-deployment.ts'
import { commitAt } from './moment.ts'
import { rebuildGraph, type Ledger } from './open-ledger.ts'
import { rowHistory } from './row-history.ts'
import { viewAt } from './view-at.ts'

const SILENT: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const PATIENT = { timeout: 60_000, interval: 20 }
const ITEMS = tableSchema('public.items', { columns: { id: { type: 'int' }, price: { type: 'int' } } })
const TABLES = new Map([['shop!public.items', ITEMS]])
const SHEET = 'rows: =shop!items\nkeep: [id, price]\ncolumns:\n  twice: =[@price]*2\nread: {clerk: all}\n'

let ledger: Ledger
let bus: Bus
let source: SourceWriter
let root: string

beforeEach(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'view-at-'))
  const config = checkConfig({ sources: { shop: { type: 'postgres', url: 'postgres://localhost/x' } } }, 'test')
  const places = placesOf(config, root)
  bus = await openSqliteBus({ dir: path.join(places.data, 'bus') })
  const loaded = { config, root, file: null, origins: new Map<string, string>() }
  const none = new AbortController().signal
  ledger = { loaded, places, bus, graphs: ['w'], sources: ['shop'], signal: none, [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose]() }
  source = new SourceWriter(bus, 'shop')
  await source.load([ITEMS])
  await deploy(SHEET, 1)
})

afterEach(async () => {
  await bus[Symbol.asyncDispose]()
  rmSync(root, { recursive: true })
})

async function deploy(sheet: string, n: number): Promise<void> {
  const stream = graphInbox('w')
  await bus.ensure(stream)
  const body = encodeBody({
    v: 1,
    kind: 'deploy',
    ...makeDeployment({ 'w/items.sheet.yaml': sheet }, TABLES, `2026-11-23T10:00:0${n}.000000Z`),
  })
  await bus.append(stream, [{ subject: graphInboxSubject('w', 'deploy'), id: `deploy/${n}`, body }])
}

/** Runs the graph while `during` goes on; a checkpoint after each step with rows if `checkpoints`. */
async function withGraph(checkpoints: boolean, during: () => Promise<void>): Promise<void> {
  const stop = new AbortController()
  await using state = checkpoints ? openState() : null
  const running = runGraph({
    bus,
    graph: 'w',
    sources: ['shop'],
    stateStore: state,
    compile: compileDeployment,
    signal: stop.signal,
    log: SILENT,
    startedAt: 1_795_000_000,
    checkpointRows: 1,
  })
  try {
    await during()
  } finally {
    stop.abort()
    await running
  }
}

function openState(): StateStore {
  const file = ledger.places.state('w')
  mkdirSync(path.dirname(file), { recursive: true })
  return openSqliteState(file)
}

const price = (op: 'c' | 'u', id: number, to: number): RowChange => [op, [id], [id, to], null]

/** One transaction of the source; resolves when readers have it. */
async function change(rows: readonly RowChange[], shows: readonly (readonly unknown[])[]): Promise<void> {
  await source.rows([['public.items', 1, rows]])
  await expect.poll(async () => (await folded(Number.MAX_SAFE_INTEGER))?.rows, PATIENT).toEqual(shows)
}

async function folded(until: number) {
  const fold = new ViewFold('w.items')
  for await (const transaction of readView({ bus, graph: 'w', signal: ledger.signal, until }, 'w.items')) fold.push(transaction)
  return fold.image
}

async function sheet() {
  return { graph: 'w', view: 'w.items', schema: (await viewSchemas(bus, 'w')).get('w.items') ?? null }
}

test('a view is had at every commit that is retained: forwards, from a checkpoint, and backwards where its beginning is trimmed', async () => {
  const wanted = new Map<number, unknown>()
  const note = async (): Promise<void> => {
    const last = await lastCommit({ bus, graph: 'w', signal: ledger.signal })
    wanted.set(last?.position.offset ?? 0, (await folded(Number.MAX_SAFE_INTEGER))?.rows)
  }
  const check = async (): Promise<void> => {
    for (const [offset, rows] of wanted) {
      const commit = await commitAt(ledger, 'w', { epoch: null, offset })
      expect([offset, (await viewAt(ledger, 'w', 'w.items', commit)).rows]).toEqual([offset, rows])
    }
  }
  await withGraph(false, async () => {
    await change(
      [price('c', 1, 5), price('c', 2, 7)],
      [
        [1, 5, 10],
        [2, 7, 14],
      ],
    )
    await note()
    await change(
      [price('u', 1, 6)],
      [
        [1, 6, 12],
        [2, 7, 14],
      ],
    )
    await note()
  })
  await check()
  // From here on there is a checkpoint, taken when everything up to now has been read.
  await withGraph(true, async () => {
    await change([['d', [2], null, null]], [[1, 6, 12]])
    await note()
  })
  const first = [...wanted.keys()][0] ?? 0
  // What a trim drops, when only the last messages are young enough; the graph itself needs no more than what is behind its checkpoint.
  await bus.retain('SF_GRAPH_w', 'graph/w', first)
  await bus.trim('SF_GRAPH_w', { maxBytes: 0 })
  expect((await bus.range('SF_GRAPH_w')).first).toBeGreaterThan(1)
  for (const offset of wanted.keys()) if (offset <= first) wanted.delete(offset)
  const undo = vi.spyOn(ViewFold.prototype, 'undo')
  await check()
  expect(wanted.size).toBe(2)
  expect(undo).toHaveBeenCalled()
  const history = await rowHistory(ledger, await sheet(), { key: [2], column: null, until: Number.MAX_SAFE_INTEGER, limit: 10 })
  expect(history).toMatchObject({ isTrimmed: true, changes: [{ kind: 'vanished', cells: [{}, {}, { column: 'twice', before: 14 }] }] })
  await expect(commitAt(ledger, 'w', { epoch: null, offset: 1 })).rejects.toMatchObject({ code: 'ledger/out-of-reach' })
})

test('what a view was before it was filled anew is out of reach once that is trimmed, and the oldest position is named', async () => {
  let before = 0
  await withGraph(true, async () => {
    await change([price('c', 1, 5)], [[1, 5, 10]])
    await change([price('u', 1, 6)], [[1, 6, 12]])
    before = (await lastCommit({ bus, graph: 'w', signal: ledger.signal }))?.position.offset ?? 0
    await bus.retain('SF_GRAPH_w', 'graph/w', before - 1)
    await bus.trim('SF_GRAPH_w', { maxBytes: 0 })
    await deploy(SHEET.replace('*2', '*3'), 2)
    await expect.poll(async () => (await folded(Number.MAX_SAFE_INTEGER))?.rows, PATIENT).toEqual([[1, 6, 18]])
    await change([price('u', 1, 7)], [[1, 7, 21]])
  })
  const refilled = (await Array.fromAsync(readView({ bus, graph: 'w', signal: ledger.signal }, 'w.items'))).find(({ pieces }) =>
    pieces.some((piece) => piece.kind === 'schema' && piece.message.table === 'w.items'),
  )
  const commit = await commitAt(ledger, 'w', { epoch: null, offset: before })
  const oldest = refilled?.position
  await expect(viewAt(ledger, 'w', 'w.items', commit)).rejects.toMatchObject({ code: 'ledger/out-of-reach', details: { oldest } })
  expect((await viewAt(ledger, 'w', 'w.items', await commitAt(ledger, 'w', { epoch: null, offset: oldest?.offset ?? 0 }))).rows).toEqual([
    [1, 6, 18],
  ])
  expect((await rebuildGraph(ledger, 'w')).from).toBe('checkpoint')
})
