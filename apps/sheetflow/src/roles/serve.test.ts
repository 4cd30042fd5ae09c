import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openSqliteBus } from '@sheetflow/bus/sqlite/sqlite-bus'
import { expect, onTestFinished, test } from 'vitest'
import { checkConfig } from '../config/load.ts'
import { placesOf } from '../config/places.ts'
import { storeDriver } from '../registry.ts'
import type { RoleContext } from '../runtime/role.ts'
import { runServeRole } from './serve.ts'

test('a role that fails behind its start, for its store is damaged, listens no more', async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'sheetflow-serve-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const source = { type: 'postgres', url: 'postgres://localhost/shop' }
  const config = checkConfig({ sources: { shop: source } }, 'test')
  const places = placesOf(config, root)
  await using bus = await openSqliteBus({ dir: path.join(places.data, 'bus') })
  const store = await (await storeDriver({ config, root }, 'main')).open()
  await store[Symbol.asyncDispose]()
  const log = { debug: ignore, info: ignore, warn: ignore, error: ignore }
  const context: RoleContext = {
    config: { ...config, serve: { ...config.serve, port: 0 } },
    root,
    places,
    graphs: [{ graph: 'sales', workbooks: ['sales'] }],
    dev: true,
    bus,
    log,
    token: null,
    signal: new AbortController().signal,
    draining: new Promise(() => undefined),
    ready: ignore,
    report: ignore,
    reports: () => ({}),
    // Asked when it listens, before the store is.
    diagnostics: () => {
      writeFileSync(path.join(places.data, 'views-main.db'), Buffer.alloc(65_536, 'x'))
      return null
    },
  }
  const before = listening()
  await expect(runServeRole(context)).rejects.toThrow()
  await expect.poll(listening).toBe(before)
})

/** Servers of this process. */
function listening(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPServerWrap').length
}

function ignore(): void {
  // Nobody looks.
}
