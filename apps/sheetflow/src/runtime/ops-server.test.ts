import { afterEach, expect, test } from 'vitest'
import { listenForOps, type OpsServer, type OpsSubject } from './ops-server.ts'
import type { RoleReport } from './role.ts'

const QUIET: OpsSubject['log'] = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const opened: OpsServer[] = []

afterEach(async () => {
  for (const server of opened.splice(0)) await server[Symbol.asyncDispose]()
})

async function open(port: number | 'off' | undefined, serves: boolean, report: RoleReport): Promise<OpsServer | null> {
  const server = await listenForOps({ port, host: '127.0.0.1' }, { serves, log: QUIET, reports: () => ({ 'capture:shop': report }) })
  if (server !== null) opened.push(server)
  return server
}

test('a process that serves nothing answers on a free port of loopback, whoever serves only where it is told to', async () => {
  const report: RoleReport = { state: 'ready', values: { source_rows_total: 3 } }
  const capture = await open(undefined, false, report)
  expect(capture?.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  expect(await (await fetch(`${capture?.url}/healthz`)).text()).toBe('ok\n')
  expect((await fetch(`${capture?.url}/readyz`)).status).toBe(200)
  expect(await (await fetch(`${capture?.url}/metrics`)).text()).toContain('sheetflow_source_rows_total{role="capture:shop"} 3')
  expect((await fetch(`${capture?.url}/graphql`)).status).toBe(404)
  expect(await open(undefined, true, report)).toBeNull()
  expect(await open('off', false, report)).toBeNull()
  expect(await open(0, true, report)).not.toBeNull()
})

test('who drains is not ready any more', async () => {
  const server = await open(0, true, { state: 'draining', values: {} })
  const response = await fetch(`${server?.url}/readyz`)
  expect([response.status, await response.json()]).toEqual([
    503,
    { ready: false, roles: { 'capture:shop': { state: 'draining', values: {} } } },
  ])
})

test('a port that is taken is named with the flag that chooses another', async () => {
  const first = await open(0, true, { state: 'ready', values: {} })
  const { port } = new URL(first?.url ?? '')
  await expect(open(Number(port), true, { state: 'ready', values: {} })).rejects.toMatchObject({
    code: 'app/port-in-use',
    fix: expect.stringContaining('--ops-port') as string,
  })
})
