import { send, type HttpHandler } from '@sheetflow/serve/http/http-server'
import type { PageFiles } from '../page/page-files.ts'
import type { RoleContext } from '../runtime/role.ts'
import { isLoopback } from './loopback.ts'

/** How often an open overlay is looked after; also keeps the connection from being taken for dead. */
const DIAGNOSTICS_MS = 100

const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': "default-src 'self'; connect-src 'self' ws: wss:; style-src 'self' 'unsafe-inline'; img-src 'self' data:",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
}

/** The page's files. */
export function pageHandler(page: PageFiles): HttpHandler {
  return async (request, response, url) => {
    if (request.method !== 'GET') return false
    const file = await page.at(url.pathname)
    if (file === null) return false
    send(response, 200, file.type, file.body, PAGE_HEADERS)
    return true
  }
}

/** A project that has no page yet begins at the explorer. */
export function noPageHandler(): HttpHandler {
  return (request, response, url) => {
    if (request.method !== 'GET' || url.pathname !== '/') return false
    response.writeHead(302, { location: '/graphql' }).end()
    return true
  }
}

/**
 * For the page under development, on loopback: `/_sheetflow/dev` streams what is wrong with the workbooks, `/_sheetflow/dev/token` gives the
 * dev token. Other origins are refused by the browser (no CORS headers), other hosts by the `Host` check (S17).
 */
export function devHandler(context: RoleContext, token: string | null): HttpHandler {
  return (request, response, url) => {
    if (request.method !== 'GET' || !url.pathname.startsWith('/_sheetflow/dev')) return false
    if (!isLoopback(request.headers.host)) {
      send(response, 403, 'text/plain; charset=utf-8', 'only for this machine\n')
      return true
    }
    if (url.pathname === '/_sheetflow/dev/token') {
      send(response, 200, 'application/json; charset=utf-8', JSON.stringify({ token }))
      return true
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    let sent: string | null | undefined
    const tell = (): void => {
      const diagnostics = context.diagnostics()
      if (diagnostics === sent) return
      sent = diagnostics
      response.write(`data: ${JSON.stringify({ diagnostics })}\n\n`)
    }
    tell()
    const timer = setInterval(tell, DIAGNOSTICS_MS)
    response.on('close', () => clearInterval(timer))
    return true
  }
}
