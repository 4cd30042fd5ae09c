import { setTimeout as pause } from 'node:timers/promises'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import type { Leases } from '@sheetflow/core/ports/leases'
import { startFaultProxy, type FaultProxy } from '@sheetflow/testkit/fault-proxy'
import { describeLeases } from '@sheetflow/testkit/kits/leases-kit'
import { natsServers } from '@sheetflow/testkit/nats/binaries'
import { startNats } from '@sheetflow/testkit/nats/server'
import { SteadyClock } from '@sheetflow/testkit/steady-clock'
import { openNatsLeases } from './leases.ts'

const SILENT_MS = 1_500
const STEP_MS = 55
const PAUSE_MS = 35
const PATIENCE_MS = 60_000

/** Time goes on when the server has stored something else: a machine, a server or a disk that stalls stops it. */
async function clockOf(url: string): Promise<SteadyClock & AsyncDisposable> {
  const nc = await connect({ servers: url })
  await (await jetstreamManager(nc)).streams.add({ name: 'TURNS', subjects: ['turn'], max_msgs: 1 })
  const js = jetstream(nc)
  const clock = new SteadyClock(STEP_MS, async () => {
    await pause(PAUSE_MS)
    await js.publish('turn', '', { timeout: PATIENCE_MS })
  })
  const end = async (): Promise<void> => {
    clock.stop()
    await nc.close()
  }
  return Object.assign(clock, { [Symbol.asyncDispose]: end })
}

for (const binary of await natsServers()) {
  describeLeases(`NATS ${binary.version}`, async () => {
    const server = await startNats({ binary })
    const clock = await clockOf(server.url)
    const proxies = new Map<Leases, FaultProxy>()
    return {
      open: async () => {
        const proxy = await startFaultProxy(Number(new URL(server.url).port))
        const leases = await openNatsLeases({ servers: [`nats://127.0.0.1:${proxy.port}`], silentMs: SILENT_MS, leaseClock: clock })
        proxies.set(leases, proxy)
        return leases
      },
      cutOff: (leases) => Promise.resolve(proxies.get(leases)?.hold()),
      [Symbol.asyncDispose]: async () => {
        await clock[Symbol.asyncDispose]()
        for (const proxy of proxies.values()) await proxy[Symbol.asyncDispose]()
        await server[Symbol.asyncDispose]()
      },
    }
  })
}
