import { functionNamed } from '../functions/catalogue.ts'
import { didYouMean } from '../suggest.ts'
import type { Node } from '../syntax/node.ts'
import { columnBehindAt } from '../syntax/print.ts'
import type { Binding } from './binding.ts'
import { declaredFunction } from './declared.ts'
import type { Locals } from './locals.ts'
import { CELL_ADDRESS_FIX, isCellAddress } from './refused.ts'

/** Reports a bare name that stands for no value: what it is instead, or what it was probably meant to be. */
export function reportUnknownName(binding: Binding, node: Node & { kind: 'name' }, locals: Locals): void {
  const { scope } = binding
  const { name } = node
  const relation = scope.relation(null, name)
  if (relation?.kind === 'gone') {
    binding.error('formula/unknown-name', node, `there is no sheet "${name}" any more`, { why: relation.why, fix: relation.fix })
    return
  }
  if (relation !== null) {
    binding.error('formula/type', node, `"${name}" is a table, and one value is needed here`, {
      fix: `look a value up with XLOOKUP, or aggregate a column: SUM(${name}[x])`,
    })
    return
  }
  if (isCellAddress(name)) {
    binding.error('formula/not-allowed', node, `"${name}" is a cell, and live tables have no cells`, { fix: CELL_ADDRESS_FIX })
    return
  }
  const fix = node.quoted === true ? 'texts stand in double quotes: "…"' : fixOf(binding, name, locals)
  binding.error('formula/unknown-name', node, `there is no value named "${name}"`, { fix })
}

/** Is it a name that has no meaning at all? */
export function isUnknownName(binding: Binding, node: Node, locals: Locals): node is Node & { kind: 'name' } {
  if (node.kind !== 'name' || locals.find(node.name) !== undefined) return false
  return binding.scope.named(node.name) === null && binding.scope.relation(null, node.name) === null
}

function fixOf({ scope }: Binding, name: string, locals: Locals): string {
  const columns = scope.row?.columnNames() ?? []
  if (columns.some((one) => one.toLowerCase() === name.toLowerCase())) return `the column of this row is written [@${name}]`
  const definition = functionNamed(name) ?? declaredFunction(scope, name)?.definition
  if (definition !== undefined) return `it is a function, call it: ${definition.name}()`
  return (
    didYouMean(name, [...locals.names(), ...scope.names(), ...scope.relationNames()]) ??
    didYouMean(name, columns, (one) => `[@${columnBehindAt(one)}]`) ??
    'texts stand in quotes: "…"; named values stand under "values:" in workbook.yaml'
  )
}
