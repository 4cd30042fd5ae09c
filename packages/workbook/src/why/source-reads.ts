import type { KeyJson } from '@sheetflow/core/message'
import type { Expr, RelationId } from '@sheetflow/formula/bound'
import { partsOf } from '@sheetflow/formula/expr-parts'
import { rowsInputs } from '@sheetflow/formula/rows-inputs'
import { directInputs } from './direct-inputs.ts'
import type { Explainer } from './explain-cell.ts'
import { cellOrigins, rowOrigins } from './origins.ts'
import type { CellPlace, ReadableRows } from './readable-rows.ts'

/** A row of a source table that something was computed from. */
export interface SourceRead {
  /** `source!schema.table` */
  readonly relation: RelationId
  readonly key: KeyJson
  /** The columns that were read, by name. */
  readonly columns: ReadonlySet<string>
}

/** All that cells were computed from, down to the tables of the sources. */
export interface SourceReads {
  readonly rows: readonly SourceRead[]
  /** False: there are more rows than were asked for. */
  readonly complete: boolean
}

/**
 * The rows of source tables that these cells follow from, through other sheets too, and that put their rows into the sheets they are in. At most
 * `limit` rows.
 */
export function sourceReads(places: readonly CellPlace[], explainer: Explainer, rows: ReadableRows, limit: number): SourceReads {
  const walk = new Walk(explainer, rows, limit)
  for (const place of places) walk.cell(place)
  return { rows: walk.reads, complete: !walk.isFull }
}

class Walk {
  readonly #explainer: Explainer
  readonly #rows: ReadableRows
  readonly #limit: number
  readonly #seen = new Set<string>()
  readonly #reads = new Map<string, { readonly relation: RelationId; readonly key: KeyJson; readonly columns: Set<string> }>()
  isFull = false

  constructor(explainer: Explainer, rows: ReadableRows, limit: number) {
    this.#explainer = explainer
    this.#rows = rows
    this.#limit = limit
  }

  get reads(): readonly SourceRead[] {
    return [...this.#reads.values()]
  }

  cell(place: CellPlace): void {
    const { relation, slot, column } = place
    if (this.isFull || !this.#isNew(`${relation} ${slot} ${column}`)) return
    const { info, evaluator } = this.#explainer
    const sheet = info.sheet(relation)
    if (sheet === null) return this.#read(place)
    this.#row(relation, slot)
    const formula = sheet.columns[column]?.formula
    if (formula === undefined) {
      for (const origin of cellOrigins(sheet, place, this.#rows, info)) this.cell(origin)
      return
    }
    for (const input of directInputs(formula, place, this.#rows, evaluator)) {
      switch (input.kind) {
        case 'cell':
          this.cell(input.place)
          break
        case 'lookup':
          if (input.slot >= 0) this.#cells(input.node.relation, [input.slot], [input.node.key, input.node.result])
          break
        case 'rows': {
          const { relation: of, column: read, criteria } = input.node
          // That a row is there counts, also where nothing of it is read.
          const key = this.#explainer.info.key(of)
          this.#cells(of, input.slots, [...key, ...criteria.map((one) => one.column), ...(read === null ? [] : [read])])
          break
        }
        case 'array':
          this.#cells(input.node.relation, input.slots, input.node.columns)
          break
        case 'clock':
      }
    }
  }

  /** What makes the row be there: the rows that it is made of, and what their conditions read. */
  #row(view: RelationId, slot: number): void {
    if (!this.#isNew(`${view} ${slot}`)) return
    const { info } = this.#explainer
    const sheet = info.sheet(view)
    if (sheet === null) return
    const wheres = rowsInputs(sheet.rows).map(({ relation, steps }) => ({
      relation,
      columns: steps.flatMap((step) => (step.kind === 'filter' ? columnsOf(step.where) : step.order.map((one) => one.column))),
    }))
    for (const { relation, slots } of rowOrigins(sheet, slot, this.#rows, info)) {
      const columns = wheres.filter((one) => one.relation === relation).flatMap((one) => one.columns)
      this.#cells(relation, slots, [...info.key(relation), ...columns])
    }
  }

  #cells(relation: RelationId, slots: readonly number[], columns: readonly number[]): void {
    for (const slot of slots) for (const column of columns) this.cell({ relation, slot, column })
  }

  #read({ relation, slot, column }: CellPlace): void {
    const key = this.#rows.key(relation, slot)
    const id = `${relation} ${slot}`
    const read = this.#reads.get(id)
    if (read === undefined && this.#reads.size >= this.#limit) {
      this.isFull = true
      return
    }
    const columns = read?.columns ?? new Set<string>()
    columns.add(this.#explainer.info.column(relation, column).name)
    if (read === undefined) this.#reads.set(id, { relation, key, columns })
  }

  #isNew(id: string): boolean {
    if (this.#seen.has(id)) return false
    this.#seen.add(id)
    return true
  }
}

function columnsOf(expr: Expr): readonly number[] {
  return expr.kind === 'column' ? [expr.column] : partsOf(expr).flatMap(columnsOf)
}
