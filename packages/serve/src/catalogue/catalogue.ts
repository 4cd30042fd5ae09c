import type { ViewStatus } from '@sheetflow/core/message'
import type { ReadableViewStore } from '@sheetflow/core/ports/view-store'
import { RECEIPTS, receiptsView } from '@sheetflow/core/receipt'
import type { SheetSchema } from '@sheetflow/core/schema'

/** Where the views of one graph live. */
export interface CatalogueGraph {
  readonly graph: string
  readonly stream: string
  /** The store of a view: by the name that its sheet gives, else the main one. */
  storeOf(schema: SheetSchema): ReadableViewStore
}

/** A view as clients may ask for it. */
export interface CatalogueView {
  readonly graph: CatalogueGraph
  readonly schema: SheetSchema
  readonly status: ViewStatus
  readonly store: ReadableViewStore
}

/** Older generations that stay known: the store may be behind the stream that told of the newest. */
const KEPT_GENERATIONS = 4

/** All views of all graphs as the streams last told of them. `version` counts changes: what was derived from an older one is stale. */
export class Catalogue {
  readonly #views = new Map<string, CatalogueView>()
  readonly #generations = new Map<string, SheetSchema[]>()
  readonly #graphs = new Map<string, CatalogueGraph>()
  #version = 0

  get version(): number {
    return this.#version
  }

  get graphs(): readonly string[] {
    return [...this.#graphs.keys()]
  }

  /** A graph joins, with its built-in sheet of receipts. */
  addGraph(graph: CatalogueGraph): void {
    this.#graphs.set(graph.graph, graph)
    this.set(graph.graph, receiptsSchema(graph.graph), 'ready')
  }

  /** The newest generation of a view. An older one than is known changes nothing. */
  set(graph: string, schema: SheetSchema, status: ViewStatus): void {
    const known = this.#views.get(schema.table)
    const home = this.#graphs.get(graph)
    if (home === undefined || (known !== undefined && known.schema.generation > schema.generation)) return
    this.#views.set(schema.table, { graph: home, schema, status, store: home.storeOf(schema) })
    const others = (this.#generations.get(schema.table) ?? []).filter((s) => s.generation !== schema.generation)
    this.#generations.set(schema.table, [schema, ...others].slice(0, KEPT_GENERATIONS))
    this.#version += 1
  }

  setStatus(view: string, generation: number, status: ViewStatus): void {
    const known = this.#views.get(view)
    if (known === undefined || known.schema.generation !== generation || known.status === status) return
    this.#views.set(view, { ...known, status })
    this.#version += 1
  }

  /** By full name, `workbook.sheet`. */
  get(view: string): CatalogueView | undefined {
    return this.#views.get(view)
  }

  /** A generation that is still known. */
  generation(view: string, generation: number): SheetSchema | undefined {
    return this.#generations.get(view)?.find((schema) => schema.generation === generation)
  }

  /** Everything, by name. */
  all(): readonly CatalogueView[] {
    return [...this.#views.values()]
  }
}

/** Every reader sees the receipts of his own commands. */
function receiptsSchema(graph: string): SheetSchema {
  return {
    v: 1,
    table: receiptsView(graph),
    schema: 1,
    hash: 'receipts',
    key: RECEIPTS.key,
    columns: RECEIPTS.columns,
    generation: 1,
    index: ['id', 'user', 'status'],
    search: [],
    lists: {},
  }
}
