import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { SheetflowError } from '@sheetflow/core/errors'
import type { RowJson } from '@sheetflow/core/message'
import type { Claims, Log } from '@sheetflow/core/ports/host'
import type { ViewStore } from '@sheetflow/core/ports/view-store'
import type { SheetSchema } from '@sheetflow/core/schema'
import { graphStream } from '@sheetflow/core/subject'
import type { JsonValue } from '@sheetflow/core/value'
import type { FoundCommit } from '@sheetflow/engine/ledger/find-commit'
import { GraphRows } from '@sheetflow/engine/ledger/graph-rows'
import { viewSchemas } from '@sheetflow/engine/ledger/read-output'
import type { ViewImage } from '@sheetflow/engine/ledger/view-image'
import { answerStill } from '@sheetflow/serve/graphql/answer-still'
import { openSqliteViews } from '@sheetflow/store/sql/sqlite/view-store'
import { systemClock } from '../ops/system-clock.ts'
import { commitAt, type Moment } from './moment.ts'
import { activeIn, rebuildGraph, type Ledger, type LedgerSheet } from './open-ledger.ts'
import { viewAt } from './view-at.ts'

/** A sheet as it was. */
export interface PastSheet {
  readonly at: FoundCommit
  readonly columns: readonly string[]
  readonly rows: readonly RowJson[]
}

/** A GraphQL answer over the past. */
export interface PastAnswer {
  /** By graph: the commit that the answer is of. */
  readonly at: Readonly<Record<string, FoundCommit>>
  readonly answer: Readonly<Record<string, JsonValue>>
}

const SILENT: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

/** All rows of a sheet at that moment (null: now): what readers had, or, where it has none, what it computed. */
export async function sheetAt(ledger: Ledger, { graph, view, schema }: LedgerSheet, moment: Moment | null): Promise<PastSheet> {
  const at = await commitAt(ledger, graph, moment)
  if (schema !== null) {
    const image = await viewAt(ledger, graph, view, at)
    return { at, columns: image.schema.columns.map(({ name }) => name), rows: image.rows }
  }
  const rebuilt = await rebuildGraph(ledger, graph, { until: at.position.offset })
  const running = activeIn(rebuilt)
  const rows = new GraphRows(rebuilt.graph, running)
  const columns = running.graph.sheets.find((sheet) => sheet.view === view)?.columns ?? []
  const kept = [...columns.keys()].filter((column) => rows.has(view, column))
  return {
    at,
    columns: kept.map((column) => columns[column]?.name ?? ''),
    rows: columns.length === 0 ? [] : rows.slots(view).map((slot) => kept.map((column) => rows.json(view, slot, column))),
  }
}

/**
 * Answers a GraphQL query as of a moment, with the rights of these claims: the views that it names are rebuilt and put into a store of their own. A
 * position is one of one graph's stream, so a query over several graphs takes a time (`app/usage`).
 */
export async function queryAt(
  ledger: Ledger,
  {
    query,
    variables,
    claims,
    moment,
  }: { readonly query: string; readonly variables: unknown; readonly claims: Claims; readonly moment: Moment },
): Promise<PastAnswer> {
  const schemas = await schemasOf(ledger)
  const wanted = new Map([...schemas].flatMap(([graph, all]) => (named(query, all).length === 0 ? [] : [[graph, named(query, all)]])))
  if (wanted.size > 1 && 'offset' in moment) throw severalGraphs([...wanted.keys()])
  const dir = await mkdtemp(path.join(tmpdir(), 'sheetflow-past-'))
  try {
    await using store = openSqliteViews(path.join(dir, 'views.db'))
    const at: Record<string, FoundCommit> = {}
    const known = new Map(schemas)
    for (const [graph, all] of wanted) {
      const commit = await commitAt(ledger, graph, moment)
      const images: ViewImage[] = []
      for (const { table } of all) images.push(await viewAt(ledger, graph, table, commit))
      await fill(store, graph, commit, images)
      const rebuilt = new Map(images.map(({ schema }) => [schema.table, schema]))
      known.set(
        graph,
        (schemas.get(graph) ?? []).map((schema) => rebuilt.get(schema.table) ?? schema),
      )
      at[graph] = commit
    }
    const body = JSON.stringify({ query, variables })
    const limits = { listRows: ledger.loaded.config.limits.listRows }
    const { body: text } = await answerStill({ store, schemas: known, limits, clock: systemClock, log: SILENT }, body, claims)
    // Nothing of the past is live.
    const { extensions: _, ...answer } = JSON.parse(text) as Record<string, JsonValue>
    return { at, answer }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

async function schemasOf({ bus, graphs }: Ledger): Promise<ReadonlyMap<string, readonly SheetSchema[]>> {
  const schemas = new Map<string, readonly SheetSchema[]>()
  // Receipts are no sheet of a workbook: a server adds them itself.
  for (const graph of graphs)
    schemas.set(
      graph,
      [...(await viewSchemas(bus, graph)).values()].filter(({ table }) => !table.endsWith('._receipts')),
    )
  return schemas
}

/** The views that a query may read: those whose names stand in it, and those of their nested lists. */
function named(query: string, schemas: readonly SheetSchema[]): readonly SheetSchema[] {
  const words = new Set(query.match(/\w+/g) ?? [])
  const wanted = new Set<string>()
  const add = (view: string): void => {
    const schema = schemas.find(({ table }) => table === view)
    if (schema === undefined || wanted.has(view)) return
    wanted.add(view)
    for (const [field, list] of Object.entries(schema.lists)) if (words.has(field)) add(list.view)
  }
  for (const { table } of schemas) {
    const name = table.slice(table.indexOf('.') + 1)
    if ([...words].some((word) => word === name || word.startsWith(`${name}_`))) add(table)
  }
  return schemas.filter(({ table }) => wanted.has(table))
}

async function fill(store: ViewStore, graph: string, { position, commit }: FoundCommit, images: readonly ViewImage[]): Promise<void> {
  for (const { schema } of images) await store.ensure(schema)
  const changes = images.map(({ schema, rows }) => {
    const places = schema.key.map((name) => schema.columns.findIndex((column) => column.name === name))
    return {
      view: schema.table,
      generation: schema.generation,
      swap: true,
      status: 'ready' as const,
      rows: rows.map((row) => ['c', places.map((place) => row[place] ?? null), row, null] as const),
    }
  })
  await store.apply(graphStream(graph), [{ position, at: commit.at, changes }])
}

function severalGraphs(graphs: readonly string[]): SheetflowError {
  return new SheetflowError(
    'app/usage',
    `the query reads several graphs (${graphs.join(', ')}), and a position is one of a single stream`,
    {
      fix: 'Ask --at a time.',
    },
  )
}
