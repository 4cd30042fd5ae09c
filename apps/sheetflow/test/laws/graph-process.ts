import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { encodeBody } from '@sheetflow/core/framing/codec'
import type { Log } from '@sheetflow/core/ports/host'
import { graphInbox, graphInboxSubject } from '@sheetflow/core/subject'
import { makeDeployment } from '@sheetflow/workbook/deployment'
import { placesOf } from '../../src/config/places.ts'
import { configSchema } from '../../src/config/schema.ts'
import { readTableSchemas } from '../../src/deploy/table-schemas.ts'
import { functionSignatures } from '../../src/functions/load-functions.ts'
import { openBus } from '../../src/registry.ts'
import { runGraphRole } from '../../src/roles/graph.ts'

/** A process with a graph and nothing else, to be killed: its folder has the workbook `sales` and `functions.mjs`; it deploys them if nobody has. */

const SILENT: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const NOW = '2026-11-23T10:00:00.000000Z'

const [root = ''] = process.argv.slice(2)
const config = configSchema.parse({
  sources: { shop: { type: 'postgres', url: 'postgres://localhost/nobody' } },
  graphs: { g: ['sales'] },
  functions: 'functions.mjs',
})
const plan = { config, root, graphs: [{ graph: 'g', workbooks: ['sales'] }], dev: false }
const places = placesOf(config, root)
await using bus = await openBus(plan)
const inbox = await bus.ensure(graphInbox('g'))
if (inbox.last === 0) {
  const folder = path.join(places.workbooks, 'sales')
  const files = Object.fromEntries(readdirSync(folder).map((name) => [`sales/${name}`, readFileSync(path.join(folder, name), 'utf8')]))
  const deployment = makeDeployment(files, await readTableSchemas(bus, ['shop']), NOW, undefined, await functionSignatures(plan))
  const body = encodeBody({ v: 1, kind: 'deploy', ...deployment })
  await bus.append(graphInbox('g'), [{ subject: graphInboxSubject('g', 'deploy'), id: 'deploy', body }])
}
await runGraphRole(
  {
    ...plan,
    places,
    bus,
    token: null,
    log: SILENT,
    signal: new AbortController().signal,
    draining: new Promise(() => undefined),
    ready: () => undefined,
    report: () => undefined,
    reports: () => ({}),
    diagnostics: () => null,
  },
  'g',
)
