import type { Expr } from '@sheetflow/formula/bound'
import { recursionProblem } from '@sheetflow/formula/recursion'
import type { FileRange, Findings } from '../diagnostic.ts'

/** A formula of a column that reads itself, alone or through others of its sheet. */
export interface RecursiveFormula {
  readonly name: string
  readonly at: FileRange
  readonly expr: Expr
}

/** Says where a recursion asks for more than can be kept right row by row. `group`: the columns that read each other. */
export function checkRecursion({ name, at, expr }: RecursiveFormula, view: string, group: ReadonlySet<number>, findings: Findings): void {
  switch (recursionProblem(expr, view, group)) {
    case null:
      return
    case 'rows-depend-on-it':
      findings.error('formula/cycle', at, `which rows "${name}" reads depends on what is computed there`, {
        why: 'a column may read itself in other rows that are known before it is computed',
        fix: `search and select by columns that do not read "${name}"`,
      })
      return
    case 'asks-function':
      findings.error('formula/cycle', at, `"${name}" asks a function for what it computes itself`, {
        why: 'each row would wait for the answers of others, one after the other',
        fix: 'ask the function in a column of its own that the recursion reads',
      })
      return
    case 'no-equality':
      findings.error('formula/cycle', at, `"${name}" sums itself up over rows that are no group`, {
        why: 'a column may read itself in the rows that are equal to a value of this row',
        fix: 'read the row before with XLOOKUP(…, -1), or select by equality: SUMIFS([x], [parent], [@id])',
      })
  }
}
