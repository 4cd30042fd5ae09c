import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { SheetflowError, type Retry } from '@sheetflow/core/errors'
import type { Log } from '@sheetflow/core/ports/host'

/** Answers a request, or says that it is not its own. */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse, url: URL) => boolean | Promise<boolean>

/** A server that asks its handlers in turn; 404 if none of them knows the path. Nothing a request does ends the process. */
export function makeHttpServer(handlers: readonly HttpHandler[], log: Log): Server {
  return createServer((request, response) => {
    void handle(handlers, request, response, log)
  })
}

/** Listens; resolves with the port. `app/port-in-use` if another program has it: `flag` chooses another. */
export function listen(server: Server, port: number, host: string, flag = '--port'): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE'
      reject(
        new SheetflowError(
          taken ? 'app/port-in-use' : 'config/invalid',
          taken ? `port ${port} is taken by another program` : error.message,
          {
            fix: taken ? `Stop it, or choose another with ${flag}.` : `Check the address ${host}:${port}.`,
            cause: error,
          },
        ),
      )
    })
    server.listen(port, host, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

/** Sends a whole body. */
export function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body), ...headers })
  response.end(body)
}

/** JSON with a code, as every refusal has; `retry` where asking again may help. */
export function sendError(response: ServerResponse, status: number, code: string, message: string, retry?: Retry): void {
  const extensions = { code, ...(retry === undefined ? {} : { retry }) }
  send(response, status, 'application/json; charset=utf-8', JSON.stringify({ errors: [{ message, extensions }] }))
}

/** The body as text; null if it is longer than `maxBytes`. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= maxBytes) chunks.push(chunk)
      else {
        request.pause()
        resolve(null)
      }
    })
    request.on('end', () => resolve((chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)).toString('utf8')))
    request.on('error', reject)
  })
}

/** The address that nearly every request has, read once. Handlers do not change it. */
const GRAPHQL_URL = new URL('http://localhost/graphql')

async function handle(handlers: readonly HttpHandler[], request: IncomingMessage, response: ServerResponse, log: Log): Promise<void> {
  try {
    const target = request.url ?? '/'
    const url = target === GRAPHQL_URL.pathname ? GRAPHQL_URL : URL.parse(target, 'http://localhost')
    if (url === null) {
      sendError(response, 400, 'BAD_REQUEST', 'the address cannot be read')
      return
    }
    for (const handler of handlers) if (await handler(request, response, url)) return
    sendError(response, 404, 'NOT_FOUND', `nothing is at ${url.pathname}`)
  } catch (error) {
    // The client went away in the middle of its request.
    if (request.destroyed || response.destroyed) return
    log.error('request failed', { path: request.url, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    if (!response.headersSent) sendError(response, 500, 'INTERNAL', 'internal server error')
    else response.destroy()
  }
}
