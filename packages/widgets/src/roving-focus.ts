/** What can be pressed inside a row. */
const PRESSABLE = 'button, a[href], input, select, summary'

/**
 * Moves the focus between rows with the arrow keys: one row is in the tab order at a time, with what can be pressed in it; Enter presses the
 * first of these. A row that goes hands the focus to its neighbour.
 */
export class RovingFocus {
  readonly #rows: () => HTMLElement[]
  #active: HTMLElement | null = null
  #index = 0
  #hadFocus = false

  /** `rows` are those of `body` that can be reached, in order. */
  constructor(body: HTMLElement, rows: () => HTMLElement[]) {
    this.#rows = rows
    body.addEventListener('keydown', (event) => this.#press(event))
    body.addEventListener('focusin', (event) => {
      this.#hadFocus = true
      const row = this.#rows().find((one) => event.target instanceof Node && one.contains(event.target))
      if (row !== undefined) this.#activate(row)
    })
    body.addEventListener('focusout', (event) => {
      // The focus of an element that is taken out of the document goes nowhere: that is no decision of the reader's.
      if (event.relatedTarget !== null || (event.target instanceof Node && event.target.isConnected && document.hasFocus()))
        this.#hadFocus = false
    })
  }

  /** The rows were drawn anew. */
  refresh(): void {
    const rows = this.#rows()
    const kept = this.#active !== null && rows.includes(this.#active)
    const next = kept ? this.#active : (rows[Math.min(this.#index, rows.length - 1)] ?? null)
    for (const row of rows) if (row !== next && (row.tabIndex !== -1 || row.dataset['sfRoving'] === undefined)) setReachable(row, false)
    if (next === null) {
      this.#active = null
      return
    }
    this.#index = rows.indexOf(next)
    this.#active = next
    setReachable(next, true)
    if (!kept && this.#hadFocus) next.focus()
  }

  #activate(row: HTMLElement): void {
    if (this.#active === row) return
    if (this.#active !== null) setReachable(this.#active, false)
    this.#active = row
    this.#index = this.#rows().indexOf(row)
    setReachable(row, true)
  }

  #press(event: KeyboardEvent): void {
    const rows = this.#rows()
    const at = this.#active === null ? -1 : rows.indexOf(this.#active)
    if (event.key === 'Enter' && event.target === this.#active) {
      this.#active?.querySelector<HTMLElement>(PRESSABLE)?.click()
      event.preventDefault()
      return
    }
    const to = TARGETS[event.key]?.(at, rows.length - 1)
    if (to === undefined || at < 0) return
    event.preventDefault()
    rows[Math.max(0, Math.min(rows.length - 1, to))]?.focus()
  }
}

const PAGE_ROWS = 10

const TARGETS: Readonly<Record<string, (at: number, last: number) => number>> = {
  ArrowDown: (at) => at + 1,
  ArrowUp: (at) => at - 1,
  PageDown: (at) => at + PAGE_ROWS,
  PageUp: (at) => at - PAGE_ROWS,
  Home: () => 0,
  End: (_at, last) => last,
}

function setReachable(row: HTMLElement, isReachable: boolean): void {
  row.tabIndex = isReachable ? 0 : -1
  row.dataset['sfRoving'] = ''
  for (const inner of row.querySelectorAll<HTMLElement>(PRESSABLE)) inner.tabIndex = isReachable ? 0 : -1
}
