import { SfButton } from './button-element.ts'
import { SfDiagnostics } from './diagnostics-element.ts'
import { SfList } from './list-element.ts'
import { SfPage, type WidgetHost } from './page-element.ts'
import { SfStatus } from './status-element.ts'
import { WIDGET_STYLE } from './style.ts'
import { SfTable } from './table-element.ts'
import { SfValue } from './value-element.ts'

/** Defined behind `sf-page`, which they look for; buttons before the lists that make them. */
const ELEMENTS: readonly (readonly [name: string, element: CustomElementConstructor])[] = [
  ['sf-status', SfStatus],
  ['sf-diagnostics', SfDiagnostics],
  ['sf-button', SfButton],
  ['sf-value', SfValue],
  ['sf-list', SfList],
  ['sf-table', SfTable],
]

/** Makes the widgets known to the page, with their looks. Once; a second call changes nothing. */
export function registerWidgets(host: WidgetHost): void {
  if (customElements.get('sf-page') !== undefined) return
  SfPage.host = host
  const style = new CSSStyleSheet()
  style.replaceSync(WIDGET_STYLE)
  document.adoptedStyleSheets.push(style)
  customElements.define('sf-page', SfPage)
  for (const [name, element] of ELEMENTS) customElements.define(name, element)
}
