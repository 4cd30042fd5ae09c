import path from 'node:path'
import { startServe } from '@sheetflow/serve/role/start-serve'
import { systemClock } from '../ops/system-clock.ts'
import { operationsHandler } from '../ops/operations-handler.ts'
import { PageFiles } from '../page/page-files.ts'
import { openBlobs } from '../registry.ts'
import type { RoleContext } from '../runtime/role.ts'
import type { InstanceUrls } from '../runtime/instance.ts'
import { aborted } from '../runtime/aborted.ts'
import { explorerHandler } from '../page/explorer.ts'
import { acceptCommands } from './accept-commands.ts'
import { waitForFirstViews } from './first-views.ts'
import { reception } from './identity.ts'
import { serveKey } from './keys.ts'
import { openOperations } from './operations-file.ts'
import { metricsOf } from './serve-metrics.ts'
import { devHandler, noPageHandler, pageHandler } from './serve-page.ts'
import { waitForStores } from './wait-for-stores.ts'

const REPORT_MS = 1000

/** Answers GraphQL, feeds live channels, shows the page: until the signal aborts. */
export async function runServeRole(context: RoleContext): Promise<void> {
  const { config, places, bus, log, signal } = context
  await using stores = await waitForStores(context)
  const { identity, token } = await reception(context)
  await using page = new PageFiles(path.resolve(context.root, config.serve.page ?? 'page'), context.dev)
  await using blobs = await openBlobs(places)
  using operations = openOperations(context) ?? null
  const serve = await startServe({
    bus,
    identity,
    blobs,
    log,
    signal,
    stores: stores.all,
    port: config.serve.port,
    host: config.serve.host,
    origins: config.serve.origins,
    graphs: context.graphs.map(({ graph }) => graph),
    key: await serveKey(context),
    dev: context.dev,
    ...(operations === null ? {} : { operations }),
    limits: { listRows: config.limits.listRows, channelRows: config.limits.channelRows },
    commands: await acceptCommands(context),
    handlers: [
      operationsHandler(() => context.reports()),
      ...(context.dev ? [explorerHandler(token), devHandler(context, token)] : []),
      pageHandler(page),
      ...(context.dev ? [noPageHandler()] : []),
    ],
    clock: systemClock,
  })
  const report = setInterval(() => context.report(metricsOf(serve.metrics())), REPORT_MS)
  try {
    await waitForFirstViews({ context, stores: stores.all, positionOf: (graph) => serve.metrics().graphs[graph]?.position ?? 0 })
    context.ready({ urls: urlsOf(serve.url, serve.realtimeUrl), token, hasPage: (await page.at('/')) !== null })
    void context.draining.then((ms) => serve.drain(ms))
    await aborted(signal)
  } finally {
    clearInterval(report)
    await serve.close()
  }
}

function urlsOf(url: string, realtime: string): InstanceUrls {
  return { page: `${url}/`, graphql: `${url}/graphql`, realtime, metrics: `${url}/metrics` }
}
