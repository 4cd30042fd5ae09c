import { createServer, type AddressInfo, type Server } from 'node:net'

/** Ports of 127.0.0.1 that nobody has now, for processes that must be found at the same one when they are started again. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(Array.from({ length: count }, opened))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))))
  return ports
}

async function opened(): Promise<Server> {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return server
}
