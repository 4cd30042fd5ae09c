/** The public face of the widgets: custom elements that show live views. */

export { SfButton } from './button-element.ts'
export { SfDiagnostics } from './diagnostics-element.ts'
export { formatterOf } from './format.ts'
export type { Formatter, Shown } from './format.ts'
export { SfList } from './list-element.ts'
export { SfPage } from './page-element.ts'
export type { WidgetHost } from './page-element.ts'
export { registerWidgets } from './register.ts'
export { SfStatus } from './status-element.ts'
export { SfTable } from './table-element.ts'
export { SfValue } from './value-element.ts'
