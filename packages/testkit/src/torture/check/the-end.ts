import { setTimeout as pause } from 'node:timers/promises'
import { must } from '@sheetflow/core/assert'
import type { Ring } from '../run/ring.ts'
import { SOURCES } from '../world/shape.ts'
import type { Shape, SourceName } from '../world/shape.ts'
import { Session } from '../write/session.ts'
import type { BusWatch } from './bus-watch.ts'
import type { CommandLedger } from './command-ledger.ts'
import { compareBus, differences, expectedViews, paintedViews, report, storedViews } from './final.ts'
import type { Expected } from './final.ts'
import type { Findings } from './findings.ts'

/** What is compared when nobody writes any more. */
export interface EndParts {
  readonly shape: Shape
  readonly urls: Readonly<Record<SourceName, string>>
  readonly ring: Ring
  readonly watches: Readonly<Record<SourceName, BusWatch>>
  readonly ledger: CommandLedger
  readonly findings: Findings
}

/** Lines of the journal of each source, as a view and a page count them. */
export type Journals = Readonly<Record<SourceName, { readonly view: number; readonly page: number }>>

/** How long everything may take to come round after the last write. */
const ROUND_MS = 90_000
const POLL_MS = 250
/** Commands that were accepted run to their end first. */
const QUIET_MS = 1_500

/** The end: source = bus = views = pages, and each command has its effects. Answers how many lines of the journals came through. */
export async function checkTheEnd(parts: EndParts): Promise<Journals> {
  const { urls, watches, ledger, findings, shape, ring } = parts
  await untilQuiet(urls)
  const expected = await expectedViews(shape, urls, findings)
  let lines: Journals | null = null
  for (const port of ring.ports) lines = await checkServed(parts, `http://127.0.0.1:${port}`, expected)
  for (const source of SOURCES) await compareBus(source, watches[source], urls[source], findings)
  await ledger.check(urls.east, 'east')
  return must(lines, 'somebody serves')
}

/** What one of the processes that serve answers and has pages paint. */
async function checkServed({ shape, ring, findings, urls }: EndParts, url: string, expected: Expected): Promise<Journals> {
  const token = ring.project.token(0)
  const stored = await untilEqual(expected, () => storedViews(shape, url, token, expected.keys()))
  for (const [view, content] of expected) report(findings, 'source = views', view, content, stored.get(view) ?? new Map())
  const painted = await paintedViews(shape, url, token, [...expected.keys()], ROUND_MS)
  for (const [view, content] of expected) report(findings, 'source = pages', view, content, painted.get(view) ?? new Map())
  return await journals({ urls, findings, shape }, url, token)
}

/** The last command that was accepted may still run: until the tables stand still. */
async function untilQuiet(urls: EndParts['urls']): Promise<void> {
  await using session = await Session.connect(urls.east)
  for (
    let last = '', since = Date.now(), end = Date.now() + ROUND_MS;
    Date.now() < end && Date.now() - since < QUIET_MS;
    await pause(POLL_MS)
  ) {
    const [row] = await session.rows<{ seen: string }>(
      'select (select count(*) from effects) || $$/$$ || (select count(*) from sheetflow.commands) as seen',
    )
    if (row?.seen === last) continue
    last = row?.seen ?? ''
    since = Date.now()
  }
}

/** Asks until the answer is as expected, or the time is over: then the last answer tells what is wrong. */
async function untilEqual(expected: Expected, ask: () => Promise<Expected>): Promise<Expected> {
  let told: Expected = new Map()
  for (const end = Date.now() + ROUND_MS; Date.now() < end; await pause(POLL_MS)) {
    told = await ask().catch(() => told)
    if ([...expected].every(([view, content]) => differences(content, told.get(view) ?? new Map()).length === 0)) return told
  }
  return told
}

async function journals(
  { urls, findings, shape }: Pick<EndParts, 'urls' | 'findings' | 'shape'>,
  url: string,
  token: string,
): Promise<Journals> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: '{ bank_values { east_journal west_journal } }' }),
  })
  const { data } = (await response.json()) as { data: { bank_values: Record<string, number> } }
  const result: Partial<Record<SourceName, { view: number; page: number }>> = {}
  for (const source of Object.keys(shape.sources) as SourceName[]) {
    await using session = await Session.connect(urls[source])
    const [row] = await session.rows<{ n: string }>('select count(*) as n from journal')
    const view = data.bank_values[`${source}_journal`] ?? Number.NaN
    if (view !== Number(row?.n)) findings.found('source = views', `${source} journal: ${view} lines instead of ${String(row?.n)}`)
    result[source] = { view, page: view }
  }
  return result as Journals
}
