import { parseFormula } from '@sheetflow/formula/syntax/parse'
import type { ExcelFormula, Place } from '../excel/book.ts'
import type { Draft, DraftColumn, DraftTable, DraftValue } from './draft.ts'
import { normalForm } from './normal-form.ts'
import { cellsOf } from './table-rows.ts'
import { translate, translateNode, type NamedValues } from './translate.ts'

/** More single cells are no named values: they are a table that does not look like one. */
const MAX_VALUES = 1000

/** Gives each column and named value of the draft its formula where it has one of ours; what has none is a problem and keeps its value. */
export function planFormulas(draft: Draft): void {
  const names = planNames(draft)
  for (const table of draft.tables) for (const column of table.columns) planColumn(draft, names, table, column)
  for (const [index, sheet] of draft.book.sheets.entries()) {
    for (const { row, column, cell } of sheet.cells()) {
      const place = { sheet: index, row, column }
      const isNamed = cell.formula !== null || (isParameter(cell.value) && draft.hasLabel(place))
      if (!isNamed || draft.tableAt(place) !== null || draft.isValue(place)) continue
      if (draft.values.length < MAX_VALUES) draft.valueAt(place)
      else if (cell.formula !== null)
        draft.problem(place, row, cell.formula, `the book has more than ${MAX_VALUES} single cells`, 'make them tables')
    }
  }
  // The list grows while it is gone through: a formula may ask for cells that were no values yet.
  for (let index = 0; index < draft.values.length; index++) {
    const value = draft.values[index]
    if (value !== undefined && value.place !== null) planValue(draft, names, value, value.place)
  }
}

function isParameter(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean'
}

/** Defined names: constants, formulas and functions. Those of cells are written out where they stand. */
function planNames(draft: Draft): NamedValues {
  const names = new Map<string, DraftValue>()
  const waiting: (() => void)[] = []
  for (const [name, text] of draft.book.names) {
    if (/(?:^|!)_xlnm\./.test(name)) continue
    const { node, diagnostics } = parseFormula(`=${text}`, { dialect: 'excel' })
    if (node.kind === 'cell' || node.kind === 'cells' || node.kind === 'reference') continue
    const isFunction = node.kind === 'call' && node.name.toUpperCase() === 'LAMBDA'
    const value = draft.addName(draft.book.spelling.get(name) ?? name, isFunction, null)
    names.set(name, value)
    const sheet = draft.book.sheets.findIndex((one) => name.startsWith(`${one.name.toLowerCase()}!`))
    const place: Place = { sheet: Math.max(0, sheet), row: 1, column: 1 }
    waiting.push(() => {
      const broken = diagnostics[0]
      const found = broken === undefined ? translateNode(draft, names, place, node, null) : { why: broken.message, fix: 'mend it in Excel' }
      if ('formula' in found) value.formula = found.formula
      else dropName(draft, value, text, `the name ${name}: ${found.why}`, found.fix)
    })
  }
  for (const plan of waiting) plan()
  return names
}

/** A defined name for which there is nothing: formulas that use it will not be there either. */
export function dropName(draft: Draft, value: DraftValue, text: string, reason: string, fix: string): void {
  draft.values.splice(draft.values.indexOf(value), 1)
  draft.problems.push({ code: 'workbook/shape', sheet: '', cell: value.name, formula: `=${text}`, reason, fix })
}

function planValue(draft: Draft, names: NamedValues, value: DraftValue, place: Place): void {
  const formula = draft.cell(place)?.formula ?? null
  if (formula === null) return
  const found = translate(draft, names, place, formula, null)
  if ('formula' in found) value.formula = found.formula
  else draft.problem(place, place.row, formula, found.why, found.fix)
}

function planColumn(draft: Draft, names: NamedValues, table: DraftTable, column: DraftColumn): void {
  const { sheet, top, bottom } = table.region.area
  const formulas = cellsOf(draft.book.sheets[sheet], top, bottom, column.at).map((cell) => cell?.formula ?? null)
  const [first] = formulas
  if (formulas.every((formula) => formula === null)) return
  const forms = formulas.map((formula, index) => (formula === null ? null : normalForm(formula, top + index, column.at)))
  const isOne = forms.every((form) => form !== null && form === forms[0])
  if (!isOne || first === null || first === undefined) {
    const why = forms.includes(null) ? 'other cells of the column hold values' : 'the cells of the column hold different formulas'
    reportRuns(draft, table, column, forms, formulas, why)
    return
  }
  const found = translate(draft, names, { sheet, row: top, column: column.at }, first, table)
  if ('formula' in found) column.formula = found.formula
  else draft.problem({ sheet, row: top, column: column.at }, bottom, first, found.why, found.fix)
}

/** One problem for each run of cells with the same formula. */
function reportRuns(
  draft: Draft,
  table: DraftTable,
  column: DraftColumn,
  forms: readonly (string | null)[],
  formulas: readonly (ExcelFormula | null)[],
  why: string,
): void {
  const { sheet, top } = table.region.area
  for (let from = 0; from < forms.length; from++) {
    const form = forms[from]
    if (form === null) continue
    let to = from
    while (to + 1 < forms.length && forms[to + 1] === form) to++
    const place = { sheet, row: top + from, column: column.at }
    draft.problem(place, top + to, formulas[from] ?? null, why, 'use one formula for the whole column: IF can tell the rows apart')
    from = to
  }
}
