import { isCellError } from '@sheetflow/core/cell-error'
import type { Value } from '@sheetflow/core/value'
import type { Expr, ExprType } from '../bound.ts'
import type { Node, ReferenceNode } from '../syntax/node.ts'
import { conversion } from '../value/convert.ts'
import { Grid } from '../value/grid.ts'
import { ANY, widenAll } from '../value/type-rules.ts'
import type { Binding } from './binding.ts'
import { BLANK, refError } from './build.ts'
import type { Locals } from './locals.ts'
import { checkPlainColumn, columnType, relationOfReference, resolveColumn } from './resolve.ts'

/** `{1,2;3,4}`: constants only, which the parser has made sure of. */
export function bindArray(binding: Binding, node: Node & { kind: 'array' }, locals: Locals): Expr {
  return gridOfConstants(node.rows.map((row) => row.map((cell) => binding.value(cell, locals))))
}

/** An array constant of these rows of constants; of different kinds its type is `any`. */
export function gridOfConstants(rows: readonly (readonly Expr[])[]): Expr {
  const cells = rows.flat()
  const widened = widenAll(cells) ?? { type: ANY, nullable: cells.some((cell) => cell.nullable) }
  const values = cells.map((cell) => cellOf(cell, widened))
  return { kind: 'grid', grid: new Grid(rows.length, rows[0]?.length ?? 0, values), ...widened, array: true }
}

function cellOf(cell: Expr, to: ExprType): Value {
  if (cell.kind !== 'const') return null
  const convert = conversion(cell.type, to.type)
  return convert === null || isCellError(cell.value) ? cell.value : convert(cell.value)
}

/** `t[x]` and `t` as an array, where formulas have such arrays. */
export function bindColumns(binding: Binding, node: ReferenceNode): Expr {
  const relation = relationOfReference(binding, node)
  if (relation === null) return BLANK
  if (!checkPlainColumn(binding, node)) return BLANK
  const names = node.column === null ? relation.columnNames() : [node.column.name]
  const types: ExprType[] = []
  const columns: number[] = []
  for (const name of names) {
    const found = resolveColumn(binding, relation, node.column ?? { name, start: node.start, end: node.end })
    if (found === null) return BLANK
    if (found.kind === 'dropped') return refError(found.name)
    columns.push(found.index)
    types.push(columnType(found))
  }
  const widened = widenAll(types) ?? { type: ANY, nullable: true }
  return { kind: 'columns', relation: relation.id, columns, ...widened, array: true }
}
