import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { openNatsBus } from '@sheetflow/bus/nats/nats-bus'
import type { BusMessage } from '@sheetflow/core/ports/bus'
import { natsServer } from '@sheetflow/testkit/nats/binaries'
import { startNats, type NatsServer } from '@sheetflow/testkit/nats/server'
import { timed, type Measured } from './measure.ts'
import { appendPipelined } from './append-pipelined.ts'

/** When the server syncs its files: before each answer, or every two minutes. */
export type Sync = 'always' | 'default'

/** The groups through our driver, into a server of its own. */
export async function natsAppend(stream: string, groups: readonly (readonly BusMessage[])[], items: number, sync: Sync): Promise<Measured> {
  await using server = await serverOf(sync)
  await using bus = await openNatsBus({ servers: [server.url] })
  return await timed(items, () => appendPipelined(bus, stream, groups))
}

/** Publishes under way at once: what the client's documentation advises against exceeding. */
const WINDOW = 512

/** What a change capture does that has only the client: a message and a promise for each row. */
export async function natsPublishEach(rows: readonly Uint8Array[], sync: Sync): Promise<Measured> {
  await using server = await serverOf(sync)
  const nc = await connect({ servers: server.url })
  const manager = await jetstreamManager(nc)
  await manager.streams.add({ name: 'ROWS', subjects: ['rows.>'] })
  const js = jetstream(nc)
  const measured = await timed(rows.length, async () => {
    const underWay: Promise<unknown>[] = []
    for (const row of rows) {
      underWay.push(js.publish('rows.orders', row, { timeout: 60_000 }))
      if (underWay.length === WINDOW) await Promise.all(underWay.splice(0))
    }
    await Promise.all(underWay)
  })
  await nc.close()
  return measured
}

async function serverOf(sync: Sync): Promise<NatsServer> {
  return await startNats({ binary: await natsServer(), jetstream: sync === 'always' ? ['sync_interval: always'] : [] })
}
