import type { KeyJson } from '@sheetflow/core/message'
import type { Graph } from '@sheetflow/engine/graph/graph'
import type { Running } from '@sheetflow/engine/graph/running'
import { GraphRows } from '@sheetflow/engine/ledger/graph-rows'
import { explainSheets } from '@sheetflow/workbook/explain/explain-sheets'
import { Explainer, type ExplainedCell, type ExplainLimits } from '@sheetflow/workbook/why/explain-cell'
import { explainAbsence, type Absence } from '@sheetflow/workbook/why/explain-row'
import type { CellPlace } from '@sheetflow/workbook/why/readable-rows'
import { sourceReads, type SourceReads } from '@sheetflow/workbook/why/source-reads'
import type { KeyColumn } from './row-key.ts'

/** Source rows that are followed at most. */
const SOURCE_ROWS = 10_000

/** Questions about the cells of a graph that was rebuilt. */
export class Why {
  readonly #rows: GraphRows
  readonly #explainer: Explainer

  constructor(graph: Graph, running: Running) {
    this.#rows = new GraphRows(graph, running)
    const { files } = running.deployment
    const texts = new Map(
      explainSheets(files, running.graph).map(({ view, columns }) => [view, new Map(columns.map(({ name, formula }) => [name, formula]))]),
    )
    this.#explainer = new Explainer(running.graph, this.#rows, (view, column) => texts.get(view)?.get(column) ?? null)
  }

  /** The key columns of a sheet; null: there is no such sheet. */
  keyOf(view: string): readonly KeyColumn[] | null {
    const sheet = this.#explainer.info.sheet(view)
    return sheet === null ? null : sheet.key.map((column) => this.#explainer.info.column(view, column))
  }

  columns(view: string): readonly string[] {
    return this.#explainer.info.columns(view).map(({ name }) => name)
  }

  /** The columns that readers see; all that are computed where nobody reads it. */
  published(view: string): readonly string[] {
    const sheet = this.#explainer.info.sheet(view)
    if (sheet === null) return []
    const { columns, published, key } = sheet
    const shown = published.length > 0 ? published : [...columns.keys()].filter((i) => key.includes(i) || columns[i]?.formula !== undefined)
    return shown.flatMap((i) => columns[i]?.name ?? [])
  }

  /** These cells of that row; null: there is no such row. */
  explain(view: string, key: KeyJson, columns: readonly string[], limits: ExplainLimits): readonly ExplainedCell[] | null {
    const places = this.#places(view, key, columns)
    return places?.map((place) => this.#explainer.explain(place, limits)) ?? null
  }

  /** Why there is no such row. */
  absence(view: string, key: KeyJson, limits: ExplainLimits): Absence {
    return explainAbsence(view, key, { explainer: this.#explainer, rows: this.#rows, limits })
  }

  /** The rows of the sources that these cells follow from. */
  sourceReads(view: string, key: KeyJson, columns: readonly string[]): SourceReads {
    return sourceReads(this.#places(view, key, columns) ?? [], this.#explainer, this.#rows, SOURCE_ROWS)
  }

  #places(view: string, key: KeyJson, columns: readonly string[]): readonly CellPlace[] | null {
    const slot = this.#rows.find(view, key)
    if (slot < 0) return null
    return columns.map((name) => ({ relation: view, slot, column: this.#explainer.info.indexOf(view, name) }))
  }
}
