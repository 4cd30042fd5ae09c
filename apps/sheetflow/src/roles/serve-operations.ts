import { send, type HttpHandler } from '@sheetflow/serve/http/http-server'
import { readiness } from '../ops/health.ts'
import { Metrics } from '../ops/metrics.ts'
import { VERSION } from '../ops/version.ts'
import type { RoleContext } from '../runtime/role.ts'

/** `/healthz`: the process lives. `/readyz`: it can serve, with every role's state. `/metrics`: numbers. */
export function operationsHandler(context: RoleContext): HttpHandler {
  const metrics = new Metrics(VERSION)
  return async (request, response, url) => {
    if (request.method !== 'GET') return false
    switch (url.pathname) {
      case '/healthz':
        send(response, 200, 'text/plain; charset=utf-8', 'ok\n')
        return true
      case '/readyz': {
        const state = readiness(context.reports())
        send(response, state.ready ? 200 : 503, 'application/json; charset=utf-8', JSON.stringify(state))
        return true
      }
      case '/metrics': {
        const { type, body } = await metrics.text(context.reports())
        send(response, 200, type, body)
        return true
      }
      default:
        return false
    }
  }
}
