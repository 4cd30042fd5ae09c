import { isJsonError } from '@sheetflow/core/json-special'
import type { KeyJson } from '@sheetflow/core/message'
import type { JsonValue } from '@sheetflow/core/value'
import type { ViewState } from '@sheetflow/core/wire'
import type { FieldError } from '../answer/answered.ts'
import type { FeedState } from '../follow/feed.ts'
import type { ColumnPlan, FieldPlan } from '../plan/field-plan.ts'
import type { SharedRow } from '../rows/row-table.ts'
import type { FieldNode } from './field-node.ts'
import { wentBack, type Stand } from './stands.ts'

/** What a node shows of the moment that was painted: no commands, no state of the page. Objects stay the same while nothing in them changes. */
export interface BaseField {
  readonly plan: FieldPlan
  readonly single: boolean
  readonly rows: readonly BaseRow[]
  readonly view: string | null
  readonly graph: string | null
  readonly server: ViewState | null
  readonly feed: FeedState | null
  readonly error: FieldError | null
}

/** One row of it. */
export interface BaseRow {
  readonly id: string
  readonly key: KeyJson
  readonly values: Readonly<Record<string, JsonValue>>
  readonly nested: readonly BaseField[]
}

/** Paints nodes, remembering what it painted. */
export class BasePainter {
  readonly #fields = new WeakMap<FieldNode, BaseField>()
  readonly #rows = new WeakMap<FieldNode, ReadonlyMap<string, PaintedOnce>>()
  /** Place of a list in its root → as of when it was painted. The channel is another one with each generation of the view. */
  readonly #stands = new WeakMap<FieldNode, ReadonlyMap<string, Stand>>()

  /**
   * What a root shows now. If one of its lists stands before the moment that was painted (it was asked again, of a store that is behind), that is what was painted: the lists of a page may be apart for
   * a while, none goes back.
   */
  paint(root: FieldNode): BaseField {
    const before = this.#fields.get(root)
    const painted = this.#stands.get(root) ?? new Map<string, Stand>()
    const stands = standsOf(root)
    if (before !== undefined && [...stands].some(([place, stand]) => wentBack(painted.get(place), stand))) return before
    this.#stands.set(root, stands)
    return this.#paint(root)
  }

  #paint(node: FieldNode): BaseField {
    const { plan, feed, answered } = node
    const before = this.#fields.get(node)
    const painted: BaseField = {
      plan,
      single: answered.single,
      rows: this.#paintRows(node, before?.rows),
      view: feed?.view ?? null,
      graph: feed?.clock.graph ?? null,
      server: node.server,
      feed: feed === null ? null : feed.state === 'refused' ? 'refused' : 'live',
      error: answered.error,
    }
    if (before !== undefined && isSame(before, painted)) return before
    this.#fields.set(node, painted)
    return painted
  }

  #paintRows(node: FieldNode, before: readonly BaseRow[] = []): readonly BaseRow[] {
    const known = this.#rows.get(node)
    const painted = new Map<string, PaintedOnce>()
    const rows = node.rows().map((row) => {
      const nested = (node.childrenOf(row.id) ?? []).map((child) => this.#paint(child))
      const once = known?.get(row.id)
      const same = once !== undefined && once.row === row && once.version === row.version && isEqualList(once.base.nested, nested)
      const next = same ? once : { row, version: row.version, base: baseRow(node.plan.columns, row, nested) }
      painted.set(row.id, next)
      return next.base
    })
    this.#rows.set(node, painted)
    return isEqualList(before, rows) ? before : rows
  }
}

/** As of when each list of a root is, by its place. */
function standsOf(root: FieldNode): ReadonlyMap<string, Stand> {
  const stands = new Map<string, Stand>()
  const note = (node: FieldNode, place: string): void => {
    const { feed } = node
    if (feed !== null) stands.set(place, { epoch: feed.clock.epoch, offset: feed.stand })
    if (node.plan.nested.length === 0) return
    for (const { id } of node.rows()) for (const child of node.childrenOf(id) ?? []) note(child, `${place}/${id}/${child.plan.as}`)
  }
  note(root, '')
  return stands
}

interface PaintedOnce {
  readonly row: SharedRow
  readonly version: number
  readonly base: BaseRow
}

function baseRow(columns: readonly ColumnPlan[], row: SharedRow, nested: readonly BaseField[]): BaseRow {
  const values: Record<string, JsonValue> = {}
  for (const { as, column, asText, hidden } of columns) {
    if (hidden) continue
    const value = row.cells.get(column)?.value ?? null
    values[as] = asText ? asTextValue(value) : value
  }
  return { id: row.id, key: row.key, values, nested }
}

/** `field(as: TEXT)`: cell errors by their names. */
function asTextValue(value: JsonValue): JsonValue {
  if (isJsonError(value)) return value.e
  if (value === null || typeof value === 'string') return value
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function isSame(a: BaseField, b: BaseField): boolean {
  return (
    a.rows === b.rows &&
    a.single === b.single &&
    a.view === b.view &&
    a.feed === b.feed &&
    a.server?.status === b.server?.status &&
    progressOf(a.server) === progressOf(b.server) &&
    a.error?.code === b.error?.code &&
    a.error?.message === b.error?.message
  )
}

/** 0..1 while a view is loading. */
export function progressOf(state: ViewState | null): number | null {
  return state !== null && 'progress' in state ? state.progress : null
}

function isEqualList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((one, i) => one === b[i])
}
