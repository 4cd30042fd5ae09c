import { Diagnostics, type FormulaDiagnostic } from '../diagnostic.ts'
import type { Node } from '../syntax/node.ts'
import type { ParsedFormula } from '../syntax/parse.ts'
import { bindInBudget } from '../value/budget.ts'
import { bindChain, type RowsBinding, type RowsChain } from './rows-chain.ts'
import { bindDistinct, bindMerge, bindStack, pivotGroups } from './rows-derived.ts'
import type { DistinctRowsFormula, MergeRowsFormula, StackRowsFormula } from './rows-derived.ts'
import { isRowsOfTheirOwn } from './rows-signature.ts'
import type { Scope } from './scope.ts'

/** Where the rows of a sheet come from: rows of one relation, or rows that are made of others. `rows-layout.ts` says what their columns are. */
export type RowsFormula = { readonly kind: 'chain'; readonly input: RowsChain } | DistinctRowsFormula | StackRowsFormula | MergeRowsFormula

/** The formula of `rows:`, bound. */
export interface BoundRowsFormula {
  /** Null after an error. */
  readonly rows: RowsFormula | null
  readonly diagnostics: readonly FormulaDiagnostic[]
}

/** Binds the formula of `rows:`. Of PIVOTBY the rows: its columns are formulas of their own, which `workbook` adds to the sheet. */
export function bindRows(formula: ParsedFormula, scope: Scope): BoundRowsFormula {
  const diagnostics = new Diagnostics()
  for (const one of formula.diagnostics) diagnostics.add(one)
  const rows = bindInBudget(() => bindNode({ scope, diagnostics }, formula.node))
  return { rows: diagnostics.hasErrors ? null : rows, diagnostics: diagnostics.all }
}

function bindNode(binding: RowsBinding, node: Node): RowsFormula | null {
  if (node.kind !== 'call') return chainOf(binding, node)
  switch (node.name.toUpperCase()) {
    case 'UNIQUE':
    case 'GROUPBY':
      return bindDistinct(binding, node)
    case 'PIVOTBY':
      return bindDistinct(binding, pivotGroups(node))
    case 'VSTACK':
      return bindStack(binding, node)
    case 'MERGE':
      return bindMerge(binding, node)
    case 'SORT': {
      // The order of rows is the reader's: `SORT(UNIQUE(…))`, as Excel users write it, is UNIQUE.
      const [inner] = node.args
      return inner?.kind === 'call' && isRowsOfTheirOwn(inner.name.toUpperCase()) ? bindNode(binding, inner) : chainOf(binding, node)
    }
    default:
      return chainOf(binding, node)
  }
}

function chainOf(binding: RowsBinding, node: Node): RowsFormula | null {
  const input = bindChain(binding, node)
  return input === null ? null : { kind: 'chain', input }
}
