import { encodeBody } from '@sheetflow/core/framing/codec'
import type { Log } from '@sheetflow/core/ports/host'
import { graphInbox, graphInboxSubject } from '@sheetflow/core/subject'
import type { BoundGraph } from '@sheetflow/formula/bound'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { describe, expect, it, vi } from 'vitest'
import { deployment } from '../testing/graph-bench.ts'
import { readOutputs, RoleBench } from '../testing/role-bench.ts'
import { SourceWriter } from '../testing/source-writer.ts'

const TABLES = { 'shop!public.orders': { columns: { id: { type: 'int' }, total: { type: 'int' }, status: { type: 'text' } } } } as const

function orders(columns: Readonly<Record<string, string>>): BoundGraph {
  return boundGraph({ tables: TABLES, sheets: { 's.orders': { rows: '=shop!orders', columns } } })
}

const GRAPHS = {
  first: orders({ n: '=[@total]*2', same: '=COUNTIFS(shop!orders[total], [@total])' }),
  larger: orders({ n: '=[@total]*3', same: '=COUNTIFS(shop!orders[total], [@total])', rank: '=RANK([@total], shop!orders[total])' }),
  smaller: orders({ n: '=[@total]*4' }),
}

const order = (id: number) => ['c', [id], [id, id * 10, `status ${id}`], null] as const

/** A role whose first deployment answers, with some hundred rows. */
async function running() {
  const errors = vi.fn<Log['error']>()
  const silent = (): void => undefined
  const bus = new MemoryBus()
  const source = new SourceWriter(bus, 'shop')
  await source.load(GRAPHS.first.tables.map((table) => table.schema))
  const log: Log = { debug: silent, info: silent, warn: silent, error: errors }
  const role = new RoleBench({ bus, sources: ['shop'], graphs: GRAPHS, stateStore: null, log })
  await role.say({ v: 1, kind: 'deploy', ...deployment('first') })
  role.start(bus, { stateBytes: 1 })
  await source.rows([['public.orders', 1, Array.from({ length: 300 }, (_, i) => order(i + 1))]])
  await role.until((read) => read.rows('s.orders').length === 300)
  return { bus, source, role, errors }
}

describe('limits.stateBytes', () => {
  it('law 12: a deployment with which the state would be too large is refused, and the one before goes on, in a replay without a limit too', async () => {
    const { bus, source, role, errors } = await running()
    await role.say({ v: 1, kind: 'deploy', ...deployment('larger') })
    await role.untilRead([source])
    await vi.waitFor(() => expect(errors).toHaveBeenCalled(), { timeout: 30_000 })
    await role.untilRead([source])
    const [event, fields] = errors.mock.calls[0] ?? []
    expect(event).toBe('graph/state-limit')
    expect(fields).toMatchObject({ code: 'engine/state-limit', details: { graph: 'g', limit: 1, version: 'larger' } })
    expect(fields?.['message']).toMatch(
      /^deployment larger is not taken: with it the state of g would take \d+\.\d kB, .*aggregate shop!public\.orders \d/,
    )
    expect(fields?.['fix']).toContain('limits.stateBytes')
    await source.rows([['public.orders', 1, [order(301)]]])
    await role.until((read) => read.rows('s.orders').length === 301)
    expect(await role.stop()).toBeUndefined()
    expect(errors).toHaveBeenCalledTimes(1)

    const told = (await readOutputs(bus)).transactions.length
    role.start(bus)
    await source.rows([['public.orders', 1, [order(302)]]])
    const reader = await role.until((read) => read.rows('s.orders').length === 302)
    expect(reader.rows('s.orders')[301]).toEqual([302, 3_020, 'status 302', 6_040, 1])
    expect(reader.views.get('s.orders')?.generation).toBe(1)
    expect((await readOutputs(bus)).transactions.length).toBeGreaterThan(told)
    await role.stop()
  })

  it('one with which it is smaller is taken', async () => {
    const { role, errors } = await running()
    await role.say({ v: 1, kind: 'deploy', ...deployment('smaller') })
    const reader = await role.until((read) => read.rows('s.orders')[0]?.[3] === 40)
    expect(reader.rows('s.orders')[0]).toEqual([1, 10, 'status 1', 40])
    expect(errors).not.toHaveBeenCalled()
    await role.stop()
  })

  it('what was deployed meanwhile is not lost', async () => {
    const { bus, role, errors } = await running()
    // Both stand in the inbox before the first of them is read.
    await bus.append(
      graphInbox('g'),
      ['larger', 'smaller'].map((version) => ({
        subject: graphInboxSubject('g', 'deploy'),
        id: version,
        body: encodeBody({ v: 1, kind: 'deploy', ...deployment(version) }),
      })),
    )
    await role.until((read) => read.rows('s.orders')[0]?.[3] === 40)
    expect(errors).not.toHaveBeenCalled()
    await role.stop()
  })
})
