import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Node } from '@sheetflow/formula/syntax/node'
import { parseFormula } from '@sheetflow/formula/syntax/parse'
import { conversion } from '@sheetflow/formula/value/convert'
import { gridOf } from '@sheetflow/formula/value/grid'
import { ANY } from '@sheetflow/formula/value/type-rules'
import { readFormula } from '@sheetflow/testkit/recalc/formula'
import { CellsRow } from '@sheetflow/testkit/recalc/model'
import type { Names } from '@sheetflow/testkit/recalc/names'
import type { ExcelBook, Place } from '@sheetflow/workbook/excel/book'
import { BookScope } from '@sheetflow/workbook/excel/cell-scope'
import { countingHidden } from '@sheetflow/workbook/excel/hidden-blanks'
import { readBook } from '@sheetflow/workbook/excel/read-book'
import { isSame } from '@sheetflow/workbook/excel/same-value'
import { shifted } from '@sheetflow/workbook/excel/shift'
import { withoutTables } from '@sheetflow/workbook/excel/table-references'

/** Each file is looked at up to so many formula cells: some have tens of thousands of one kind. */
const CELLS_OF_A_FILE = 500
const CELLS: ReadonlySet<string> = new Set(['cell', 'cells', 'union', 'intersection', 'spill'])

/** How many formula cells of Excel's files the oracle computes, and how many of those as Excel did. */
export interface CorpusShare {
  readonly cells: number
  readonly computed: number
  readonly equal: number
}

/** The oracle's formulas over the cells of Excel files: what it says is measured too. A line for each file in which something differs. */
export async function corpusShare(folder: string, say: (line: string) => void): Promise<CorpusShare> {
  const names = await readdir(folder, { recursive: true })
  let [cells, computed, equal] = [0, 0, 0]
  for (const name of names.filter((one) => one.endsWith('.xlsx')).sort()) {
    const share = shareOf(await readBook(new Uint8Array(await readFile(path.join(folder, name)))))
    cells += share.cells
    computed += share.computed
    equal += share.equal
    if (share.equal < share.cells) say(`${share.equal} of ${share.computed} computed, ${share.cells} cells: ${name}${share.first}`)
  }
  return { cells, computed, equal }
}

function shareOf(book: ExcelBook): CorpusShare & { readonly first: string } {
  let [cells, computed, equal, first] = [0, 0, 0, '']
  for (const [index, sheet] of book.sheets.entries()) {
    for (const { row, column, cell } of sheet.cells()) {
      if (cell.formula === null || cells >= CELLS_OF_A_FILE) continue
      cells += 1
      const place = { sheet: index, row, column }
      const { text, down, across, rows, columns } = cell.formula
      const parsed = parseFormula(`=${text}`, { dialect: 'excel' })
      const scope = new BookScope(book, place, cell.formula.array)
      const node = countingHidden(withoutTables(shifted(parsed.node, down, across), book, place), (range) => scope.hidden(range))
      try {
        const formula = readFormula(node, namesOf(scope), { own: null, filtered: null })
        const serials = conversion(formula.type, ANY)
        const made = gridOf(formula.run(new CellsRow([])))
        const grid = serials === null ? made : made.map(serials)
        computed += 1
        const isOne = grid.rows === 1 && grid.columns === 1
        const places = Array.from({ length: rows * columns }, (_, at): Place => ({
          sheet: index,
          row: row + Math.floor(at / columns),
          column: column + (at % columns),
        }))
        const same = places.every((one) =>
          isSame(sheet.value(one.row, one.column), isOne ? grid.at(0, 0) : grid.at(one.row - row, one.column - column)),
        )
        if (same) equal += 1
        else if (first === '') first = `, =${text}`
      } catch (error) {
        if (first === '') first = `, =${text}: ${error instanceof Error ? error.message : String(error)}`
      }
    }
  }
  return { cells, computed, equal, first }
}

function namesOf(scope: BookScope): Names {
  const isCells = (node: Node): boolean => CELLS.has(node.kind) || (node.kind === 'binary' && node.op === ':')
  return {
    timeZone: scope.timeZone,
    now: { days: 0, micros: 0 },
    relation: () => null,
    named: (name) => {
      const found = scope.named(name)
      return found?.kind === 'function' ? { kind: 'lambda', node: found.node } : null
    },
    cells: (node, single) => {
      if (node.kind === 'call') return scope.call(node)
      const inline = node.kind === 'name' ? scope.named(node.name) : null
      const target = inline?.kind === 'inline' ? inline.node : node
      if (!isCells(target)) return null
      const expr = scope.reference(target, single)
      return target.kind === 'cell' && single && expr.kind === 'grid'
        ? { kind: 'const', value: expr.grid.at(0, 0), type: expr.type, nullable: expr.nullable }
        : expr
    },
  }
}
