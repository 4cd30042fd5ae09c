import type { Client, PaintedField, PaintedRow, Picture } from '@sheetflow/client'
import type { Place } from './path.ts'

/** What stands between a page and a widget: rows that were made for it. */
const rowsOf = new WeakMap<Element, RowScope>()

/** A row in the field that shows it. */
export interface RowScope {
  readonly row: PaintedRow
  readonly field: PaintedField
}

/** From now on everything inside the element stands in this row. */
export function enterRow(element: Element, scope: RowScope): void {
  rowsOf.set(element, scope)
}

/** The nearest row around the element. */
export function rowAround(element: Element): RowScope | null {
  const row = rowElementAround(element)
  return row === null ? null : (rowsOf.get(row) ?? null)
}

/** The element of the nearest row around the element, or the element itself. */
export function rowElementAround(element: Element): Element | null {
  for (let at: Element | null = element; at !== null; at = at.parentElement) if (rowsOf.has(at)) return at
  return null
}

/** All rows around the element, the outermost first. */
export function placeOf(element: Element, picture: Picture): Place {
  const rows: PaintedRow[] = []
  for (let at: Element | null = element; at !== null; at = at.parentElement) {
    const scope = rowsOf.get(at)
    if (scope !== undefined) rows.unshift(scope.row)
  }
  return { picture, rows }
}

/** What widgets need of the page around them. */
export interface PageScope {
  readonly client: Client | null
  readonly picture: Picture
  /** Calls `draw` now and with each picture, at most once a frame of the screen. Returns the end of it. */
  draws(draw: (picture: Picture) => void): () => void
}
