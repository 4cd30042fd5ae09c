import { setTimeout as pause } from 'node:timers/promises'
import { createClient } from '@sheetflow/client/client'
import type { Picture } from '@sheetflow/client/page/painted'
import type { JsonValue } from '@sheetflow/core/value'
import { accountColumns } from '../swarm/page-kinds.ts'
import type { Shape, SourceName } from '../world/shape.ts'
import { SOURCES } from '../world/shape.ts'
import { TOTAL_CENTS } from '../world/create-sql.ts'
import { Session } from '../write/session.ts'
import type { BusWatch } from './bus-watch.ts'
import type { Findings } from './findings.ts'
import { keyText } from './replica.ts'

/** Rows by key, each as one text: how everything is compared in the end. */
export type Content = ReadonlyMap<string, string>

/** What each view must hold now, by the source tables alone. */
export type Expected = ReadonlyMap<string, Content>

const SEPARATOR = ' ¦ '

/** Asks the two databases what the views have to be. */
export async function expectedViews(shape: Shape, urls: Readonly<Record<SourceName, string>>, findings: Findings): Promise<Expected> {
  await using east = await Session.connect(urls.east)
  await using west = await Session.connect(urls.west)
  const sessions = { east, west }
  const views = new Map<string, Content>()
  const owners = new Map(
    (await east.rows<{ id: string; name: string }>('select id::text, name from owners')).map(({ id, name }) => [id, name]),
  )
  for (const source of SOURCES) {
    const { accounts, vaults, extras } = shape.sources[source]
    const keyOf = (key: typeof accounts): string => key.columns.map(({ name }) => `${name}::text`).join(", '|', ")
    const columns = [
      'owner_id::text',
      'kind::text',
      'balance::text',
      'v::text',
      ...extras.map(({ name, text }) => text.replaceAll('$', name)),
    ]
    const rows = await sessions[source].rows<{ key: string; cells: (string | null)[]; owner_id: string; bio: (string | null)[] }>(
      `select concat(${keyOf(accounts)}) as key, array[${columns.join(', ')}] as cells, owner_id::text, array[left(bio, 16), length(bio)::text] as bio from accounts`,
    )
    views.set(
      `${source}_accounts`,
      new Map(rows.map(({ key, cells, owner_id, bio }) => [key, textOf([...cells, owners.get(owner_id) ?? '?', ...bio])])),
    )
    const vaultRows = await sessions[source].rows<{ key: string; cells: string[] }>(
      `select concat(${keyOf(vaults)}) as key, array[balance::text, v::text] as cells from vaults`,
    )
    views.set(`${source}_vaults`, new Map(vaultRows.map(({ key, cells }) => [key, textOf(cells)])))
    const [sum] = await sessions[source].rows<{ cents: string }>(
      'select ((select sum(balance) from accounts) + (select coalesce(sum(balance), 0) from vaults)) * 100 as cents',
    )
    if (Number(sum?.cents) !== TOTAL_CENTS)
      findings.found('the writers keep their own rule', `${source}: ${String(sum?.cents)} cents at the source`)
  }
  views.set('owners', await expectedOwners(east, west))
  const documents = await east.rows<{ key: string; cells: string[] }>(
    `select id::text as key, array[said, v::text, left(body, 16), length(body)::text] as cells from documents`,
  )
  views.set('documents', new Map(documents.map(({ key, cells }) => [key, textOf(cells)])))
  const mailboxes = await east.rows<{ key: string; cells: (string | null)[] }>(
    `select client::text as key, array[done::text, last, v::text] as cells from mailboxes`,
  )
  views.set('mailboxes', new Map(mailboxes.map(({ key, cells }) => [key, textOf(cells)])))
  return views
}

async function expectedOwners(east: Session, west: Session): Promise<Content> {
  const held =
    'select owner_id::text as id, (sum(balance) * 100)::bigint::text as cents, count(*)::text as number from accounts group by owner_id'
  const inEast = new Map((await east.rows<{ id: string; cents: string; number: string }>(held)).map((row) => [row.id, row]))
  const inWest = new Map((await west.rows<{ id: string; cents: string }>(held)).map((row) => [row.id, row]))
  const owners = await east.rows<{ id: string; name: string; v: string }>('select id::text, name, v::text from owners')
  return new Map(
    owners.map(({ id, name, v }) => [
      id,
      textOf([name, v, inEast.get(id)?.cents ?? '0', inEast.get(id)?.number ?? '0', inWest.get(id)?.cents ?? '0']),
    ]),
  )
}

const VIEW_COLUMNS: Readonly<Record<string, string>> = {
  east_vaults: 'balance v',
  west_vaults: 'balance v',
  owners: 'name v east_held east_number west_held',
  documents: 'said v body_head body_size',
  mailboxes: 'done last v',
}

/** Sums are compared as cents: a computed decimal prints no trailing zeros. */
const IN_CENTS: ReadonlySet<string> = new Set(['east_held', 'west_held'])

function columnsOf(shape: Shape, view: string): readonly string[] {
  const source = SOURCES.find((name) => view === `${name}_accounts`)
  return (source === undefined ? (VIEW_COLUMNS[view] ?? '') : accountColumns(shape.sources[source])).split(' ')
}

