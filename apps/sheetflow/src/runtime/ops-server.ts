import type { Log } from '@sheetflow/core/ports/host'
import { listen, makeHttpServer } from '@sheetflow/serve/http/http-server'
import type { OpsConfig } from '../config/config.ts'
import { operationsHandler } from '../ops/operations-handler.ts'
import type { RoleReport } from './role.ts'

/** A process that tells how it does, in its main thread: it answers while roles are busy, restarted or drained. */
export interface OpsServer extends AsyncDisposable {
  /** `http://127.0.0.1:40123` */
  readonly url: string
}

/** What it tells, and whether this process has a role that serves. */
export interface OpsSubject {
  readonly serves: boolean
  readonly log: Log
  reports(): Readonly<Record<string, RoleReport>>
}

/**
 * Listens for `/healthz`, `/readyz` and `/metrics`: on the configured port in every process, else on a free one where nothing else answers them. Free, because several processes
 * of one machine must not collide. `app/port-in-use` if another program has the configured one.
 */
export async function listenForOps({ port, host }: OpsConfig, { serves, log, reports }: OpsSubject): Promise<OpsServer | null> {
  if (port === 'off' || (port === undefined && serves)) return null
  const server = makeHttpServer([operationsHandler(reports)], log)
  const taken = await listen(server, port ?? 0, host, '--ops-port')
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}
