import type { KeyJson } from '@sheetflow/core/message'
import type { JsonValue } from '@sheetflow/core/value'
import type { Expr, RelationId } from '@sheetflow/formula/bound'
import { rowsInputs } from '@sheetflow/formula/rows-inputs'
import { directInputs } from './direct-inputs.ts'
import type { Explainer, ExplainedInput, ExplainLimits } from './explain-cell.ts'
import type { ReadableRows } from './readable-rows.ts'

/** Why a row is not in a sheet. */
export type Absence =
  /** The relation that the sheet's rows come from does not have it either; of a sheet this is followed on. */
  | { readonly reason: 'no-input'; readonly view: RelationId; readonly relation: RelationId; readonly key: KeyJson }
  /** The condition of its FILTER is not TRUE for it. */
  | {
      readonly reason: 'filter'
      readonly view: RelationId
      readonly relation: RelationId
      readonly key: KeyJson
      readonly value: JsonValue
      readonly inputs: readonly ExplainedInput[]
    }
  /** It is not among the first that TAKE lets through. */
  | { readonly reason: 'take'; readonly view: RelationId; readonly relation: RelationId; readonly key: KeyJson; readonly count: number }
  /** Rows of this sheet are made of others (groups, pairs, stacked tables, its own data): none made this key. */
  | { readonly reason: 'not-made'; readonly view: RelationId; readonly key: KeyJson }

/** Why there is no row with that key in the sheet. The caller knows that there is none. */
export function explainAbsence(
  view: RelationId,
  key: KeyJson,
  { explainer, rows, limits }: { readonly explainer: Explainer; readonly rows: ReadableRows; readonly limits: ExplainLimits },
): Absence {
  const { info, evaluator } = explainer
  const sheet = info.sheet(view)
  if (sheet === null || (sheet.rows.kind !== 'relation' && sheet.rows.kind !== 'filter' && sheet.rows.kind !== 'chain')) {
    return { reason: 'not-made', view, key }
  }
  const [input] = rowsInputs(sheet.rows)
  if (input === undefined) return { reason: 'not-made', view, key }
  const { relation, steps } = input
  const slot = rows.find(relation, key)
  if (slot < 0) {
    return info.sheet(relation) === null
      ? { reason: 'no-input', view, relation, key }
      : explainAbsence(relation, key, { explainer, rows, limits })
  }
  for (const step of steps) {
    if (step.kind === 'top') return { reason: 'take', view, relation, key, count: step.count }
    const value = evaluator.evaluate(step.where, evaluator.row(relation, slot))
    if (value !== true) return refused(step.where, value === false)
  }
  return { reason: 'not-made', view, key }

  function refused(where: Expr, isFalse: boolean): Absence {
    const inputs = directInputs(where, { relation, slot }, rows, evaluator)
    const value = isFalse ? false : null
    return { reason: 'filter', view, relation, key, value, inputs: explainer.explainInputs(inputs, limits) }
  }
}
