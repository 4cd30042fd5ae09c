import { describeBus } from '@sheetflow/testkit/kits/bus-kit'
import { natsServers } from '@sheetflow/testkit/nats/binaries'
import { startNats } from '@sheetflow/testkit/nats/server'
import { openNatsBus } from './nats-bus.ts'

for (const binary of await natsServers()) {
  describeBus(`NATS ${binary.version}`, async (clock) => {
    const server = await startNats({ binary })
    const servers = [server.url]
    return {
      open: () => openNatsBus({ servers, clock }),
      remote: { module: new URL('./nats-bus.ts', import.meta.url).href, open: 'openNatsBus', options: { servers } },
      restart: async () => {
        await server.kill9()
        await server.start()
      },
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    }
  })
}
