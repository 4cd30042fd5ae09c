import { parseFormula } from '../syntax/parse.ts'
import { printFormula } from '../syntax/print.ts'
import { applyEdits } from './edit.ts'
import { occurrencesOf } from './occurrences.ts'

/**
 * The canonical text of a formula: Excel's names of functions in capitals, one space around operators and behind commas, parentheses only
 * where they are needed. It means the same; a formula that cannot be read comes back as it is.
 */
export function format(text: string): string {
  const parsed = parseFormula(text)
  if (parsed.diagnostics.length > 0) return text
  const names = occurrencesOf(parsed, null).flatMap((one) =>
    one.kind === 'function' ? [{ range: one.range, text: one.definition.name }] : [],
  )
  return `=${printFormula(parseFormula(applyEdits(text, names)).node)}`
}
