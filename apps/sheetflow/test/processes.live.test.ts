import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Page } from '@sheetflow/client'
import { ProcessRing, type RoleProcess } from './process-ring.ts'

/** The ring as processes of the operating system, each with one role, over a NATS server. */

const PATIENT = { timeout: 90_000 }

let ring: ProcessRing
const processes = new Map<string, RoleProcess>()
let page: Page

beforeAll(async () => {
  ring = await ProcessRing.create()
  for (const roles of ['capture=shop', 'graph=desk', 'store=main', 'serve']) processes.set(roles, ring.start(roles))
}, 120_000)

afterAll(async () => {
  await ring[Symbol.asyncDispose]()
}, 120_000)

function shown(): string {
  return JSON.stringify(page.picture.fields)
}

function process(roles: string): RoleProcess {
  const found = processes.get(roles)
  if (found === undefined) throw new Error(`nobody does ${roles}`)
  return found
}

test('a row in Postgres reaches a client through four processes', async () => {
  await Promise.all([...processes.values()].map(({ ready }) => ready))
  page = await ring.follow(process('serve'))
  const text = await ring.note()
  await expect.poll(shown, PATIENT).toContain(text)
})

test("'status' shows every process with its roles, states and positions, without asking any of them", async () => {
  const rows = async (): Promise<string[]> => {
    const roles = (await ring.run('status', '--json')).map(
      (line) => JSON.parse(line) as { event: string; role: string; pid: number; state: string },
    )
    return roles.filter(({ event }) => event === 'role').map(({ role, pid, state }) => `${role} ${String(pid)} ${state}`)
  }
  const pid = (roles: string): string => String(process(roles).pid)
  const expected = [
    `capture:shop ${pid('capture=shop')} ready`,
    `graph:desk ${pid('graph=desk')} ready`,
    `serve ${pid('serve')} ready`,
    `store:main ${pid('store=main')} ready`,
  ]
  await expect.poll(async () => (await rows()).sort(), PATIENT).toEqual(expected)
  const values = (await ring.run('status')).join('\n')
  expect(values).toMatch(/store_position\{stream="SF_GRAPH_desk"\} [1-9]/)
  expect(values).toContain('source_lag_bytes')
})
