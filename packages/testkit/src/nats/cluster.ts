import { freePort } from '../postgres/embedded.ts'
import type { NatsBinary } from './binaries.ts'
import { startNats, type NatsServer } from './server.ts'

/** Servers that know each other, named `n1`, `n2`, … */
export interface NatsCluster extends AsyncDisposable {
  readonly servers: ReadonlyMap<string, NatsServer>
}

/** Starts so many servers on loopback as one cluster. It takes some seconds until they have elected a leader: ask until there is an answer. */
export async function startNatsCluster(binary: NatsBinary, size: number, jetstream: readonly string[] = []): Promise<NatsCluster> {
  const ports = await Promise.all(Array.from({ length: size }, freePort))
  const routes = ports.map((port) => `nats://127.0.0.1:${port}`)
  const started = ports.map(async (port, i) => {
    const name = `n${i + 1}`
    const config = [`cluster { name: sheetflow, listen: 127.0.0.1:${port}, routes: [ ${routes.join(', ')} ] }`]
    return [name, await startNats({ binary, name, config, jetstream })] as const
  })
  const servers = new Map(await Promise.all(started))
  return {
    servers,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...servers.values()].map((server) => server[Symbol.asyncDispose]()))
    },
  }
}
