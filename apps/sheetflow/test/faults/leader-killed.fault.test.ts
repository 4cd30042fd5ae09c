/**
 * The bus is a NATS cluster of three with three copies of each stream. Its leader of the source's stream is killed with -9 every five seconds, and comes back; then all three are killed at
 * once, with `sync_interval: always`. Expected: acknowledged lost 0, twice in the view 0, out of order 0.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { natsServer } from '@sheetflow/testkit/nats/binaries'
import { startNatsCluster, type NatsCluster } from '@sheetflow/testkit/nats/cluster'
import { leaderOf } from '@sheetflow/testkit/nats/leader'
import { LONG } from '@sheetflow/testkit/runs'
import { expect, test } from 'vitest'
import { FaultRing } from './fault-ring.ts'
import { BUSES } from './on-each-bus.ts'

const STREAM = 'SF_SRC_shop'
const KILLS = 24
const EVERY_MS = 5_000
const OUTAGES = 3

test.runIf(LONG && BUSES.includes('nats'))('the leader is killed every 5 s for two minutes; then all three at once', async () => {
  await using cluster = await startNatsCluster(await natsServer(), 3, ['sync_interval: always'])
  const servers = [...cluster.servers.values()].map(({ url }) => url)
  await using ring = await FaultRing.start({ bus: { type: 'nats', servers, replicas: 3, syncInterval: 'always' } })
  ring.writer.start(40)
  await ring.shows(100)
  const leaders = await killLeaders(cluster)
  // Counted from the servers: each time another one led.
  expect(leaders.filter((name, i) => name !== leaders[i - 1]).length).toBeGreaterThanOrEqual(KILLS)
  await ring.shows(ring.writer.acknowledged)
  for (let outage = 0; outage < OUTAGES; outage++) {
    const pids = [...cluster.servers.values()].map((server) => server.pid())
    await Promise.all([...cluster.servers.values()].map((server) => server.kill9()))
    await Promise.all([...cluster.servers.values()].map((server) => server.start()))
    expect([...cluster.servers.values()].map((server) => server.pid()).some((pid) => pids.includes(pid))).toBe(false)
    await ring.shows(ring.writer.acknowledged + 1)
  }
  await ring.settled()
})

/** Who led before each kill, and at the end. */
async function killLeaders(cluster: NatsCluster): Promise<readonly string[]> {
  const leaders: string[] = []
  for (let kill = 0; kill < KILLS; kill++) {
    const name = await leaderOf(cluster, STREAM)
    leaders.push(name)
    const server = cluster.servers.get(name)
    await server?.kill9()
    // Another one leads before the old one is back.
    leaders.push(await leaderOf(cluster, STREAM))
    await server?.start()
    await pause(EVERY_MS)
  }
  return leaders
}
