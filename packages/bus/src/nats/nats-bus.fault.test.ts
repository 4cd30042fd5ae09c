import type { Bus } from '@sheetflow/core/ports/bus'
import { startFaultProxy } from '@sheetflow/testkit/fault-proxy'
import { isTestMessage, range, readAll, testMessage } from '@sheetflow/testkit/kits/bus-lab'
import { natsServer, natsServers } from '@sheetflow/testkit/nats/binaries'
import { startNatsCluster } from '@sheetflow/testkit/nats/cluster'
import { leaderOf } from '@sheetflow/testkit/nats/leader'
import { startNats, type NatsServer } from '@sheetflow/testkit/nats/server'
import { Random } from '@sheetflow/testkit/random'
import { runs, SEED } from '@sheetflow/testkit/runs'
import { describe, expect, it } from 'vitest'
import { openNatsBus } from './nats-bus.ts'

/** What a writer, senders and a reader have to bear. Each case first shows that the fault happened, then that nothing is lost, stored twice or out of order. */

const APPENDS = runs(600, 6_000)
const CUTS = runs(8, 80)
const KILLS = runs(3, 20)
const LEADERS_KILLED = runs(2, 10)

/** In `npm test` the newest; what else there is in the full suite. */
const SERVERS = runs(0, 1) === 1 ? await natsServers() : [await natsServer()]

describe.for(SERVERS)('NATS $version', (binary) => {
  it('connections cut while appends are in flight: each is stored once, where its answer says, in order', async () => {
    const random = seeded()
    await using server = await startNats({ binary })
    await using proxy = await startFaultProxy(Number(new URL(server.url).port))
    await using bus = await openNatsBus({ servers: [`nats://127.0.0.1:${proxy.port}`] })
    await using direct = await openNatsBus({ servers: [server.url] })
    await bus.ensure('S')
    let cuts = 0
    const sizes = await pipelined(bus, random, async (share) => {
      if (share < (cuts + 1) / (CUTS + 1)) return
      cuts += proxy.cut(1, random.next)
      await pause(random.below(30))
    })
    expect(cuts).toBeGreaterThanOrEqual(CUTS / 2)
    await expectWhole(direct, sizes)
  })

  it('a server killed while appends are in flight: what was acknowledged is there, the rest is stored once', async () => {
    const random = seeded()
    await using server = await startNats({ binary })
    await using bus = await openNatsBus({ servers: [server.url] })
    await bus.ensure('S')
    let kills = 0
    const sizes = await pipelined(bus, random, async (share) => {
      if (share < (kills + 1) / (KILLS + 1)) return
      kills += 1
      await server.kill9()
      await server.start()
    })
    expect(kills).toBe(KILLS)
    await expectWhole(bus, sizes)
  })

  it('senders whose connections are cut: every id stands in the inbox once, and each answer is its place', async () => {
    const random = seeded()
    await using server = await startNats({ binary })
    await using proxy = await startFaultProxy(Number(new URL(server.url).port))
    const servers = [`nats://127.0.0.1:${proxy.port}`]
    await using one = await openNatsBus({ servers })
    await using other = await openNatsBus({ servers })
    await one.ensure('S')
    const ids = range(1, APPENDS / 4).map((n) => `m-${n}`)
    const places = new Map<string, number>()
    let cuts = 0
    const send = async (bus: Bus): Promise<void> => {
      for (const [i, id] of ids.entries()) {
        const { first } = await bus.append('S', [testMessage('in.box', id)])
        expect(places.get(id) ?? first).toBe(first)
        places.set(id, first)
        if (i % Math.ceil(ids.length / CUTS) === 0) cuts += proxy.cut(1, random.next)
      }
    }
    await Promise.all([send(one), send(other)])
    expect(cuts).toBeGreaterThanOrEqual(CUTS)
    await using direct = await openNatsBus({ servers: [server.url] })
    const all = await readAll(direct, 'S')
    expect(all.map(({ id }) => id).toSorted()).toEqual(ids.toSorted())
    for (const { id, offset } of all) expect(places.get(id)).toBe(offset)
  })

  it('a reader whose connection is cut goes on where it stood: no message twice, none left out', async () => {
    const random = seeded()
    await using server = await startNats({ binary })
    await using proxy = await startFaultProxy(Number(new URL(server.url).port))
    await using reader = await openNatsBus({ servers: [`nats://127.0.0.1:${proxy.port}`] })
    await using writer = await openNatsBus({ servers: [server.url] })
    await writer.ensure('S')
    const count = APPENDS * 5
    const writing = (async () => {
      for (let last = 0; last < count;) {
        const messages = range(last + 1, last + 1 + random.below(40)).map((n) => testMessage('a.b', `m-${n}`, 200))
        last = (await writer.append('S', messages, { expectedLast: last })).last
      }
    })()
    let next = 1
    let cuts = 0
    for await (const batch of reader.read('S', { from: 1 })) {
      for (const message of batch) {
        expect([message.offset, message.id]).toEqual([next, `m-${next}`])
        next += 1
      }
      if (next > count) break
      if (next > (count * (cuts + 1)) / (CUTS + 1)) cuts += proxy.cut(1, random.next)
    }
    await writing
    expect(cuts).toBeGreaterThanOrEqual(CUTS / 2)
  })
})

