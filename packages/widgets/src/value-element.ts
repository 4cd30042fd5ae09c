import type { Picture } from '@sheetflow/client'
import { languageOf, show } from './bind.ts'
import { formatterOf, type Formatter } from './format.ts'
import { valueAt } from './path.ts'
import { placeOf } from './scope.ts'
import { drawIn } from './widget-element.ts'

/**
 * `<sf-value path="sales_values.open_total" format="#,##0.00">`: one value. A page that wants its changes read out says
 * `aria-live="polite"`: what changes several times a second would not let anybody listen to anything else.
 */
export class SfValue extends HTMLElement {
  #end: () => void = () => undefined
  #formatter: Formatter | null = null
  #isFilled = false

  connectedCallback(): void {
    this.#formatter = formatterOf(this.getAttribute('format'), languageOf(this))
    this.#end = drawIn(this, this)
  }

  disconnectedCallback(): void {
    this.#end()
  }

  draw(picture: Picture): void {
    const { value, field, row } = valueAt(placeOf(this, picture), this.getAttribute('path') ?? '')
    const state = field?.state ?? picture.state
    if (row === null && state === 'loading') this.setAttribute('aria-busy', 'true')
    else this.removeAttribute('aria-busy')
    this.dataset['state'] = state
    if (field === null && row === null && this.#isFilled) {
      // Somebody else reads.
      this.textContent = ''
      this.#isFilled = false
    }
    if (row === null || this.#formatter === null) return
    show(this, this.#formatter(value), !this.#isFilled)
    this.#isFilled = true
  }
}
