import { CellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import { toJson } from '@sheetflow/core/json-codec'
import type { KeyJson } from '@sheetflow/core/message'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue, Value } from '@sheetflow/core/value'
import type { BoundGraph, Criterion, FormulaType, LookupMode, RelationId } from '@sheetflow/formula/bound'
import { typeText } from '@sheetflow/formula/service/describe'
import { directInputs, type DirectInput } from './direct-inputs.ts'
import { cellOrigins } from './origins.ts'
import type { CellPlace, ReadableRows } from './readable-rows.ts'
import { RelationInfo } from './relation-info.ts'
import { RowEvaluator } from './row-evaluator.ts'

/** A value with what it was computed from. */
export interface ExplainedCell {
  /** `workbook.sheet`, or `source!schema.table`. */
  readonly relation: RelationId
  readonly key: KeyJson
  readonly column: string
  /** `decimal or Blank` */
  readonly type: string
  readonly value: JsonValue
  /** As it stands in the file; null: the rows bring it, or the source wrote it. */
  readonly formula: string | null
  readonly inputs: readonly ExplainedInput[]
  /** It has inputs, and they lie deeper than was asked for. */
  readonly deeper: boolean
}

/** One row that a formula saw. */
export interface SeenRow {
  readonly key: KeyJson
  /** Of the columns that were asked for, by name. */
  readonly values: Readonly<Record<string, JsonValue>>
}

/** A condition on rows, with the value that it has here. */
export interface ExplainedCriterion {
  readonly column: string
  readonly op: Criterion['op']
  readonly value: JsonValue
}

/** One thing that a formula reads. */
export type ExplainedInput =
  /** `origin`: of a column that comes with the rows, the cell that it shows. */
  | { readonly kind: 'cell'; readonly role: 'own' | 'named' | 'origin'; readonly cell: ExplainedCell }
  | {
      readonly kind: 'lookup'
      readonly relation: RelationId
      readonly column: string
      /** 0: equal; −1: else the next smaller; 1: else the next larger. */
      readonly mode: LookupMode
      readonly search: JsonValue
      /** Null: no row. */
      readonly found: ExplainedCell | null
    }
  | {
      readonly kind: 'rows'
      /** `sum`, `count-rows`, …; `group`: the rows of a group. */
      readonly function: string
      readonly relation: RelationId
      readonly column: string | null
      readonly criteria: readonly ExplainedCriterion[]
      readonly value: JsonValue
      readonly count: number
      /** The first of them, by key. */
      readonly rows: readonly SeenRow[]
    }
  | {
      readonly kind: 'array'
      readonly relation: RelationId
      readonly columns: readonly string[]
      readonly count: number
      readonly rows: readonly SeenRow[]
    }
  | { readonly kind: 'clock'; readonly unit: 'day' | 'minute'; readonly value: JsonValue }

/** How far an explanation goes. */
export interface ExplainLimits {
  /** How many formulas deep; 0: the value alone. */
  readonly depth: number
  /** Rows shown of those that a formula saw. */
  readonly rows: number
}

/** The text of a column's formula as it stands in its file; null: it has none. */
export type FormulaText = (view: RelationId, column: string) => string | null

/** Explains cells of one graph at one moment. Pure: it asks `rows`, and computes the parts of formulas anew by their definitions. */
export class Explainer {
  readonly info: RelationInfo
  readonly evaluator: RowEvaluator
  readonly #rows: ReadableRows
  readonly #text: FormulaText

  constructor(graph: BoundGraph, rows: ReadableRows, text: FormulaText) {
    this.info = new RelationInfo(graph)
    this.evaluator = new RowEvaluator(this.info, rows)
    this.#rows = rows
    this.#text = text
  }

  /** The cell, its formula, and what that reads, `limits.depth` formulas deep. */
  explain(place: CellPlace, limits: ExplainLimits): ExplainedCell {
    const { relation, slot, column } = place
    const { name, type, nullable } = this.info.column(relation, column)
    const sheet = this.info.sheet(relation)
    const asked = sheet !== null && limits.depth > 0
    const inputs = asked ? this.#inputs(place, { ...limits, depth: limits.depth - 1 }) : []
    return {
      relation,
      key: this.#rows.key(relation, slot),
      column: name,
      type: typeText({ type, nullable }),
      value: this.#rows.json(relation, slot, column),
      formula: sheet === null ? null : this.#text(relation, name),
      inputs,
      deeper: sheet !== null && !asked,
    }
  }