it('a cluster whose leader is killed while appends are in flight: nothing is lost, twice or out of order', async () => {
  const random = seeded()
  await using cluster = await startNatsCluster(await natsServer(), 3)
  const urls = [...cluster.servers.values()].map(({ url }) => url)
  // One address is enough: the others are learnt from it.
  await using bus = await openNatsBus({ servers: urls.slice(0, 1), replicas: 3 })
  await bus.ensure('S')
  let kills = 0
  let down: NatsServer | null = null
  const sizes = await pipelined(bus, random, async (share) => {
    if (share < (kills + 1) / (LEADERS_KILLED + 1)) return
    kills += 1
    await down?.start()
    down = cluster.servers.get(await leaderOf(cluster, 'S')) ?? null
    await down?.kill9()
  })
  expect(kills).toBe(LEADERS_KILLED)
  await expectWhole(bus, sizes)
})

function seeded(): Random {
  console.info(`seed ${SEED} (SHEETFLOW_SEED repeats it)`)
  return new Random(SEED)
}

/** Appends of 1 to 5 messages, now and then of many, half of them as a whole, up to 50 under way, each expecting the one before it. `meanwhile` is told which share has been given to the bus. Returns their sizes. */
async function pipelined(bus: Bus, random: Random, meanwhile: (share: number) => Promise<void>): Promise<readonly number[]> {
  const sizes: number[] = []
  const underWay: Promise<unknown>[] = []
  let last = 0
  for (let n = 0; n < APPENDS; n++) {
    const size = random.chance(0.6) ? 1 : random.chance(0.05) ? random.between(90, 120) : random.between(2, 5)
    const expectedLast = last
    last += size
    sizes.push(size)
    const messages = range(expectedLast + 1, last).map((i) => testMessage(`a.b${i % 3}`, `m-${i}`, random.below(3_000)))
    const append = bus.append('S', messages, { expectedLast, whole: random.chance(0.5) })
    underWay.push(append.then((answer) => expect(answer).toEqual({ first: expectedLast + 1, last: expectedLast + size })))
    if (underWay.length >= 50) await underWay.shift()
    await meanwhile(n / APPENDS)
  }
  await Promise.all(underWay)
  return sizes
}

async function expectWhole(bus: Bus, sizes: readonly number[]): Promise<void> {
  const count = sizes.reduce((sum, size) => sum + size, 0)
  const all = await readAll(bus, 'S')
  expect(all.map(({ id }) => id)).toEqual(range(1, count).map((n) => `m-${n}`))
  expect(all.every(isTestMessage)).toBe(true)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
