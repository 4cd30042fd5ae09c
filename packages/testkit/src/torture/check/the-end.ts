import { setTimeout as pause } from 'node:timers/promises'
import { must } from '@sheetflow/core/assert'
import type { Ring } from '../run/ring.ts'
import { SOURCES } from '../world/shape.ts'
import type { Shape, SourceName } from '../world/shape.ts'
import { Session } from '../write/session.ts'
import type { BusWatch } from './bus-watch.ts'
import { outcomesOf } from './command-ledger.ts'
import type { CommandLedger } from './command-ledger.ts'
import { compareBus, differences, expectedViews, paintedViews, report, storedViews } from './final.ts'
import type { Expected, Painted } from './final.ts'
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
const ROUND_MS = 300_000
const POLL_MS = 250
/** So long nothing has to happen. */
const QUIET_MS = 1_500

/** The end: source = bus = views = pages, and each command has its effects. Answers how many lines of the journals came through. */
export async function checkTheEnd(parts: EndParts): Promise<Journals> {
  const { urls, watches, ledger, findings, shape, ring } = parts
  await untilQuiet(parts)
  const expected = await expectedViews(shape, urls, findings)
  let lines: Journals | null = null
  for (const port of ring.ports) lines = await checkServed(parts, `http://127.0.0.1:${port}`, expected)
  for (const source of SOURCES) {
    const wrong = await compareBus({ source, watch: watches[source], url: urls[source] }, ROUND_MS)
    for (const what of wrong) findings.found('source = bus', what)
  }
  await ledger.check(urls.east, 'east')
  return must(lines, 'somebody serves')
}

/** What one of the processes that serve answers and has pages paint. */
async function checkServed({ shape, ring, findings, urls }: EndParts, url: string, expected: Expected): Promise<Journals> {
  const token = ring.project.token(0)
  const stored = await untilEqual(expected, () => storedViews(shape, url, token, expected.keys()))
  for (const [view, content] of expected) report(findings, 'source = views', view, content, stored.get(view) ?? new Map())
  const painted = await paintedViews(shape, url, token, [...expected.keys()], ROUND_MS)
  for (const [view, content] of expected) report(findings, 'source = pages', view, content, painted.views.get(view) ?? new Map())
  return await journals({ urls, findings }, url, token, painted)
}

/** Commands that were accepted may still run: until each has an outcome, and the tables stand still. */
async function untilQuiet({ urls, ledger }: Pick<EndParts, 'urls' | 'ledger'>): Promise<void> {
  await using session = await Session.connect(urls.east)
  let [last, since] = ['', Date.now()]
  for (const end = Date.now() + ROUND_MS; Date.now() < end; await pause(POLL_MS)) {
    const [row] = await session.rows<{ seen: string }>(
      'select (select count(*) from effects) || $$/$$ || (select count(*) from sheetflow.commands) as seen',
    )
    const seen = row?.seen ?? ''
    if (seen !== last) [last, since] = [seen, Date.now()]
    else if (Date.now() - since >= QUIET_MS && ledger.open(await outcomesOf(session)).length === 0) return
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
  { urls, findings }: Pick<EndParts, 'urls' | 'findings'>,
  url: string,
  token: string,
  { lines }: Painted,
): Promise<Journals> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: '{ bank_values { east_journal west_journal } }' }),
  })
  const { data } = (await response.json()) as { data: { bank_values: Record<string, number> } }
  const one = async (source: SourceName): Promise<Journals[SourceName]> => {
    await using session = await Session.connect(urls[source])
    const [row] = await session.rows<{ n: string }>('select count(*) as n from journal')
    const [view, page] = [data.bank_values[`${source}_journal`] ?? Number.NaN, lines[source]]
    if (view !== Number(row?.n)) findings.found('source = views', `${source} journal: ${view} lines instead of ${String(row?.n)}`)
    if (page !== Number(row?.n)) findings.found('source = pages', `${source} journal: ${page} lines instead of ${String(row?.n)}`)
    return { view, page }
  }
  return { east: await one('east'), west: await one('west') }
}
