import { must } from '@sheetflow/core/assert'
import type { KeyJson, RowChange } from '@sheetflow/core/message'
import type { JsonValue } from '@sheetflow/core/value'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { memoryStateStore } from '@sheetflow/testkit/memory-state-store'
import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { expect, it } from 'vitest'
import { compileFrom } from '../testing/compile-from.ts'
import { deployment } from '../testing/graph-bench.ts'
import { RoleBench } from '../testing/role-bench.ts'
import { anyTransaction } from '../testing/shop-history.ts'
import { SHOP } from '../testing/sketches.ts'
import { SourceWriter } from '../testing/source-writer.ts'
import { KeyHistory } from './key-history.ts'
import type { KeyChange } from './key-history.ts'
import { readView, viewSchemas } from './read-output.ts'
import type { Committed } from './read-output.ts'
import { rebuild } from './rebuild.ts'
import { ViewFold } from './view-image.ts'
import type { ViewImage } from './view-image.ts'

const RUNS = runs(6, 80)
const GRAPH = boundGraph(SHOP)
const SOURCES = ['shop', 'crm']
const NEVER = new AbortController().signal

/** Lives of a graph: what is written while each runs. */
const lives = fc.array(fc.array(anyTransaction, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 3 })

it('a graph rebuilt, a view put together forwards and one taken back are the same at every commit; histories of rows lead to what is there', async () => {
  const property = fc.asyncProperty(lives, async (all) => {
    const bus = new MemoryBus()
    const stateStore = memoryStateStore()
    await live(bus, stateStore, all)
    const checkpoint = await stateStore.load()
    const schemas = await viewSchemas(bus, 'g')
    const views = [...schemas.keys()].filter((view) => !view.endsWith('._receipts'))
    const written = new Map<string, readonly Committed[]>()
    for (const view of views) written.set(view, await Array.fromAsync(readView({ bus, graph: 'g', signal: NEVER }, view)))
    const commits = must(written.get(must(views[0])))
    for (const { position } of commits) {
      const until = position.offset
      const whole = { bus, graph: 'g', sources: SOURCES, compile: compileFrom({ a: GRAPH }), until, signal: NEVER }
      const { graph } = await rebuild({ ...whole, checkpoint: null })
      // Of a commit before the checkpoint it is of no use, and is left alone.
      const warm = await rebuild({ ...whole, checkpoint })
      for (const { view, output } of graph.active?.published ?? []) {
        if (!graph.views.isLive(view)) continue
        const rows = Array.from(output.rows(), ([, , row]) => row)
        expect([view, until, forwards(must(written.get(view)), view, until)?.rows]).toEqual([view, until, rows])
        const same = warm.graph.active?.published.find((one) => one.view === view)
        expect(Array.from(must(same).output.rows(), ([, , row]) => row)).toEqual(rows)
      }
    }
    for (const view of views) {
      const own = must(written.get(view))
      checkBackwards(own, view)
      const end = forwards(own, view, Number.MAX_SAFE_INTEGER)
      for (const key of keysIn(own, view)) checkHistory(own, view, key, end)
    }
  })
  await expect(fc.assert(property, { numRuns: RUNS })).resolves.toBeUndefined()
})

async function live(
  bus: MemoryBus,
  stateStore: ReturnType<typeof memoryStateStore>,
  all: readonly (readonly (readonly (readonly [table: string, ...rows: readonly RowChange[]])[])[])[],
): Promise<void> {
  const writers = new Map(SOURCES.map((source) => [source, new SourceWriter(bus, source)]))
  for (const [source, writer] of writers)
    await writer.load(GRAPH.tables.filter((table) => table.source === source).map((table) => table.schema))
  const role = new RoleBench({ bus, sources: SOURCES, graphs: { a: GRAPH }, stateStore, checkpointRows: 5 })
  await role.say({ v: 1, kind: 'deploy', ...deployment('a') })
  for (const transactions of all) {
    role.start()
    for (const changes of transactions) {
      const source = must(changes[0])[0].split('!')[0] ?? ''
      await must(writers.get(source)).rows(
        changes.map(([table, ...rows]): [string, number, RowChange[]] => [table.split('!')[1] ?? '', 1, rows]),
      )
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
    }
    await role.untilRead([...writers.values()])
    await role.stop()
  }
}

function forwards(written: readonly Committed[], view: string, until: number): ViewImage | null {
  const fold = new ViewFold(view)
  for (const transaction of written) if (transaction.position.offset <= until) fold.push(transaction)
  return fold.image
}

function checkBackwards(written: readonly Committed[], view: string): void {
  const end = forwards(written, view, Number.MAX_SAFE_INTEGER)
  if (end === null) return
  const fold = new ViewFold(view)
  fold.start(end)
  for (const transaction of written.toReversed()) {
    if (!fold.undo(transaction)) return
    expect(fold.image).toEqual(forwards(written, view, transaction.position.offset - 1))
  }
}

function keysIn(written: readonly Committed[], view: string): readonly KeyJson[] {
  const keys = new Map<string, KeyJson>()
  for (const { pieces } of written) {
    for (const piece of pieces) {
      if (piece.kind !== 'rows' || piece.message.table !== view) continue
      for (const [, key] of piece.message.rows) if (key !== null) keys.set(JSON.stringify(key), key)
    }
  }
  return [...keys.values()]
}

/** The changes of a row, put one on another, are the row; each begins where the one before it ended. */
function checkHistory(written: readonly Committed[], view: string, key: KeyJson, end: ViewImage | null): void {
  const history = new KeyHistory(view, key, end?.schema ?? null)
  const row = new Map<string, JsonValue>()
  let there = false
  for (const transaction of written) {
    const change = history.push(transaction)
    if (change === null) continue
    expect(change.kind === 'appeared').toBe(!there)
    there = change.kind !== 'vanished'
    apply(row, change)
  }
  const columns = must(end).schema.columns.map(({ name }) => name)
  const places = must(end).schema.key.map((name) => columns.indexOf(name))
  const held = must(end).rows.find((one) => JSON.stringify(places.map((place) => one[place] ?? null)) === JSON.stringify(key))
  expect(there ? columns.map((name) => row.get(name)) : undefined).toEqual(held)
}

function apply(row: Map<string, JsonValue>, { kind, cells }: KeyChange): void {
  for (const cell of cells) {
    if (kind !== 'appeared') expect(row.get(cell.column)).toEqual(cell.before)
    if (cell.after === undefined) row.delete(cell.column)
    else row.set(cell.column, cell.after)
  }
}
