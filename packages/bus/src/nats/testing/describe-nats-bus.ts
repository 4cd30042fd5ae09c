import { describeBus } from '@sheetflow/testkit/kits/bus-kit'
import type { NatsBinary } from '@sheetflow/testkit/nats/binaries'
import { startNats } from '@sheetflow/testkit/nats/server'
import { openNatsBus } from '../nats-bus.ts'

/** Runs the kit of the bus on this server. No gaps: where the server has no atomic batches the bus says so (`atomic`), and the kit asks for no more. */
export function describeNatsBus(binary: NatsBinary): void {
  describeBus(`NATS ${binary.version}`, async (clock) => {
    const server = await startNats({ binary })
    const servers = [server.url]
    return {
      open: () => openNatsBus({ servers, clock }),
      remote: { module: new URL('../nats-bus.ts', import.meta.url).href, open: 'openNatsBus', options: { servers } },
      restart: async () => {
        await server.kill9()
        await server.start()
      },
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    }
  })
}
