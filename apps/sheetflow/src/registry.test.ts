import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { checkConfig } from './config/load.ts'

const REGISTRY = new URL('registry.ts', import.meta.url).href

/** Imports the registry, does something with it, and tells which packages of others were loaded meanwhile. */
const LOOK = `
import { registerHooks } from 'node:module'
const loaded = new Set()
registerHooks({
  load(url, context, next) {
    const name = /.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1]
    if (name !== undefined) loaded.add(name)
    return next(url, context)
  },
})
const [action, loadedConfig] = JSON.parse(process.argv[1])
const registry = await import('${REGISTRY}')
await (await import('data:text/javascript,export default ' + encodeURIComponent(action))).default(registry, loadedConfig)
console.log(JSON.stringify([...loaded]))
`

/** The foreign packages that this loads. */
function loads(action: string, parts: object): readonly string[] {
  const root = mkdtempSync(path.join(tmpdir(), 'sheetflow-registry-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const sources = { shop: { type: 'postgres', url: 'postgres://127.0.0.1:1/shop' } }
  const config = checkConfig({ sources, ...parts }, 'test')
  const args = ['--conditions=source', '--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', LOOK]
  const { stdout, stderr } = spawnSync(process.execPath, [...args, JSON.stringify([action, { config, root }])], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  expect(stderr).toBe('')
  return JSON.parse(stdout) as string[]
}

const OPEN_BUS = 'async (registry, loaded) => { await using bus = await registry.openBus(loaded); }'
const LOOK_AT_BUS = 'async (registry, loaded) => { await registry.busDriver(loaded) }'

test('a bus of files loads no client of a server, and nothing that only checks configurations', () => {
  expect(loads(OPEN_BUS, {})).toEqual([])
})

test('asking what a bus on a server is loads no client; opening it does', () => {
  const bus = { type: 'nats', servers: ['nats://127.0.0.1:1'] }
  expect(loads(LOOK_AT_BUS, { bus })).toEqual([])
  expect(loads(OPEN_BUS.replace('(loaded);', '(loaded).catch(() => null);'), { bus })).toContain('@nats-io/transport-node')
})

test('a store that is a file loads no client of a server, and what a source is can be asked without one', () => {
  const open = 'async (registry, loaded) => { await using store = await (await registry.storeDriver(loaded, "main")).open(); }'
  expect(loads(open, {})).toEqual([])
  expect(loads('async (registry, loaded) => { await registry.sourceDriver(loaded, "shop") }', {})).toEqual([])
})
