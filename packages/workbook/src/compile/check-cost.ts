import type { CostClass, Expr } from '@sheetflow/formula/bound'
import { partsOf } from '@sheetflow/formula/expr-parts'
import type { FileRange, Findings } from '../diagnostic.ts'

/** A formula whose cost is looked at. */
export interface CostedFormula {
  /** The column or named value. */
  readonly name: string
  readonly at: FileRange
  readonly expr: Expr
  readonly cost: CostClass
  /** Has the file said that it may cost that much? */
  readonly accepted: boolean
  /** A named value: computed once, not in every row. */
  readonly isValue: boolean
}

const ACCEPT = 'accept the cost: cost: {accept: whole-table, every: 5s}'

/** Functions of which the same is an index over one more column. */
const OF_A_COLUMN: ReadonlySet<string> = new Set(['SUM', 'COUNT', 'COUNTA', 'AVERAGE', 'MIN', 'MAX', 'MEDIAN', 'LARGE', 'SMALL'])

/** A formula that reads a whole table at each change must be accepted by its file. */
export function checkCost({ name, at, expr, cost, accepted, isValue }: CostedFormula, findings: Findings): void {
  if (cost.class !== 'whole-table' || accepted) return
  if (readsMinute(expr)) {
    findings.error('formula/cost', at, `each minute recomputes "${name}" in every row`, {
      why: 'NOW() is another value each minute, and the same for all rows',
      fix: `write TODAY() if the day is enough, or ${ACCEPT}`,
    })
    return
  }
  const array = overArray(expr)
  if (array === null) {
    findings.error('formula/cost', at, `each change recomputes "${name}" in every row`, {
      why: 'the formula reads a total that is the same for all rows: when it changes, they all do',
      fix: `publish the total as a named value and combine both where they are read, or ${ACCEPT}`,
    })
    return
  }
  findings.error('formula/cost', at, `each change of ${array.table} computes "${name}" anew from all of its rows`, {
    why: `${array.fn} takes whole columns as arrays, which no index keeps right`,
    fix: `${cheaper(array.fn, isValue)}${ACCEPT}`,
  })
}

function cheaper(fn: string, isValue: boolean): string {
  if (fn === 'SUMPRODUCT') return 'add a column with the product to the rows and take its SUM (conditions: SUMIFS, COUNTIFS), or '
  if (OF_A_COLUMN.has(fn)) return `add a column with what is computed per row and take its ${fn}, or `
  return isValue ? '' : 'compute it once, as a named value of the workbook, or '
}

function readsMinute(expr: Expr): boolean {
  return (expr.kind === 'clock' && expr.unit === 'minute') || partsOf(expr).some(readsMinute)
}

/** The first function that is given whole columns, and of which table. */
function overArray(expr: Expr, fn = 'the formula'): { readonly fn: string; readonly table: string } | null {
  if (expr.kind === 'columns') return { fn, table: expr.relation }
  const inner = (expr.kind === 'call' || expr.kind === 'over') && /^[A-Z]/.test(expr.fn) && !isLifted(expr) ? expr.fn : fn
  for (const part of partsOf(expr)) {
    const found = overArray(part, inner)
    if (found !== null) return found
  }
  return null
}

/** Is it run for each cell of an array, so that what counts is who takes the array that it gives? */
function isLifted(expr: Expr): boolean {
  return expr.array === true
}
