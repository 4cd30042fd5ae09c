import type { Overlay, RowOverlay } from '../commands/overlay.ts'
import { progressOf, type BaseField, type BaseRow } from './base-picture.ts'
import { fieldState, type PaintState } from './page-state.ts'
import type { PaintedField, PaintedRow } from './painted.ts'
import type { FieldPlan } from '../plan/field-plan.ts'

/** Puts the page's state and the pending commands over what was painted. Unchanged rows and fields keep their objects. */
export class Dresser {
  readonly #overlay: Overlay
  readonly #fields = new WeakMap<BaseField, { readonly state: PaintState; readonly version: number; readonly painted: PaintedField }>()
  readonly #rows = new WeakMap<BaseRow, { readonly over: RowOverlay | null; readonly painted: PaintedRow }>()

  constructor(overlay: Overlay) {
    this.#overlay = overlay
  }

  dress(base: BaseField, page: PaintState): PaintedField {
    const state = fieldState(page, base.server, base.feed)
    const { version } = this.#overlay
    const known = this.#fields.get(base)
    if (known?.state === state && known.version === version) return known.painted
    const rows = base.rows.map((row) => this.#dressRow(base, row, page))
    const before = known?.painted
    const kept = before !== undefined && before.rows.every((row, i) => row === rows[i]) ? before.rows : rows
    const painted: PaintedField =
      before !== undefined && before.state === state && kept === before.rows
        ? before
        : {
            state,
            progress: progressOf(base.server),
            single: base.single,
            rows: kept,
            view: base.view,
            graph: base.graph,
            error: base.error,
          }
    this.#fields.set(base, { state, version, painted })
    return painted
  }

  #dressRow(field: BaseField, row: BaseRow, page: PaintState): PaintedRow {
    const over = field.view === null ? null : this.#overlay.of(field.view, row.id)
    const nested = row.nested.map((child) => this.dress(child, page))
    const known = this.#rows.get(row)
    if (
      known !== undefined &&
      known.over === over &&
      nested.every((child, i) => child === known.painted.nested[row.nested[i]?.plan.as ?? ''])
    ) {
      return known.painted
    }
    const painted: PaintedRow = {
      id: row.id,
      key: row.key,
      values: over === null ? row.values : { ...row.values, ...byAlias(field.plan, over) },
      nested: Object.fromEntries(row.nested.map((child, i) => [child.plan.as, nested[i] as PaintedField])),
      pending: over?.commands ?? [],
      leaving: over?.leaves ?? false,
    }
    this.#rows.set(row, { over, painted })
    return painted
  }
}

/** An expectation speaks of columns, a query may have renamed them. */
function byAlias(plan: FieldPlan, over: RowOverlay): PaintedRow['values'] {
  const shown = plan.columns.filter(({ column, hidden }) => !hidden && column in over.values)
  return Object.fromEntries(shown.map(({ as, column }) => [as, over.values[column] ?? null]))
}
