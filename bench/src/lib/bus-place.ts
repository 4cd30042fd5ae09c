import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { openNatsBus } from '@sheetflow/bus/nats/nats-bus'
import { openSqliteBus } from '@sheetflow/bus/sqlite/sqlite-bus'
import type { Bus } from '@sheetflow/core/ports/bus'
import { startNats, type NatsServer } from '@sheetflow/testkit/nats/server'
import { temporaryFolder } from './temporary.ts'

/** Where the changes of a run go: files, or a NATS server, of its own. */
export interface BusPlace extends AsyncDisposable {
  open(): Promise<Bus>
  /** What somebody has who publishes each row by itself. */
  openSink(): Promise<RowSink>
}

/** Takes rows one by one; `publish` resolves when the row is kept. */
export interface RowSink extends AsyncDisposable {
  publish(id: string, body: Uint8Array): Promise<unknown>
}

/** When a NATS server syncs its files: before each answer, each second, or every two minutes. */
export type Sync = 'always' | '1s' | 'default'

/** Files in a temporary folder. */
export function filesPlace(): BusPlace {
  const folder = temporaryFolder()
  const open = async (): Promise<Bus> => await openSqliteBus({ dir: folder.path })
  return {
    open,
    openSink: async () => {
      const bus = await open()
      await bus.ensure('RIVAL')
      return {
        publish: (id, body) => bus.append('RIVAL', [{ subject: 'rival.orders', id, body }]),
        [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
      }
    },
    [Symbol.asyncDispose]: async () => folder[Symbol.dispose](),
  }
}

/** A server that starts when it is first used. */
export function natsPlace(sync: Sync): BusPlace {
  let server: Promise<NatsServer> | null = null
  const started = (): Promise<NatsServer> => (server ??= startNats({ jetstream: sync === 'default' ? [] : [`sync_interval: "${sync}"`] }))
  return {
    open: async () => {
      const { url, monitor } = await started()
      return await openNatsBus({ servers: [url], monitor })
    },
    openSink: async () => await sinkOf((await started()).url),
    [Symbol.asyncDispose]: async () => await (await server)?.[Symbol.asyncDispose](),
  }
}

async function sinkOf(url: string): Promise<RowSink> {
  const nc = await connect({ servers: url })
  const manager = await jetstreamManager(nc)
  await manager.streams.add({ name: 'RIVAL', subjects: ['rival.>'] })
  const js = jetstream(nc)
  return {
    publish: (msgID, body) => js.publish('rival.orders', body, { msgID, timeout: 60_000 }),
    [Symbol.asyncDispose]: () => nc.close(),
  }
}
