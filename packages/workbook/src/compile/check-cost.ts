import type { CostClass } from '@sheetflow/formula/bound'
import type { Findings } from '../diagnostic.ts'
import type { ColumnFormula, SheetFile } from '../file/sheet-file.ts'

/** A formula that recomputes every row must be accepted by the sheet (DESIGN 7). */
export function checkCost(file: SheetFile, column: ColumnFormula, cost: CostClass, findings: Findings): void {
  if (cost.class !== 'whole-table' || file.cost !== null) return
  findings.error('formula/cost', column.formula.at, `each change recomputes "${column.name}" in every row`, {
    why: 'the formula reads a total that is the same for all rows: when it changes, they all do',
    fix: 'publish the total as a named value and combine both where they are read, or accept the cost: cost: {accept: whole-table, every: 5s}',
  })
}
