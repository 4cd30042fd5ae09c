import { mkdirSync } from 'node:fs'
import { openNatsBus } from '@sheetflow/bus/nats/nats-bus'
import { openNatsLeases } from '@sheetflow/bus/nats/leases'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { Leases } from '@sheetflow/core/ports/leases'
import { startFaultProxy } from '../../../fault-proxy.ts'
import type { FaultProxy } from '../../../fault-proxy.ts'
import { leaseHolders } from '../../../nats/lease-holders.ts'
import { startNats } from '../../../nats/server.ts'
import type { NatsServer } from '../../../nats/server.ts'
import { LivePostgres } from '../../../postgres/live-postgres.ts'
import type { RingParts } from '../ring.ts'

/** What the processes reach over a network that can be cut. */
export const REACHED = ['nats', 'east', 'west', 'views'] as const
export type Reached = (typeof REACHED)[number]

/** The servers below a ring of processes, each behind a proxy: NATS, the sources' databases, and a Postgres of its own for the views. */
export class Machines implements AsyncDisposable {
  readonly nats: NatsServer
  readonly views: LivePostgres
  readonly databases: RingParts['databases']
  readonly proxies: Readonly<Record<Reached, FaultProxy>>
  /** As the processes reach them. */
  readonly urls: Readonly<Record<Reached, string>>
  readonly #leases: Leases
  readonly #stack: AsyncDisposableStack

  private constructor(
    parts: Pick<Machines, 'nats' | 'views' | 'databases' | 'proxies' | 'urls'>,
    leases: Leases,
    stack: AsyncDisposableStack,
  ) {
    this.nats = parts.nats
    this.views = parts.views
    this.databases = parts.databases
    this.proxies = parts.proxies
    this.urls = parts.urls
    this.#leases = leases
    this.#stack = stack
  }

  /** `natsDir`: where the streams lie. It stays when the server has ended, for whoever looks what went wrong. */
  static async start(databases: RingParts['databases'], natsDir: string): Promise<Machines> {
    await using stack = new AsyncDisposableStack()
    mkdirSync(natsDir)
    const nats = stack.use(await startNats({ dir: natsDir }))
    const views = await LivePostgres.start()
    stack.defer(() => views.end())
    const direct = { nats: nats.url, east: databases.east.url, west: databases.west.url, views: await views.database() }
    const proxied = async (url: string): Promise<readonly [FaultProxy, string]> => {
      const proxy = stack.use(await startFaultProxy(Number(new URL(url).port)))
      return [proxy, url.replace(/:\d+(?=\/|$)/, `:${proxy.port}`)]
    }
    const [nat, east, west, view] = [
      await proxied(direct.nats),
      await proxied(direct.east),
      await proxied(direct.west),
      await proxied(direct.views),
    ]
    const leases = stack.use(await openNatsLeases({ servers: [nats.url] }))
    return new Machines(
      {
        nats,
        views,
        databases,
        proxies: { nats: nat[0], east: east[0], west: west[0], views: view[0] },
        urls: { nats: nat[1], east: east[1], west: west[1], views: view[1] },
      },
      leases,
      stack.move(),
    )
  }

  /** By role, the number of the process that holds its lease. */
  async holders(): Promise<ReadonlyMap<string, number>> {
    return await leaseHolders(this.#leases)
  }

  /** The bus, past the proxy. */
  async openBus(): Promise<Bus> {
    return await openNatsBus({ servers: [this.nats.url], syncInterval: 'always' })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync()
  }
}
