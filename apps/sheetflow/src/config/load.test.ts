import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isSheetflowError } from '@sheetflow/core/errors'
import { checkConfig, loadConfig } from './load.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'config-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const SOURCES = { shop: { type: 'postgres', url: 'postgres://a@b/c' } }

async function problem(load: () => unknown): Promise<string> {
  try {
    await load()
  } catch (error) {
    if (isSheetflowError(error)) return `${error.code} ${error.message}`
    throw error
  }
  return ''
}

test('a field that is not known: the one that was probably meant', async () => {
  const said = await problem(() => checkConfig({ sources: { shop: { ...SOURCES.shop, tabels: ['x'] } }, serve: { prot: 1 } }, 'c.ts'))
  expect(said).toContain('sources.shop: there is no "tabels"; did you mean tables?')
  expect(said).toContain('serve: there is no "prot"; did you mean port?')
})

test('a type that no driver has: the one that was probably meant, and those that there are', async () => {
  const said = (input: object): Promise<string> => problem(() => checkConfig({ sources: SOURCES, ...input }, 'c.ts'))
  expect(await said({ bus: { type: 'nast', servers: [] } })).toContain(
    'bus.type: there is no "nast"; did you mean nats? (there is nats, sqlite)',
  )
  expect(await said({ bus: { type: 'constructor' } })).toContain('bus.type: there is no "constructor" (there is nats, sqlite)')
  expect(await said({ archive: { type: 'file' } })).toContain('archive.type: there is no "file"; did you mean files? (there is files)')
  expect(await said({ bus: { dir: 'x' } })).toContain('bus.type: is missing (nats or sqlite)')
})

test('a field of another driver is none of this one', async () => {
  const bus = { type: 'nats', servers: ['nats://x'], dir: 'x' }
  expect(await problem(() => checkConfig({ sources: SOURCES, bus }, 'c.ts'))).toMatch(/bus: there is no "dir"$/)
})

test('a field that is missing is said to be missing', async () => {
  expect(await problem(() => checkConfig({ serve: { port: '1' } }, 'c.ts'))).toContain('sources: is missing (record)')
})

test('a file that cannot be read: where and why', async () => {
  const file = path.join(folder, 'sheetflow.config.yaml')
  writeFileSync(file, 'serve: {port: 1\n')
  expect(await problem(() => loadConfig({ cwd: folder, env: {} }))).toContain('at line 2, column 1')
})

test('where a secret was named is its origin, also when an environment variable lies over its neighbours', async () => {
  writeFileSync(
    path.join(folder, 'sheetflow.config.json'),
    JSON.stringify({ sources: { shop: { ...SOURCES.shop, url: { $secret: 'X' } } } }),
  )
  const { origins } = await loadConfig({ cwd: folder, env: { SHEETFLOW_PORT: '4001' } })
  expect(origins.get('sources.shop.url.$secret')).toBe('sheetflow.config.json')
  expect(origins.get('serve.port')).toBe('environment')
})
