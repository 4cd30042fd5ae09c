import type { Criterion } from '../bound.ts'
import type { Node } from '../syntax/node.ts'
import { isTextType } from '../value/type-rules.ts'
import { bindCriterion } from './bind-criterion.ts'
import type { Binding } from './binding.ts'
import { constant } from './build.ts'
import type { Locals } from './locals.ts'
import type { ScopeColumn } from './scope.ts'

/**
 * A value that PIVOTBY was given, as a criterion on `column`. Texts are equal as groups are, letter case aside and otherwise as they stand: "01" is not
 * "1", "" is not Blank. Elsewhere the text stands for a number, a day or a boolean, as in any criterion, but holds neither operator nor wildcard.
 */
export function bindPivotValue(binding: Binding, column: ScopeColumn, node: Node & { kind: 'text' }, locals: Locals): Criterion {
  const { value } = node
  if (isTextType(column.type)) return { column: column.index, op: 'group', value: constant(value, { type: 'text' }) }
  const text = value === '' ? '' : `=${value.replaceAll(/[~*?]/g, '~$&')}`
  return bindCriterion(binding, column, { ...node, value: text }, locals)
}
