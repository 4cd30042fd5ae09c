import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

/** A TCP proxy that cuts connections: what clients see of a bad network. */
export interface FaultProxy extends AsyncDisposable {
  readonly port: number
  /** Ends about this share of the connections, without a goodbye. Answers how many. */
  cut(share: number, random: () => number): number
  /** From now on nothing passes, though no connection ends: a network that swallows everything. */
  hold(): void
}

/** Starts a proxy on a free port of 127.0.0.1 in front of `port` there; the other side may come and go. */
export async function startFaultProxy(port: number): Promise<FaultProxy> {
  const pairs = new Set<readonly [Socket, Socket]>()
  let held = false
  const stop = (socket: Socket): void => void socket.unpipe().pause()
  const server = createServer((client) => {
    const target = connect(port, '127.0.0.1')
    const pair = [client, target] as const
    pairs.add(pair)
    const end = (): void => {
      pairs.delete(pair)
      client.destroy()
      target.destroy()
    }
    for (const socket of pair) {
      socket.setNoDelay(true)
      socket.on('error', end)
      socket.on('close', end)
    }
    client.pipe(target)
    target.pipe(client)
    if (held) pair.forEach(stop)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    port: (server.address() as AddressInfo).port,
    cut: (share, random) => {
      const chosen = [...pairs].filter(() => random() < share)
      for (const sockets of chosen) for (const socket of sockets) socket.resetAndDestroy()
      return chosen.length
    },
    hold: () => {
      held = true
      for (const pair of pairs) pair.forEach(stop)
    },
    [Symbol.asyncDispose]: async () => {
      for (const sockets of pairs) for (const socket of sockets) socket.destroy()
      await new Promise((closed) => server.close(closed))
    },
  }
}
