import { Socket } from 'node:net'
import type { NatsConnection } from '@nats-io/transport-node'

/**
 * Closes a connection of ours. While it closes, the library says goodbye to its subscriptions on a socket that the server may have ended already, and then stops listening to that
 * socket before the socket has said so ("write after end"): an error that nobody hears ends the process. Nothing depends on it, so it is heard here.
 */
export async function closeConnection(nc: NatsConnection): Promise<void> {
  const socket = socketOf(nc)
  if (socket !== null) keepHearing(socket)
  await nc.close()
}

/** The library has no name for it: what is not found where it is kept is left alone. */
function socketOf(nc: NatsConnection & { readonly protocol?: { readonly transport?: { readonly socket?: unknown } } }): Socket | null {
  const socket = nc.protocol?.transport?.socket
  return socket instanceof Socket ? socket : null
}

/** `removeAllListeners` removes ours too, so it is followed. */
function keepHearing(socket: Socket): void {
  const remove = socket.removeAllListeners.bind(socket)
  socket.removeAllListeners = (event) => {
    remove(event)
    return socket.on('error', () => undefined)
  }
}
