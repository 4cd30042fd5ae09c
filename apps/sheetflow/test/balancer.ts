import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

const ASK_MS = 50

/** A TCP balancer as stands before `serve` processes: it asks each for `/readyz`, gives new connections to those that are ready in turn, and leaves those that stand alone. */
export interface Balancer extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly host: string
  /** How many connections each port was given, of those that could be made. */
  readonly given: ReadonlyMap<number, number>
  /** Ports that are ready now, as far as it knows. */
  readonly ready: () => readonly number[]
}

/** Starts it on a free port of 127.0.0.1 before these ports there, which may come and go. */
export async function startBalancer(ports: readonly number[]): Promise<Balancer> {
  const stop = new AbortController()
  const isReady = new Map<number, boolean>()
  const given = new Map<number, number>(ports.map((port) => [port, 0]))
  const sockets = new Set<Socket>()
  let turn = 0
  const ready = (): readonly number[] => ports.filter((port) => isReady.get(port) === true)
  const keep = (socket: Socket): void => {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
  }
  /** To the next that is ready, and from there on: one that has just gone is not waited for. */
  const give = (client: Socket, left: number): void => {
    const able = ready()
    const port = able[turn++ % Math.max(1, able.length)]
    if (port === undefined || left === 0) {
      client.destroy()
      return
    }
    const target = connect(port, '127.0.0.1')
    const onRefused = (): void => give(client, left - 1)
    target.once('error', onRefused)
    target.once('connect', () => {
      target.off('error', onRefused)
      given.set(port, (given.get(port) ?? 0) + 1)
      keep(target)
      target.on('close', () => client.destroy())
      client.on('close', () => target.destroy())
      client.pipe(target)
      target.pipe(client)
    })
  }
  const server = createServer((client) => {
    keep(client)
    give(client, ports.length + 1)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const asking = ports.map((port) => ask(port, isReady, stop.signal))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    given,
    ready,
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      for (const socket of sockets) socket.destroy()
      await new Promise((closed) => server.close(closed))
      await Promise.all(asking)
    },
  }
}

async function ask(port: number, isReady: Map<number, boolean>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal }).catch(() => null)
    isReady.set(port, response?.status === 200)
    await response?.body?.cancel().catch(() => undefined)
    await pause(ASK_MS, undefined, { signal }).catch(() => undefined)
  }
}
