import { send, type HttpHandler } from '@sheetflow/serve/http/http-server'
import { readiness } from './health.ts'
import { Metrics } from './metrics.ts'
import { VERSION } from './version.ts'
import type { RoleReport } from '../runtime/role.ts'

/** `/healthz`: the process lives. `/readyz`: it does its work, with every role's state. `/metrics`: numbers. */
export function operationsHandler(reports: () => Readonly<Record<string, RoleReport>>): HttpHandler {
  const metrics = new Metrics(VERSION)
  return async (request, response, url) => {
    if (request.method !== 'GET') return false
    switch (url.pathname) {
      case '/healthz':
        send(response, 200, 'text/plain; charset=utf-8', 'ok\n')
        return true
      case '/readyz': {
        const state = readiness(reports())
        send(response, state.ready ? 200 : 503, 'application/json; charset=utf-8', JSON.stringify(state))
        return true
      }
      case '/metrics': {
        const { type, body } = await metrics.text(reports())
        send(response, 200, type, body)
        return true
      }
      default:
        return false
    }
  }
}
