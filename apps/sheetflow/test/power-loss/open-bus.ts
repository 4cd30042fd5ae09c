import { join } from 'node:path'
import { openSqliteBus } from '@sheetflow/bus'
import { openNatsBus } from '@sheetflow/bus/nats/nats-bus'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { NatsBinary } from '@sheetflow/testkit/nats/binaries'
import { startNats } from '@sheetflow/testkit/nats/server'

/** A bus whose power is cut. Everything that it keeps lies in `<dir>/store`. */
export type BusKind =
  | { readonly type: 'sqlite' }
  | {
      readonly type: 'nats'
      readonly binary: NatsBinary
      /** The server's `sync_interval`: `always`, milliseconds, or absent. */
      readonly syncs?: 'always' | number
      /** What the configuration says that it is. */
      readonly said: 'always' | number
    }

/** A bus that is open, on a server of its own if it needs one. */
export interface OpenBus extends AsyncDisposable {
  readonly bus: Bus
}

/** Opens it over what lies in the folder. When it is disposed of, the server ends without a goodbye. */
export async function openBusIn(dir: string, kind: BusKind): Promise<OpenBus> {
  if (kind.type === 'sqlite') {
    const bus = await openSqliteBus({ dir: join(dir, 'store'), reserveBytes: 0 })
    return { bus, [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose]() }
  }
  const { binary, syncs, said } = kind
  const jetstream = syncs === undefined ? [] : [`sync_interval: ${syncs === 'always' ? 'always' : `"${String(syncs)}ms"`}`]
  const server = await startNats({ binary, dir, jetstream })
  const bus = await openNatsBus({ servers: [server.url], syncInterval: said })
  return {
    bus,
    [Symbol.asyncDispose]: async () => {
      await bus[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}
