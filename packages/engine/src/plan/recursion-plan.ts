import { must } from '@sheetflow/core/assert'
import { isCellError } from '@sheetflow/core/cell-error'
import type { Value } from '@sheetflow/core/value'
import { MISSING } from '@sheetflow/formula/compile/compile-host'
import type { ExprOf } from '@sheetflow/formula/compile/compile-host'
import { Recursion } from '../operators/recursion.ts'
import { FoundRows, OwnRowRead } from '../operators/recursive-rows.ts'
import type { MapNode } from '../operators/row-map.ts'
import type { Sheet } from '../operators/sheet.ts'
import type { Column } from '../state/column.ts'
import { exprKey } from './expr-tools.ts'
import { planFound } from './lookup-cell.ts'
import type { FoundCell } from './lookup-cell.ts'
import { planPatternFound } from './pattern-cell.ts'
import { planNearFound } from './near-cell.ts'
import { Needs } from './needs.ts'
import type { BeyondExpr, Cell, LookupCell, Planner } from './planner.ts'
import { planRecursiveAggregate } from './recursive-aggregate.ts'

/** A column of a recursion, ready to be planned. */
export interface PlannedColumn {
  /** Its index in the sheet. */
  readonly index: number
  readonly name: string
  readonly column: Column
  /** Plans its formula. */
  readonly plan: () => Cell
}

/** Passes on that the recursion has changed the row's cell. */
const CALLED: MapNode = {
  run: () => true,
  leave: () => undefined,
}

/**
 * Plans the columns of one recursion together: what they read of each other becomes reads of a `Recursion`, everything else nodes as ever; the
 * recursion runs behind the last stage of those, and whoever reads its columns behind it.
 */
export class RecursionPlan {
  readonly #recursion: Recursion
  readonly #plan: Planner
  readonly #columns: readonly PlannedColumn[]
  /** What each column must be computed again for by itself, by place. */
  readonly #needs: Needs[]
  readonly #own = new Set<string>()
  readonly #found = new Map<string, LookupCell>()
  #by = 0

  constructor(plan: Planner, sheet: Sheet, columns: readonly PlannedColumn[]) {
    this.#plan = plan
    this.#columns = columns
    this.#needs = columns.map(() => new Needs())
    this.#recursion = new Recursion(sheet, columns.map(({ name }) => `${sheet.view}[${name}]`).join(', '))
  }

  /** The columns as others read them, by index in the sheet. To be called once. */
  finish(): ReadonlyMap<number, Cell> {
    for (const [by, { name, column, plan }] of this.#columns.entries()) {
      this.#by = by
      const formula = plan()
      must(this.#needs[by]).add(formula.needs)
      this.#recursion.addColumn({ name, column, formula: formula.run })
    }
    const stage = Math.max(...this.#needs.map((needs) => needs.stage))
    for (const [place, needs] of this.#needs.entries()) {
      needs.stage = stage
      this.#plan.addNode(this.#recursion.seedNode(place), needs)
    }
    this.#plan.addOwnIndex(stage, this.#recursion)
    return new Map(
      this.#columns.map(({ index }, place) => {
        const changed = Needs.ofTrigger(this.#recursion.trigger(place))
        changed.stage = stage + 1
        return [index, { needs: this.#plan.addNode(CALLED, changed), run: (slot: number) => this.#recursion.read(place, slot) }]
      }),
    )
  }

  /** A column of the recursion in the row at hand, for the formula that is planned; null: it is none. */
  ownRow(index: number): Cell | null {
    const of = this.#place(index)
    if (of < 0) return null
    const name = `${this.#by} ${of}`
    if (!this.#own.has(name)) this.#recursion.addRead(new OwnRowRead(this.#by, of))
    this.#own.add(name)
    return { needs: new Needs(), run: (slot) => this.#recursion.read(of, slot) }
  }

  /** What reads a column of the recursion in other rows; null: it reads none. */
  beyond(expr: BeyondExpr): Cell | LookupCell | null {
    if (expr.kind === 'lookup' && this.#plan.isOwn(expr.relation)) return this.#lookup(expr, this.#place(expr.result))
    if (expr.kind === 'aggregate' && this.#plan.isOwn(expr.relation) && expr.column !== null) {
      return this.#aggregate(expr, this.#place(expr.column))
    }
    return null
  }

  #place(index: number): number {
    return this.#columns.findIndex((column) => column.index === index)
  }

  #lookup(expr: ExprOf<'lookup'>, of: number): LookupCell | null {
    if (of < 0) return null
    const name = `${this.#by} ${exprKey({ ...expr, missing: null })}`
    const known = this.#found.get(name)
    if (known !== undefined) return known
    const search = this.#plan.part(expr.search)
    const { find, needs } = foundBy(this.#plan, expr, search)
    const rows = new FoundRows(this.#by, of, find)
    this.#recursion.addRead(rows)
    const cell: LookupCell = {
      needs: this.#plan.addNode(rows, new Needs().add(needs).add(search.needs)).add(search.needs),
      run: (slot): Value | typeof MISSING => {
        const found = rows.found(slot)
        if (found >= 0) return this.#recursion.read(of, found)
        // An error is not looked up: it is the result.
        const searched = search.run(slot)
        return isCellError(searched) ? searched : MISSING
      },
    }
    this.#found.set(name, cell)
    return cell
  }

  #aggregate(expr: ExprOf<'aggregate'>, of: number): Cell | null {
    if (of < 0) return null
    const name = `${this.#by} ${exprKey(expr)}`
    const known = this.#found.get(name)
    if (known !== undefined) return known as Cell
    const moved = (needs: Needs): void => void must(this.#needs[of]).add(needs)
    const cell = planRecursiveAggregate(this.#plan, expr, { recursion: this.#recursion, by: this.#by, of, moved })
    this.#found.set(name, cell)
    return cell
  }
}

/** Where the lookup finds its row; whether the result there changes is the recursion's to know. */
function foundBy(plan: Planner, expr: ExprOf<'lookup'>, search: Cell): FoundCell {
  if (expr.mode === 2) return planPatternFound(plan, expr, search, null)
  return expr.mode === 0 ? planFound(plan, expr, search, null) : planNearFound(plan, expr, expr.mode, search)
}
