import { isMap, isScalar, parseDocument, type Document, type Pair } from 'yaml'
import { SHEET_SHAPE, WORKBOOK_SHAPE } from '../file/shape.ts'
import { usesReferences } from '../file/yaml-file.ts'
import { withoutTraps } from './without-traps.ts'

/**
 * A file of a workbook in its canonical form: keys in the order of FORMATS 7, formulas that YAML would misread as blocks, comments kept.
 * Formatting twice changes nothing more. A file that is no YAML even without its traps comes back as it is, with `changed` false.
 */
export function formatFile(path: string, text: string): { readonly text: string; readonly changed: boolean } {
  let formatted = text
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const next = formatOnce(path, formatted)
    if (next === null) return { text, changed: false }
    if (next === formatted) break
    formatted = next
  }
  return { text: formatted, changed: formatted !== text }
}

/** Writing a file anew may put a comment behind a formula, which is a trap again: the next pass sees it. */
const MAX_PASSES = 4

function formatOnce(path: string, text: string): string | null {
  const safe = withoutTraps(text.replaceAll('\r\n', '\n'))
  const document = parseDocument(safe, { schema: 'failsafe', prettyErrors: false })
  if (document.errors.length > 0 || document.contents === null || usesReferences(document.contents)) return null
  orderKeys(document, path)
  return document.toString({ lineWidth: 0, flowCollectionPadding: false, indent: 2 })
}

function orderKeys(document: Document, path: string): void {
  const { contents } = document
  if (!isMap(contents)) return
  const shape = /(^|\/)workbook\.ya?ml$/.test(path) ? WORKBOOK_SHAPE : SHEET_SHAPE
  const rank = (pair: Pair): number => {
    const index = shape.fields.findIndex((field) => isScalar(pair.key) && field.name === pair.key.value)
    return index < 0 ? shape.fields.length : index
  }
  contents.items = contents.items.toSorted((a, b) => rank(a) - rank(b))
  const first = contents.items[0]?.key
  if (isScalar(first)) first.spaceBefore = false
}
