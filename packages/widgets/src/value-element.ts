import type { Picture } from '@sheetflow/client'
import { languageOf, show } from './bind.ts'
import { formatterOf, type Formatter } from './format.ts'
import { valueAt } from './path.ts'
import { placeOf } from './scope.ts'
import { drawIn } from './widget-element.ts'

/** `<sf-value path="sales_values.open_total" format="#,##0.00">`: one value, read out politely when it changes. */
export class SfValue extends HTMLElement {
  #end: () => void = () => undefined
  #formatter: Formatter | null = null
  #isFilled = false

  connectedCallback(): void {
    if (!this.hasAttribute('aria-live')) this.setAttribute('aria-live', 'polite')
    this.#formatter = formatterOf(this.getAttribute('format'), languageOf(this))
    this.#end = drawIn(this, this)
  }

  disconnectedCallback(): void {
    this.#end()
  }

  draw(picture: Picture): void {
    const { value, field, row } = valueAt(placeOf(this, picture), this.getAttribute('path') ?? '')
    const state = field?.state ?? picture.state
    this.toggleAttribute('aria-busy', row === null && state === 'loading')
    this.dataset['state'] = state
    if (row === null || this.#formatter === null) return
    show(this, this.#formatter(value), !this.#isFilled)
    this.#isFilled = true
  }
}
