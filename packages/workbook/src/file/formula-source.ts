import type { Scalar } from 'yaml'
import { parseFormula, type ParsedFormula } from '@sheetflow/formula/syntax/parse'
import type { FormulaDiagnostic, Range } from '@sheetflow/formula/diagnostic'
import type { FileRange, Finding } from '../diagnostic.ts'
import { placeOf, rangeOf, type YamlFile } from './yaml-file.ts'

/** A formula as it stands in a file: read, and with the way back from its text to the file. */
export interface FormulaSource {
  readonly parsed: ParsedFormula
  /** The whole scalar, quotes and all. */
  readonly at: FileRange
  /** The place in the file of a part of the formula's text. */
  place(range: Range): FileRange
}

/** The formula that a scalar holds. */
export function formulaSource(file: YamlFile, scalar: Scalar, text: string): FormulaSource {
  const { start, end } = rangeOf(scalar)
  let offsets: readonly number[] | undefined
  return {
    parsed: parseFormula(text),
    at: placeOf(file, scalar),
    place: (range) => {
      offsets ??= align(file.text, scalar, text, start, end)
      const from = offsets[Math.min(range.start, text.length)] ?? start
      const to = range.end > range.start ? (offsets[Math.min(range.end, text.length) - 1] ?? from) + 1 : from + 1
      return { file: file.path, start: from, end: to }
    },
  }
}

/** A finding of the formula as one of its file. */
export function formulaFinding(source: FormulaSource, { range, ...rest }: FormulaDiagnostic): Finding {
  return { ...rest, at: source.place(range) }
}

/** How far an escape or an indentation may put a character off. */
const REACH = 200

/**
 * For each character of the scalar's value its offset in the file, and one more for the end: quotes, escapes and indentation lie between.
 * A character that stands there in another form (`\n`) counts as where the last one was.
 */
function align(source: string, scalar: Scalar, value: string, start: number, end: number): number[] {
  const isBlock = scalar.type === 'BLOCK_LITERAL' || scalar.type === 'BLOCK_FOLDED'
  let at = isBlock ? source.indexOf('\n', start) + 1 : scalar.type === 'PLAIN' ? start : start + 1
  const offsets: number[] = []
  for (const char of value.split('')) {
    const found = source.indexOf(char, at)
    if (found >= 0 && found < Math.min(end, at + REACH)) at = found
    offsets.push(at)
    at = Math.min(at + 1, end)
  }
  offsets.push(at)
  return offsets
}
