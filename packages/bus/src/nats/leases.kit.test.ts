import type { Leases } from '@sheetflow/core/ports/leases'
import { startFaultProxy, type FaultProxy } from '@sheetflow/testkit/fault-proxy'
import { describeLeases } from '@sheetflow/testkit/kits/leases-kit'
import { natsServers } from '@sheetflow/testkit/nats/binaries'
import { startNats } from '@sheetflow/testkit/nats/server'
import { openNatsLeases } from './leases.ts'

const SILENT_MS = 1_500

for (const binary of await natsServers()) {
  describeLeases(`NATS ${binary.version}`, async () => {
    const server = await startNats({ binary })
    const proxies = new Map<Leases, FaultProxy>()
    return {
      open: async () => {
        const proxy = await startFaultProxy(Number(new URL(server.url).port))
        const leases = await openNatsLeases({ servers: [`nats://127.0.0.1:${proxy.port}`], silentMs: SILENT_MS })
        proxies.set(leases, proxy)
        return leases
      },
      cutOff: (leases) => Promise.resolve(proxies.get(leases)?.hold()),
      [Symbol.asyncDispose]: async () => {
        for (const proxy of proxies.values()) await proxy[Symbol.asyncDispose]()
        await server[Symbol.asyncDispose]()
      },
    }
  })
}
