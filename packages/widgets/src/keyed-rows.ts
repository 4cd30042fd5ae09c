import type { PaintedField, PaintedRow } from '@sheetflow/client'
import { showEnter, showLeave } from './motion.ts'
import { enterRow } from './scope.ts'

/** How one row is made and kept right. */
export interface RowDrawing {
  /** A new element for a row. Its content is drawn by `update`, which follows at once. */
  create(): HTMLElement
  update(element: HTMLElement, row: PaintedRow, isNew: boolean): void
}

/** What changed in a list, for those who cannot see the highlights. */
export interface RowsChanged {
  readonly entered: number
  readonly left: number
}

interface Shown {
  readonly element: HTMLElement
  row: PaintedRow
  /** Keeps the element if it is on its way out. */
  keep: (() => void) | null
}

/**
 * The elements of a list, one per row, reused by key: a row that only moves keeps its element, with focus and state. Rows that leave fade out at
 * their place.
 */
export class KeyedRows {
  readonly #parent: HTMLElement
  readonly #drawing: RowDrawing
  readonly #shown = new Map<string, Shown>()
  #isFilled = false

  constructor(parent: HTMLElement, drawing: RowDrawing) {
    this.#parent = parent
    this.#drawing = drawing
  }

  /** Elements of rows that are in the list, in its order. */
  elements(): HTMLElement[] {
    return [...this.#parent.children].filter(
      (child): child is HTMLElement => child instanceof HTMLElement && !child.hasAttribute('data-sf-gone'),
    )
  }

  /** Shows these rows. `again`: also those that did not change (another language, another column). */
  draw(field: PaintedField, again: boolean): RowsChanged {
    const ids = new Set(field.rows.map((row) => row.id))
    let left = 0
    for (const [id, shown] of this.#shown) {
      if (ids.has(id) || shown.keep !== null) continue
      left += 1
      this.#leave(id, shown)
    }
    let entered = 0
    let place: Element | null = this.#parent.firstElementChild
    for (const row of field.rows) {
      const known = this.#shown.get(row.id)
      const shown = known ?? this.#enter(row)
      if (known === undefined) entered += 1
      enterRow(shown.element, { row, field })
      if (known === undefined || again || shown.row !== row) this.#drawing.update(shown.element, row, known === undefined)
      shown.row = row
      shown.keep?.()
      shown.keep = null
      // Elements on their way out keep their places between the others.
      while (place !== null && place !== shown.element && place.hasAttribute('data-sf-gone')) place = place.nextElementSibling
      if (place === shown.element) place = place.nextElementSibling
      else this.#parent.insertBefore(shown.element, place)
      if (known === undefined && this.#isFilled) showEnter(shown.element)
    }
    // What is there first has not come.
    this.#isFilled ||= field.state !== 'loading'
    return { entered, left }
  }

  /** Takes all rows away at once, those on their way out too: they are nobody's to see any more. */
  clear(): void {
    for (const { element, keep } of this.#shown.values()) {
      keep?.()
      element.remove()
    }
    this.#shown.clear()
    this.#isFilled = false
  }

  #enter(row: PaintedRow): Shown {
    const shown = { element: this.#drawing.create(), row, keep: null }
    this.#shown.set(row.id, shown)
    return shown
  }

  #leave(id: string, shown: Shown): void {
    let isOver = false
    const keep = showLeave(shown.element, () => {
      isOver = true
      this.#shown.delete(id)
      shown.element.remove()
    })
    if (!isOver) shown.keep = keep
  }
}
