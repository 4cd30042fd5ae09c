import { isCellError } from '@sheetflow/core/cell-error'
import type { Value } from '@sheetflow/core/value'
import { evaluate } from '@sheetflow/formula/calculator/calculate'
import { PlainHost } from '@sheetflow/formula/calculator/plain-host'
import { unreachable } from '@sheetflow/core/assert'
import type { FormulaDiagnostic } from '@sheetflow/formula/diagnostic'
import { gridOf } from '@sheetflow/formula/value/grid'
import { conversion } from '@sheetflow/formula/value/convert'
import { ANY } from '@sheetflow/formula/value/type-rules'
import { parseFormula } from '@sheetflow/formula/syntax/parse'
import { addressOf } from './address.ts'
import type { ExcelBook, ExcelFormula, Place } from './book.ts'
import { BookScope } from './cell-scope.ts'
import { countingHidden } from './hidden-blanks.ts'
import { isSame, shownValue } from './same-value.ts'
import { shifted } from './shift.ts'
import { withoutTables } from './table-references.ts'

/** A formula cell whose value is not Excel's. */
export interface Difference {
  readonly sheet: string
  readonly cell: string
  readonly formula: string
  readonly expected: string
  readonly got: string
}

/** What became of the formula cells of a book. `cells = equal + different + those of `unsupported``. */
export interface BookCheck {
  readonly cells: number
  readonly equal: number
  readonly different: readonly Difference[]
  /** Cells that call functions which are not there, by function. */
  readonly unsupported: readonly { readonly function: string; readonly count: number }[]
}

/**
 * Computes each formula cell of a book, by the language of sheets, from what Excel had cached in the other cells, and compares with what it had cached in the
 * cell. At most `limit` cells are looked at.
 */
export function checkBook(book: ExcelBook, limit: number = Infinity): BookCheck {
  const different: Difference[] = []
  const unsupported = new Map<string, number>()
  let cells = 0
  let equal = 0
  for (const [index, sheet] of book.sheets.entries()) {
    for (const { row, column, cell } of sheet.cells()) {
      if (cell.formula === null || cells >= limit) continue
      cells++
      const outcome = checkCell(book, { sheet: index, row, column }, cell.formula)
      if (outcome === null) equal++
      else if ('missing' in outcome) unsupported.set(outcome.missing, (unsupported.get(outcome.missing) ?? 0) + 1)
      else different.push({ sheet: sheet.name, cell: addressOf(row, column), formula: `=${cell.formula.text}`, ...outcome })
    }
  }
  return { cells, equal, different, unsupported: [...unsupported].map(([name, count]) => ({ function: name, count })) }
}

type Outcome = null | { readonly missing: string } | { readonly expected: string; readonly got: string }

function checkCell(book: ExcelBook, place: Place, formula: ExcelFormula): Outcome {
  const parsed = parseFormula(`=${formula.text}`, { dialect: 'excel' })
  const scope = new BookScope(book, place, formula.array)
  const host = new PlainHost(() => unreachable(undefined as never), { days: 0, micros: 0 })
  const cells = withoutTables(shifted(parsed.node, formula.down, formula.across), book, place)
  const node = countingHidden(cells, (range) => scope.hidden(range))
  const { value, type, diagnostics } = evaluate({ ...parsed, node }, scope, host, [])
  const expected = cached(book, place, formula)
  const problem = diagnostics.find((one) => one.severity === 'error')
  if (problem !== undefined) return outcomeOf(problem, formula.text, expected[0] ?? null)
  const convert = conversion(type.type, ANY)
  const grid = gridOf(value)
  const got = expected.map((_, index) => {
    const cell =
      grid.rows === 1 && grid.columns === 1 ? grid.at(0, 0) : grid.at(Math.floor(index / formula.columns), index % formula.columns)
    return convert === null ? cell : convert(cell)
  })
  const wrong = expected.findIndex((one, index) => !isSame(one, got[index] ?? null))
  return wrong < 0 ? null : { expected: shownValue(expected[wrong] ?? null), got: shownValue(got[wrong] ?? null) }
}

/** What Excel had in the cells that the formula fills. */
function cached(book: ExcelBook, { sheet, row, column }: Place, { rows, columns }: ExcelFormula): readonly Value[] {
  return Array.from(
    { length: rows * columns },
    (_, index) => book.sheets[sheet]?.value(row + Math.floor(index / columns), column + (index % columns)) ?? null,
  )
}

/** A formula that is refused: a function that is not there, `#NAME?` where Excel says so too, else a difference. */
function outcomeOf({ code, message, range }: FormulaDiagnostic, text: string, expected: Value): Outcome {
  if (isCellError(expected) && expected.kind === '#NAME?' && (code === 'formula/unknown-function' || code === 'formula/unknown-name'))
    return null
  if (code === 'formula/unknown-function' || code === 'formula/not-allowed')
    return {
      missing: text
        .slice(range.start - 1, range.end - 1)
        .replace(/\(.*$/s, '')
        .replace(/_xl\w+\./gi, '')
        .toUpperCase(),
    }
  return { expected: shownValue(expected), got: `refused: ${message}` }
}