/** Asks for every view once, over GraphQL: what the store holds. */
export async function storedViews(shape: Shape, url: string, token: string, views: Iterable<string>): Promise<Expected> {
  const names = [...views]
  const query = `{ ${names.map((view) => `${view} { _key ${columnsOf(shape, view).join(' ')} }`).join(' ')} }`
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  })
  const body = (await response.json()) as { data?: Record<string, Record<string, JsonValue>[] | null> | null; errors?: unknown }
  if (body.errors !== undefined) throw new Error(JSON.stringify(body.errors).slice(0, 500))
  return new Map(
    names.map((view) => {
      const rows = body.data?.[view] ?? []
      return [view, new Map(rows.map((row) => [keyText(row['_key'] as string[]), cellsOf(shape, view, row)]))]
    }),
  )
}

/** What a client paints of every view, and how many lines of each journal. */
export interface Painted {
  readonly views: Expected
  readonly lines: Readonly<Record<SourceName, number>>
}

/** Opens a page over every view and waits until it is live. */
export async function paintedViews(
  shape: Shape,
  url: string,
  token: string,
  views: readonly string[],
  deadlineMs: number,
): Promise<Painted> {
  const client = createClient({ url: `${url}/graphql`, token: () => token, clock: () => Date.now(), random: Math.random })
  try {
    const lists = views.map((view) => `${view} { ${columnsOf(shape, view).join(' ')} }`).join(' ')
    const page = client.page(`{ ${lists} bank_values { east_journal west_journal } }`)
    for (const end = Date.now() + deadlineMs; Date.now() < end && page.picture.state !== 'live';) await pause(20)
    const values = page.picture.fields['bank_values']?.rows[0]?.values
    const lines = { east: Number(values?.['east_journal']), west: Number(values?.['west_journal']) }
    return { views: contentOf(shape, page.picture, views), lines }
  } finally {
    client.close()
  }
}

function contentOf(shape: Shape, picture: Picture, views: readonly string[]): Expected {
  return new Map(
    views.map((view) => [
      view,
      new Map((picture.fields[view]?.rows ?? []).map((row) => [keyText(row.key), cellsOf(shape, view, row.values)])),
    ]),
  )
}

function cellsOf(shape: Shape, view: string, row: Readonly<Record<string, JsonValue>>): string {
  return textOf(
    columnsOf(shape, view).map((name) => {
      const value = row[name] ?? null
      if (IN_CENTS.has(name)) return String(Math.round(Number(value) * 100))
      return value === null || typeof value === 'string' ? value : JSON.stringify(value)
    }),
  )
}

/** How often the stream is compared with the tables until they are the same. */
const COMPARE_MS = 500

/**
 * Every captured table as the bus tells it, against the table itself: what differs still after `deadlineMs`, in which nobody writes. The stream may be behind, above all with tables that
 * no view reads.
 */
export async function compareBus(
  { source, watch, url }: { readonly source: SourceName; readonly watch: BusWatch; readonly url: string },
  deadlineMs: number,
): Promise<readonly string[]> {
  await using session = await Session.connect(url)
  for (const end = Date.now() + deadlineMs; ; await pause(COMPARE_MS)) {
    const found = await differencesOfBus(source, watch, session)
    if (found.length === 0 || Date.now() >= end) return found
  }
}

async function differencesOfBus(source: SourceName, watch: BusWatch, session: Session): Promise<readonly string[]> {
  const found: string[] = []
  const tables = await session.rows<{ name: string }>("select tablename as name from pg_tables where schemaname = 'public'")
  for (const { name } of tables) {
    const table = watch.replica.tables.get(`public.${name}`)
    const schema = table?.schema
    if (table === undefined || schema === undefined || schema === null) {
      found.push(`${source} ${name} is not on the bus`)
      continue
    }
    const columns = schema.columns.filter(({ type }) => type !== 'timestamptz')
    const rows = await session.rows<{ key: string; cells: (string | null)[] }>(
      `select concat(${schema.key.map((column) => `${column}::text`).join(", '|', ")}) as key, array[${columns.map((column) => `${column.name}::text`).join(', ')}] as cells from ${name}`,
    )
    const told = new Map(
      [...table.rows].map(([key, row]) => {
        const cells = columns.map(({ id }) => row.get(id) ?? null)
        return [key, textOf(cells.map((value) => (value === null || typeof value === 'string' ? value : JSON.stringify(value))))]
      }),
    )
    const expected = new Map(rows.map(({ key, cells }) => [key, textOf(cells)]))
    found.push(...differences(expected, told).map((difference) => `${source} ${name} ${difference}`))
  }
  return found
}

/** Finds what differs between two contents. */
export function report(findings: Findings, rule: string, where: string, expected: Content, told: Content): void {
  for (const difference of differences(expected, told)) findings.found(rule, `${where} ${difference}`)
}

export function differences(expected: Content, told: Content): string[] {
  const found: string[] = []
  for (const [key, text] of expected) {
    const other = told.get(key)
    if (other === undefined) found.push(`${key} is missing`)
    else if (other !== text) found.push(`${key} is ${other} instead of ${text}`)
  }
  for (const key of told.keys()) if (!expected.has(key)) found.push(`${key} should not be there`)
  return found
}

function textOf(cells: readonly (string | null)[]): string {
  return cells.map((cell) => cell ?? '∅').join(SEPARATOR)
}
