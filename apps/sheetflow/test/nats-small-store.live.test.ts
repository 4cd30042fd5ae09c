import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePorts } from './free-ports.ts'
import { ProcessRing } from './process-ring.ts'

/** A NATS server that has less room than a stream may have by the configuration. */

const PATIENT = { timeout: 90_000 }

interface Report {
  readonly state: string
  readonly problem?: string
}

let ring: ProcessRing

beforeAll(async () => {
  ring = await ProcessRing.create({ jetstream: ['max_file_store: 400MB'] })
}, 120_000)

afterAll(async () => {
  await ring[Symbol.asyncDispose]()
}, 120_000)

test('is told by /readyz all the time and by the log, with its words and what to set', async () => {
  const [port] = await freePorts(1)
  const process = ring.startWith(['start', '--json', '--port', String(port), '--data', ring.folder('data')], {})
  const words = 'insufficient storage resources available'
  const capture = async (): Promise<Report | null> => {
    const answer = await fetch(`http://127.0.0.1:${String(port)}/readyz`).catch(() => null)
    if (answer === null) return null
    const { roles } = (await answer.json()) as { readonly roles: Readonly<Record<string, Report>> }
    return roles['capture:shop'] ?? null
  }
  const told: Report[] = []
  const states = async (): Promise<number> => {
    const report = await capture()
    // Of its first life nothing is known yet.
    if (report !== null && (report.problem !== undefined || told.length > 0)) told.push(report)
    return new Set(told.map(({ state }) => state)).size
  }
  // It fails again and again, and whatever it does meanwhile, the reason is told.
  await expect.poll(states, PATIENT).toBeGreaterThan(1)
  for (const { state, problem } of told)
    expect([state, problem]).toEqual([expect.not.stringMatching('ready'), expect.stringContaining(words)])
  const log = process.output.split('\n').find((line) => line.includes('role.restarting')) ?? '{}'
  expect(JSON.parse(log)).toMatchObject({
    role: 'capture:shop',
    code: 'bus/full',
    message: expect.stringContaining(words) as string,
    fix: expect.stringContaining('limits.streamBytes') as string,
  })
}, 120_000)