  /** What a condition reads on that row. */
  explainInputs(inputs: readonly DirectInput[], limits: ExplainLimits): readonly ExplainedInput[] {
    return inputs.map((input) => this.#input(input, limits))
  }

  #inputs(place: CellPlace, limits: ExplainLimits): readonly ExplainedInput[] {
    const sheet = this.info.sheet(place.relation)
    if (sheet === null) return []
    const formula = sheet.columns[place.column]?.formula
    if (formula !== undefined) return this.explainInputs(directInputs(formula, place, this.#rows, this.evaluator), limits)
    const origins = cellOrigins(sheet, place, this.#rows, this.info)
    const [first] = origins
    if (first === undefined) return []
    if (sheet.rows.kind === 'distinct') return [this.#group(origins, first, limits)]
    return origins.map((cell) => ({ kind: 'cell', role: 'origin', cell: this.explain(cell, limits) }))
  }

  #input(input: DirectInput, limits: ExplainLimits): ExplainedInput {
    switch (input.kind) {
      case 'cell':
        return { kind: 'cell', role: input.named ? 'named' : 'own', cell: this.explain(input.place, limits) }
      case 'lookup': {
        const { relation, key, result, mode, search } = input.node
        const place = { relation, slot: input.slot, column: result }
        return {
          kind: 'lookup',
          relation,
          column: this.info.column(relation, key).name,
          mode,
          search: jsonOf(search.type, input.search),
          found: input.slot < 0 ? null : this.explain(place, limits),
        }
      }
      case 'rows': {
        const { relation, fn, column, criteria, type } = input.node
        const shown = [...new Set([...(column === null ? [] : [column]), ...criteria.map((one) => one.column)])]
        return {
          kind: 'rows',
          function: fn,
          relation,
          column: column === null ? null : this.info.column(relation, column).name,
          criteria: criteria.map(({ op, column: on, value }, i) => ({
            column: this.info.column(relation, on).name,
            op,
            value: jsonOf(value.type, input.criteria[i] ?? null),
          })),
          value: jsonOf(type, input.value),
          count: input.slots.length,
          rows: this.#seen(relation, input.slots, shown, limits),
        }
      }
      case 'array': {
        const { relation, columns } = input.node
        const names = columns.map((column) => this.info.column(relation, column).name)
        return {
          kind: 'array',
          relation,
          columns: names,
          count: input.slots.length,
          rows: this.#seen(relation, input.slots, columns, limits),
        }
      }
      case 'clock':
        return { kind: 'clock', unit: input.node.unit, value: jsonOf(input.node.type, input.value) }
    }
  }

  #group(origins: readonly CellPlace[], { relation, column }: CellPlace, limits: ExplainLimits): ExplainedInput {
    const slots = origins.map(({ slot }) => slot)
    return {
      kind: 'rows',
      function: 'group',
      relation,
      column: this.info.column(relation, column).name,
      criteria: [],
      value: slots.length,
      count: slots.length,
      rows: this.#seen(relation, slots, [column], limits),
    }
  }

  #seen(relation: RelationId, slots: readonly number[], columns: readonly number[], limits: ExplainLimits): readonly SeenRow[] {
    return slots.slice(0, limits.rows).map((slot) => ({
      key: this.#rows.key(relation, slot),
      values: Object.fromEntries(
        columns.map((column) => [this.info.column(relation, column).name, this.#rows.json(relation, slot, column)]),
      ),
    }))
  }
}

/** The JSON form of a part's value: of the type that it has statically, or of what it is where that says nothing. */
function jsonOf(type: FormulaType | null, value: Value): JsonValue {
  if (value === null) return null
  if (value instanceof CellError) return value.of === null ? { e: value.kind } : { e: value.kind, of: value.of }
  if (type === null || type.type === 'any') {
    return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string'
      ? value
      : value instanceof Decimal || typeof value === 'bigint'
        ? String(value)
        : null
  }
  return toJson(type satisfies ColumnType, value)
}
