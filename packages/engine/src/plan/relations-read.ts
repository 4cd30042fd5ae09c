import type { BoundSheet, Expr, RelationId } from '@sheetflow/formula/bound'
import { partsOf } from '@sheetflow/formula/expr-parts'
import { rowsInputs } from '@sheetflow/formula/rows-inputs'

/** What is known of a sheet stays known: it is asked for by hashes and by tables. */
const RELATIONS = new WeakMap<BoundSheet, readonly RelationId[]>()

/** Relations that a sheet reads, each once, in order of first mention. */
export function relationsRead(sheet: BoundSheet): readonly RelationId[] {
  const known = RELATIONS.get(sheet)
  if (known !== undefined) return known
  const found = findRelations(sheet)
  RELATIONS.set(sheet, found)
  return found
}

function findRelations({ rows, columns }: BoundSheet): RelationId[] {
  const found = new Set<RelationId>()
  for (const { relation, steps } of rowsInputs(rows)) {
    found.add(relation)
    for (const step of steps) if (step.kind === 'filter') addRelations(step.where, found)
  }
  for (const { formula } of columns) if (formula !== undefined) addRelations(formula, found)
  return [...found]
}

function addRelations(expr: Expr, found: Set<RelationId>): void {
  if (expr.kind === 'named') found.add(expr.view)
  if (expr.kind === 'lookup' || expr.kind === 'aggregate' || expr.kind === 'columns') found.add(expr.relation)
  for (const part of partsOf(expr)) addRelations(part, found)
}
