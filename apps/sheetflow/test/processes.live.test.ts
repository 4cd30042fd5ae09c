import { readFileSync } from 'node:fs'
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
  for (const each of processes.values()) expect(values).toContain(await urlOf(each))
  expect(values).toMatch(/store_position\{stream="SF_GRAPH_desk"\} [1-9]/)
  expect(values).toContain('source_lag_bytes')
})

test('every process answers for itself: that it lives, that it does its work, its numbers', async () => {
  for (const [roles, process] of processes) {
    expect((await process.ready).opsUrl === undefined).toBe(roles === 'serve')
    const url = await urlOf(process)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    const readyz = async (): Promise<unknown> => {
      const response = await fetch(`${url}/readyz`)
      return [response.status, Object.keys(((await response.json()) as { roles: object }).roles)]
    }
    await expect.poll(readyz, PATIENT).toEqual([200, [roles.replace('=', ':')]])
    const metrics = await (await fetch(`${url}/metrics`)).text()
    expect(metrics).toContain(`sheetflow_role_ready{role="${roles.replace('=', ':')}"} 1`)
  }
})

test('every number that the dashboard asks for is exported', async () => {
  const dashboard = readFileSync(new URL('../../../deploy/grafana/sheetflow.json', import.meta.url), 'utf8')
  const { panels } = JSON.parse(dashboard) as { panels: { targets?: { expr: string }[] }[] }
  const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
  const wanted = new Set(queries.flatMap((query) => query.match(/\b(?:sheetflow|process|nodejs)_\w+/g) ?? []))
  expect(wanted.size).toBeGreaterThan(25)
  const exported = async (): Promise<ReadonlySet<string>> => {
    const texts = await Promise.all([...processes.values()].map(async (each) => (await fetch(`${await urlOf(each)}/metrics`)).text()))
    return new Set(texts.flatMap((text) => [...text.matchAll(/^(\w+)(?:\{| )/gm)].map(([, name = '']) => name)))
  }
  await expect.poll(async () => [...wanted].filter(not(await exported())), PATIENT).toEqual([])
})

function not(names: ReadonlySet<string>): (name: string) => boolean {
  return (name) => !names.has(name)
}

async function urlOf(process: RoleProcess): Promise<string> {
  const { urls, opsUrl } = await process.ready
  return opsUrl ?? new URL(urls?.graphql ?? '').origin
}
