import { must } from '@sheetflow/core/assert'
import type { ViewStatus } from '@sheetflow/core/message'
import type { Claims, Clock } from '@sheetflow/core/ports/host'
import type { QueryResult, ReadableViewStore } from '@sheetflow/core/ports/view-store'
import type { QueryPlan, SearchPlan } from '@sheetflow/core/query-plan'
import type { Cursors } from './cursor.ts'
import type { LiveEntries, ReadAt } from './live-entries.ts'
import type { LoweredList, LoweredRoot } from './lowered.ts'
import { hasMoreRows, isPlain, renderRow, tooManyRows } from './render-rows.ts'
import type { AnswerError, BlobUrl, RenderContext, StoreRow } from './render-rows.ts'

/** What running a query needs beside its plans. */
export interface ExecuteContext {
  readonly claims: Claims
  readonly cursors: Cursors
  readonly liveEntries: LiveEntries
  readonly liveParents: number
  readonly blobUrl: BlobUrl
  readonly clock: Clock
  /** An answer was read at this place: who waits for the store may go on. */
  saw(stream: string, offset: number): void
}

/** The parts of an answer, as JSON text where they are big. */
export interface Executed {
  /** `"key":…` per root field. */
  readonly data: readonly string[]
  readonly errors: readonly AnswerError[]
  /** `"path":{…}` */
  readonly live: readonly string[]
  readonly state: readonly string[]
}

/** Runs the plans, all of one store in one snapshot. Fails with `query/not-ready` if a store holds another generation. */
export async function execute(context: ExecuteContext, roots: readonly LoweredRoot[]): Promise<Executed> {
  const results = await readAll(context, roots)
  const answer = new Answer(context)
  for (const root of roots) answer.add(root, results.get(root))
  return answer
}

interface RootResult {
  readonly rows: string
  readonly at: ReadAt
  readonly statuses: QueryResult['statuses']
}

async function readAll(context: ExecuteContext, roots: readonly LoweredRoot[]): Promise<ReadonlyMap<LoweredRoot, RootResult>> {
  const byStore = new Map<ReadableViewStore, Exclude<LoweredRoot, { kind: 'typename' }>[]>()
  for (const root of roots) {
    if (root.kind === 'typename') continue
    const { store } = root.type.view
    const known = byStore.get(store)
    if (known === undefined) byStore.set(store, [root])
    else known.push(root)
  }
  const results = new Map<LoweredRoot, RootResult>()
  const reads = [...byStore].map(async ([store, mine]) => {
    const streams = [...new Set(mine.map((root) => root.type.view.graph.stream))]
    const result = await store.query({ streams, plans: mine.map((root): QueryPlan | SearchPlan => root.plan) })
    for (const [i, root] of mine.entries()) results.set(root, resultOf(context, result, i, root.type.view.graph.stream))
  })
  await Promise.all(reads)
  return results
}

function resultOf(context: ExecuteContext, result: QueryResult, i: number, stream: string): RootResult {
  const position = result.positions[stream]
  const at = { epoch: position?.epoch ?? 0, offset: position?.offset ?? 0 }
  context.saw(stream, at.offset)
  return { rows: must(result.rows[i], 'a store answers each plan'), at, statuses: result.statuses }
}

class Answer implements Executed {
  readonly data: string[] = []
  readonly errors: AnswerError[] = []
  readonly live: string[] = []
  readonly state: string[] = []
  readonly #context: ExecuteContext
  #liveParents: number

  constructor(context: ExecuteContext) {
    this.#context = context
    this.#liveParents = context.liveParents
  }

  add(root: LoweredRoot, result: RootResult | undefined): void {
    const label = JSON.stringify(root.responseKey)
    if (root.kind === 'typename') this.data.push(`${label}:${JSON.stringify(root.name)}`)
    else if (result !== undefined) this.data.push(`${label}:${this.#root(root, result)}`)
  }

  #root(root: Exclude<LoweredRoot, { kind: 'typename' }>, { rows, at, statuses }: RootResult): string {
    const { responseKey, shape, type } = root
    const live = root.kind === 'search' ? null : this.#context.liveEntries.root(root, this.#context.claims.user, at)
    const maxRows = root.kind === 'search' ? null : root.maxRows
    if (shape.direct && isPlain(rows)) {
      if (maxRows !== null && hasMoreRows(rows, maxRows)) return this.#tooMany(responseKey, maxRows)
      this.#tell(responseKey, live, statusOf(statuses, type))
      return root.kind === 'object' ? firstOf(rows) : rows
    }
    const parsed = JSON.parse(rows) as readonly StoreRow[]
    if (maxRows !== null && parsed.length > maxRows) return this.#tooMany(responseKey, maxRows)
    this.#tell(responseKey, live, statusOf(statuses, type))
    const rendering = this.#rendering(at, statuses)
    return root.kind === 'object' ? this.#object(root, parsed[0], rendering) : this.#rows(root, parsed, rendering)
  }

  #object(root: { readonly responseKey: string } & LoweredList, row: StoreRow | undefined, rendering: RenderContext): string {
    if (row === undefined) return 'null'
    const place = { path: [root.responseKey], list: root.responseKey }
    return renderRow(rendering, root.shape, row, place)
  }

  #rows(root: Extract<LoweredRoot, { kind: 'list' | 'search' | 'object' }>, rows: readonly StoreRow[], rendering: RenderContext): string {
    const texts = rows.map((row, i) => {
      const place = { path: [root.responseKey, i], list: `${root.responseKey}[${JSON.stringify(row['_key'] ?? [])}]` }
      return renderRow(rendering, root.shape, row, place)
    })
    return `[${texts.join(',')}]`
  }

  #rendering(at: ReadAt, statuses: RootResult['statuses']): RenderContext {
    const { cursors, blobUrl, claims, liveEntries } = this.#context
    return {
      cursors,
      blobUrl,
      errors: this.errors,
      nested: (field, parent, path) => {
        // The first parents of a page are live; of more it would take too many channels.
        const isLive = field.list.live !== null && this.#liveParents > 0
        this.#liveParents -= isLive ? 1 : 0
        this.#tell(path, isLive ? liveEntries.nested(field, parent, claims.user, at) : null, statusOf(statuses, field.list.type))
      },
    }
  }

  #tooMany(responseKey: string, maxRows: number): string {
    this.errors.push(tooManyRows([responseKey], maxRows))
    this.state.push(`${JSON.stringify(responseKey)}:{"status":"static"}`)
    return 'null'
  }

  #tell(path: string, live: string | null, status: string): void {
    const label = JSON.stringify(path)
    this.state.push(`${label}:{"status":"${live === null ? 'static' : status}"}`)
    if (live !== null) this.live.push(`${label}:${live}`)
  }
}

/** As of the moment of the rows; of a view that another store keeps, as the stream told last. */
function statusOf(statuses: RootResult['statuses'], { view }: LoweredList['type']): ViewStatus {
  return statuses.get(view.schema.table) ?? view.status
}

function firstOf(rows: string): string {
  return rows === '[]' ? 'null' : rows.slice(1, -1)
}
