import type { PaintedRow, Picture } from '@sheetflow/client'
import { bind } from './bind.ts'
import { KeyedRows } from './keyed-rows.ts'
import { fieldAt } from './path.ts'
import { placeOf } from './scope.ts'
import { drawIn } from './widget-element.ts'

/**
 * `<sf-list path="customers[].open"><template>…</template></sf-list>`: one copy of the template per row, its first element being the row's.
 * Inside, `data-field` shows values, and widgets stand in that row (`<sf-button>`, `<sf-list path="[].lines">`). A second template with
 * `data-empty` is shown when there are no rows.
 */
export class SfList extends HTMLElement {
  #end: () => void = () => undefined
  #rows: KeyedRows | null = null
  #box: HTMLElement | null = null

  connectedCallback(): void {
    this.#box ??= this.#makeBox()
    this.#rows ??= new KeyedRows(this.#box, {
      create: () => this.#create(),
      update: (element, row, isNew) => this.#update(element, row, isNew),
    })
    this.#end = drawIn(this, this)
  }

  disconnectedCallback(): void {
    this.#end()
  }

  draw(picture: Picture): void {
    const field = fieldAt(placeOf(this, picture), this.getAttribute('path') ?? '')
    this.dataset['state'] = field?.state ?? picture.state
    if (field === null) this.#rows?.clear()
    if (field === null || this.#rows === null) return
    this.#rows.draw(field, false)
    this.toggleAttribute('empty', field.rows.length === 0)
  }

  #makeBox(): HTMLElement {
    const box = document.createElement('div')
    box.setAttribute('role', 'list')
    box.className = 'sf-list'
    const empty = this.querySelector<HTMLTemplateElement>(':scope > template[data-empty]')
    this.append(box)
    if (empty !== null) {
      const note = document.createElement('div')
      note.className = 'sf-empty'
      note.append(document.importNode(empty.content, true))
      this.append(note)
    }
    return box
  }

  #create(): HTMLElement {
    const template = this.querySelector<HTMLTemplateElement>(':scope > template:not([data-empty])')
    const copy = template === null ? null : document.importNode(template.content, true).firstElementChild
    const element = copy instanceof HTMLElement ? copy : document.createElement('div')
    element.setAttribute('role', 'listitem')
    return element
  }

  #update(element: HTMLElement, row: PaintedRow, isNew: boolean): void {
    markRow(element, row)
    bind(element, row, isNew, this)
  }
}

/** For styles: is a command on its way for the row, and will it take it away? */
export function markRow(element: HTMLElement, row: PaintedRow): void {
  element.toggleAttribute('data-pending', row.pending.length > 0)
  element.toggleAttribute('data-leaving', row.leaving)
}
