import { must } from '@sheetflow/core/assert'
import { SheetflowError } from '@sheetflow/core/errors'
import type { Checkpoint, CheckpointDelta, Page } from '@sheetflow/core/ports/state-store'
import type { Position, Vector } from '@sheetflow/core/position'
import type { JsonValue } from '@sheetflow/core/value'
import type { SavedAnswer } from '../operators/call-index.ts'
import { PAGE_SLOTS } from '../state/row-store.ts'
import { packPage, unpackPage } from '../state/page-bytes.ts'
import type { Table } from '../state/table.ts'
import type { Graph } from './graph.ts'
import type { GraphMeta } from './graph-meta.ts'

/** Counts up when pages or meta change their form: an older checkpoint is rebuilt, never misread. */
export const FORMAT = 3
/** Formats that can be read: one without answers of functions is one in which none was called. */
const READABLE: readonly number[] = [2, 3]

const ROWS = 'rows'
const CALLS = 'calls'

/**
 * Takes and writes checkpoints of one graph (FORMATS 11): the row stores as pages of 4,096 slots of one column, of which only those are
 * written that changed since the last time, and the small state as JSON. Sheets and indexes are not in it; they are filled again.
 */
export class Checkpoints {
  readonly #graph: Graph
  /** Pages that the last checkpoint holds; null: there is none to build on. */
  #saved: Set<string> | null = null

  constructor(graph: Graph) {
    this.#graph = graph
  }

  /**
   * What changed since the last call, between steps; null while the state cannot be saved. The bytes are copies, made one page at a time as they are read: that has to be before the next step, for what a step of
   * millions of rows has changed is not held twice. `output`: up to where outputs are durable; `at`: the greatest time of what was read.
   */
  take(inputs: Vector, output: Position, at: string): CheckpointDelta | null {
    if (!this.#graph.tables.isSavable) return null
    const full = this.#saved === null
    const saved: ReadonlySet<string> = this.#saved ?? new Set()
    const changed: (() => Page)[] = []
    const existing = new Set<string>()
    for (const table of this.#graph.tables.all()) takeTable(table, saved, changed, existing)
    takeAnswers(this.#graph, saved, changed, existing)
    const dropped = [...saved].filter((id) => !existing.has(id))
    this.#saved = existing
    return {
      head: { format: FORMAT, inputs, output, meta: JSON.stringify({ ...this.#graph.save(), at }) },
      full,
      pages: made(changed),
      dropped,
    }
  }

  /** The last delta was not stored: the next one is a whole checkpoint. */
  forget(): void {
    this.#saved = null
  }

  /** Puts a checkpoint into the graph, which must be new. `engine/checkpoint` if it cannot be used. */
  async restore(checkpoint: Checkpoint): Promise<void> {
    if (!READABLE.includes(checkpoint.head.format)) {
      throw new SheetflowError('engine/checkpoint', `the checkpoint has format ${checkpoint.head.format}, known is ${FORMAT}`)
    }
    const meta = JSON.parse(checkpoint.head.meta) as GraphMeta
    this.#graph.restore(meta)
    const saved = new Set<string>()
    for await (const page of checkpoint.pages()) {
      saved.add(page.id)
      this.#restorePage(page)
    }
    for (const table of this.#graph.tables.all()) table.rows.restoreKeys()
    this.#graph.resume(meta)
    this.#saved = saved
  }

  #restorePage({ id, bytes }: Page): void {
    const [tableId, part, number] = JSON.parse(id) as [string, string, number]
    if (tableId === CALLS) {
      this.#graph.calls.restoreAnswers(part, unpackPage(bytes).json as readonly SavedAnswer[])
      return
    }
    const table = must(this.#graph.tables.get(tableId), 'pages are of tables in the meta')
    const from = number * PAGE_SLOTS
    if (part === ROWS) {
      const [runs] = unpackPage(bytes).arrays as [Uint8Array<ArrayBuffer>]
      table.rows.restoreRows(from, new Int32Array(runs.buffer))
      return
    }
    const kept = table.kept.find((one) => partName(one) === part)
    if (kept === undefined) return
    table.rows.reserve(from + PAGE_SLOTS)
    kept.column.now.decode(from, bytes)
  }
}

function* made(pages: readonly (() => Page)[]): Generator<Page> {
  for (const page of pages) yield page()
}

/**
 * Adds the pages of a table that are to be written, as what makes them, and names all that it has. `saved`: those that are there already; none of a table that has
 * been renamed is.
 */
function takeTable(table: Table, saved: ReadonlySet<string>, changed: (() => Page)[], existing: Set<string>): void {
  const { rows } = table
  const last = Math.ceil(rows.size / PAGE_SLOTS)
  const dirty = new Set(rows.dirtyPages(true))
  const add = (part: string, encode: (from: number, to: number) => Uint8Array): void => {
    for (let page = 0; page < last; page++) {
      const id = pageId(table, part, page)
      existing.add(id)
      if (saved.has(id) && !dirty.has(page)) continue
      const from = page * PAGE_SLOTS
      changed.push(() => ({ id, bytes: encode(from, Math.min(from + PAGE_SLOTS, rows.size)) }))
    }
  }
  add(ROWS, (from) => packPage([rows.rowsPage(from)], null as JsonValue))
  for (const kept of table.kept) add(partName(kept), (from, to) => kept.column.now.encode(from, to))
}

/** The same of the answers of functions. */
function takeAnswers({ calls }: Graph, saved: ReadonlySet<string>, changed: (() => Page)[], existing: Set<string>): void {
  for (const { id: index, answers } of calls.pages()) {
    const { count, dirty } = answers.pages()
    for (let page = 0; page < count; page++) {
      const id = JSON.stringify([CALLS, index, page])
      existing.add(id)
      if (!saved.has(id) || dirty.has(page)) changed.push(() => ({ id, bytes: packPage([], answers.page(page)) }))
    }
  }
}

function pageId(table: Table, part: string, page: number): string {
  return JSON.stringify([table.id, part, page])
}

function partName({ id, type }: Table['kept'][number]): string {
  return `${id}:${type.type}`
}
