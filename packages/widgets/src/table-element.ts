import type { FieldError, PaintedField, PaintedRow, Picture } from '@sheetflow/client'
import { bind, languageOf, show } from './bind.ts'
import { KeyedRows, type RowsChanged } from './keyed-rows.ts'
import { markRow } from './list-element.ts'
import { fieldAt } from './path.ts'
import { RovingFocus } from './roving-focus.ts'
import { placeOf } from './scope.ts'
import { columnsOf, type TableColumn } from './table-columns.ts'
import { drawIn } from './widget-element.ts'

/** What is said to those who listen is gathered for so long. */
const SAY_EVERY_MS = 3000

const LOADING = 'Loading…'

interface Parts {
  readonly body: HTMLElement
  readonly rows: KeyedRows
  readonly focus: RovingFocus
  readonly note: HTMLElement
  readonly said: HTMLElement
}

/**
 * `<sf-table path="customers" columns="name,spent" label="Customers">`: a list as a table. `<sf-column>` children say more about the columns. Rows are
 * walked with the arrow keys; what comes and goes is said politely.
 */
export class SfTable extends HTMLElement {
  #end: () => void = () => undefined
  #columns: readonly TableColumn[] = []
  #parts: Parts | null = null
  #unsaid = { entered: 0, left: 0 }
  #saying: ReturnType<typeof setTimeout> | null = null

  connectedCallback(): void {
    this.#columns = columnsOf(this, languageOf(this))
    this.#parts ??= this.#make()
    this.#end = drawIn(this, this)
  }

  disconnectedCallback(): void {
    this.#end()
    if (this.#saying !== null) clearTimeout(this.#saying)
    this.#saying = null
  }

  draw(picture: Picture): void {
    const field = fieldAt(placeOf(this, picture), this.getAttribute('path') ?? '')
    this.dataset['state'] = field?.state ?? picture.state
    if (this.#parts === null) return
    const { rows, focus, note } = this.#parts
    if (field === null) {
      rows.clear()
      note.textContent = absence(picture, this.getAttribute('path') ?? '')
      note.hidden = note.textContent === ''
      return
    }
    const changed = rows.draw(field, false)
    focus.refresh()
    note.textContent = noteOf(field, this.getAttribute('empty') ?? 'Nothing here.')
    note.hidden = note.textContent === ''
    this.#say(changed)
  }

  #make(): Parts {
    const table = document.createElement('table')
    const label = this.getAttribute('label')
    if (label !== null) table.setAttribute('aria-label', label)
    table.append(this.#head())
    const body = table.createTBody()
    const note = document.createElement('p')
    note.className = 'sf-note'
    note.hidden = true
    const said = document.createElement('div')
    said.className = 'sf-said'
    said.setAttribute('role', 'status')
    this.append(table, note, said)
    const rows = new KeyedRows(body, {
      create: () => this.#createRow(),
      update: (element, row, isNew) => this.#updateRow(element, row, isNew),
    })
    return { body, rows, note, said, focus: new RovingFocus(body, () => rows.elements()) }
  }

  #head(): HTMLElement {
    const head = document.createElement('thead')
    const row = head.insertRow()
    for (const { label, isNumber, className } of this.#columns) {
      const cell = document.createElement('th')
      cell.scope = 'col'
      cell.textContent = label
      cell.className = className
      cell.toggleAttribute('data-number', isNumber)
      row.append(cell)
    }
    return head
  }

  #createRow(): HTMLElement {
    const row = document.createElement('tr')
    for (const { template, isNumber, className } of this.#columns) {
      const cell = row.insertCell()
      cell.className = className
      cell.toggleAttribute('data-number', isNumber)
      if (template !== null) cell.append(document.importNode(template.content, true))
    }
    return row
  }

  #updateRow(element: HTMLElement, row: PaintedRow, isNew: boolean): void {
    markRow(element, row)
    for (const [i, { field, formatter, template }] of this.#columns.entries()) {
      const cell = element.children[i]
      if (cell instanceof HTMLElement && template === null && field !== null) show(cell, formatter(row.values[field] ?? null), isNew)
    }
    bind(element, row, isNew, this)
  }

  #say({ entered, left }: RowsChanged): void {
    this.#unsaid.entered += entered
    this.#unsaid.left += left
    if (this.#unsaid.entered + this.#unsaid.left === 0 || this.#saying !== null) return
    this.#saying = setTimeout(() => {
      this.#saying = null
      const { entered: came, left: went } = this.#unsaid
      this.#unsaid = { entered: 0, left: 0 }
      if (this.#parts !== null)
        this.#parts.said.textContent = [came > 0 ? `${came} came` : '', went > 0 ? `${went} left` : ''].filter(Boolean).join(', ')
    }, SAY_EVERY_MS)
  }
}

/** Why there is no list: the page as a whole has failed, nothing has been answered yet (or nothing to this reader), or the query does not ask for it. */
function absence({ error, state }: Picture, path: string): string {
  if (error !== null) return errorText(error)
  if (state === 'loading') return LOADING
  return path.includes('[].') ? '' : `The query has no "${path}".`
}

/** What stands below the rows: why there are none. */
function noteOf({ error, state, progress, rows }: PaintedField, empty: string): string {
  if (state === 'loading') return progress === null ? LOADING : `${LOADING} ${Math.round(progress * 100)} %`
  if (error !== null) return errorText(error)
  return rows.length === 0 ? empty : ''
}

function errorText({ message, fix }: FieldError): string {
  return fix === undefined ? message : `${message}. ${fix}`
}
