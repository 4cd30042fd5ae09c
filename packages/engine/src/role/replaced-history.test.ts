import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { memoryStateStore } from '@sheetflow/testkit/memory-state-store'
import { describe, expect, it } from 'vitest'
import { deployment } from '../testing/graph-bench.ts'
import { RoleBench } from '../testing/role-bench.ts'
import { SourceWriter } from '../testing/source-writer.ts'

/**
 * The power of a bus fails that syncs now and then: it has lost the end of one stream and kept that of another. The writer sends again what was not confirmed, in other groups and between other
 * heartbeats: under the same epoch other transactions stand at the offsets that were read, and more of them by the time that a reader starts again.
 */
const INT = { type: 'int' } as const

function graph(sum: string) {
  return boundGraph({
    tables: { 'shop!public.orders': { columns: { id: INT, total: INT } } },
    sheets: { 's.totals': { columns: { count: '=ROWS(shop!orders)', sum } } },
  })
}

const GRAPHS = { a: graph('=SUM(shop!orders[total])'), b: graph('=-SUM(shop!orders[total])') }
const SOURCE = 'SF_SRC_shop'
const INBOX = 'SF_IN_GRAPH_g'

const order = (id: number) => ['public.orders', 1, [['c', [id], [id, id], null]]] as const

describe.each([
  ['with a checkpoint', () => memoryStateStore()],
  ['without one', () => null],
])('an input that holds others at the offsets that were read, %s', (_, makeStateStore) => {
  async function shop() {
    const bus = new MemoryBus()
    const stateStore = makeStateStore()
    const roleOn = (on: MemoryBus): RoleBench =>
      new RoleBench({ bus: on, sources: ['shop'], graphs: GRAPHS, stateStore, checkpointRows: 1 })
    const source = new SourceWriter(bus, 'shop')
    await source.load(GRAPHS.a.tables.map((table) => table.schema))
    const role = roleOn(bus)
    await role.say({ v: 1, kind: 'deploy', ...deployment('a') })
    role.start()
    await source.rows([order(1)])
    return { bus, source, role, roleOn }
  }

  it('of a source: what stands there now is computed, all of it', async () => {
    const { bus, source, role, roleOn } = await shop()
    const { last: kept } = await bus.range(SOURCE)
    for (const id of [2, 3]) {
      await source.heartbeat()
      await source.rows([order(id)])
    }
    await role.untilRead([source])
    await role.stop()
    const { last: read } = await bus.range(SOURCE)
    const after = await cut(bus, SOURCE, kept)
    const again = new SourceWriter(after, 'shop', 'again')
    for (let id = 2; (await after.range(SOURCE)).last <= read; id++) await again.rows([order(id)])
    const rows = 1 + (await after.range(SOURCE)).last - kept
    const restarted = roleOn(after)
    restarted.start()
    const reader = await restarted.untilRead([again])
    await restarted.stop()
    expect(reader.rows('s.totals')).toEqual([[rows, (rows * (rows + 1)) / 2]])
  })

  it('of the inbox: what was said there now counts', async () => {
    const { bus, source, role, roleOn } = await shop()
    await role.untilRead([source])
    await role.stop()
    const { last: read } = await bus.range(INBOX)
    const after = await cut(bus, INBOX, 0)
    const restarted = roleOn(after)
    for (let sent = 0; sent <= read; sent++) await restarted.say({ v: 1, kind: 'deploy', ...deployment('b') })
    restarted.start()
    const reader = await restarted.until((read) => read.rows('s.totals')[0]?.[1] === -1)
    await restarted.stop()
    expect(reader.rows('s.totals')).toEqual([[1, -1]])
  })
})

/** A bus with the same streams, but for one that ends at `last`. */
async function cut(bus: MemoryBus, shortened: string, last: number): Promise<MemoryBus> {
  const after = new MemoryBus()
  for (const stream of [SOURCE, INBOX, 'SF_GRAPH_g']) {
    const { epoch } = await bus.range(stream)
    await after.ensure(stream, { epoch })
    for await (const messages of bus.read(stream, { from: 1, untilNow: true })) {
      await after.append(stream, stream === shortened ? messages.filter(({ offset }) => offset <= last) : messages)
    }
  }
  return after
}
