import type { PaintedRow } from '@sheetflow/client'
import { formatterOf, type Formatter, type Shown } from './format.ts'
import { showChange } from './motion.ts'
import { rowElementAround } from './scope.ts'

/**
 * Puts values of a row where a template asks for them: `<b data-field="name">`, with `data-format="#,##0.00"` if wanted. Values become text,
 * never markup. `list` is the widget that shows the row: a new row is not in the document yet, so the language around it is the widget's.
 */
export function bind(element: HTMLElement, row: PaintedRow, isNew: boolean, list: Element): void {
  for (const target of [element, ...element.querySelectorAll<HTMLElement>('[data-field]')]) {
    if (target.dataset['field'] === undefined) continue
    // What stands in a row of a list inside is that row's.
    if (rowElementAround(target) !== element) continue
    const value = row.values[target.dataset['field'] ?? ''] ?? null
    show(target, formatterFor(target, list)(value), isNew)
  }
}

/** Shows a value in an element; a different text than before is highlighted. */
export function show(target: HTMLElement, { text, kind }: Shown, isNew: boolean): void {
  if (target.dataset['sfKind'] !== kind) target.dataset['sfKind'] = kind
  if (target.textContent === text) return
  target.textContent = text
  if (!isNew) showChange(target)
}

const formatters = new WeakMap<HTMLElement, { readonly format: string | null; readonly formatter: Formatter }>()

function formatterFor(target: HTMLElement, list: Element): Formatter {
  const format = target.dataset['format'] ?? null
  const known = formatters.get(target)
  if (known?.format === format) return known.formatter
  const formatter = formatterOf(format, languageOf(target) ?? languageOf(list))
  formatters.set(target, { format, formatter })
  return formatter
}

/** The language of the element's surroundings, for numbers and dates. */
export function languageOf(element: Element): string | undefined {
  const language = element.closest('[lang]')?.getAttribute('lang')
  return language === null || language === '' ? undefined : language
}
