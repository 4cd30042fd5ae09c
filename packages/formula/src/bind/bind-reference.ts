import type { Expr } from '../bound.ts'
import type { Node, ReferenceNode } from '../syntax/node.ts'
import { columnBehindAt, escapeColumn } from '../syntax/print.ts'
import type { Binding } from './binding.ts'
import { BLANK, refError } from './build.ts'
import { isLostValue, readsDropped, warnDropped } from './dropped.ts'
import { Locals } from './locals.ts'
import { checkPlainColumn, columnType, relationOfReference, resolveColumn } from './resolve.ts'
import type { ColumnLookup, NamedLookup, ScopeRelation } from './scope.ts'
import { reportUnknownName } from './unknown-name.ts'

/** A structured reference where one value is needed. */
export function bindReference(binding: Binding, node: ReferenceNode): Expr {
  if (node.table?.name.toLowerCase() === 'user' && node.source === null && node.column !== null) {
    binding.error('formula/not-allowed', node, 'what a reader may claim is only known in a read rule', {
      fix: 'move the condition under "read:"',
    })
    return BLANK
  }
  if (node.column === null) {
    if (!node.row && node.table !== null && relationOfReference(binding, node) === null) return BLANK
    if (!checkPlainColumn(binding, node)) return BLANK
    const what = node.row ? 'this is a whole row' : 'this is a whole table'
    binding.error('formula/type', node, `${what}, and one value is needed here`, {
      fix: node.row ? 'write [@x] for its column x' : 'look a value up with XLOOKUP, or aggregate a column',
    })
    return BLANK
  }
  if (!checkPlainColumn(binding, node)) return BLANK
  return node.row ? bindRowColumn(binding, node, node.column) : bindColumnAsValue(binding, node, node.column)
}

/** `[@x]`. */
function bindRowColumn(binding: Binding, node: ReferenceNode, column: NonNullable<ReferenceNode['column']>): Expr {
  const { row } = binding.scope
  if (row === null) {
    const fix =
      binding.filtered === null ? 'aggregate a whole column: SUM(t[x])' : `write ${binding.filtered.label}[${escapeColumn(column.name)}]`
    binding.error('formula/not-allowed', node, 'there is no row here for [@…] to read', { fix })
    return BLANK
  }
  if (node.table !== null && relationOfReference(binding, node)?.id !== row.id) {
    binding.error('formula/type', node, `there is no row of ${node.table.name} at hand`, {
      fix: `find one with XLOOKUP(…, ${node.table.name}[key], ${node.table.name}[${escapeColumn(column.name)}])`,
    })
    return BLANK
  }
  return readColumn(resolveColumn(binding, row, column))
}

/** A whole column stands for one value only in the condition of a FILTER over its table. */
function bindColumnAsValue(binding: Binding, node: ReferenceNode, column: NonNullable<ReferenceNode['column']>): Expr {
  const { filtered } = binding
  const relation = node.table === null && filtered !== null && binding.scope.row === null ? filtered : relationOfReference(binding, node)
  if (relation === null) return BLANK
  const found = resolveColumn(binding, relation, column)
  if (filtered !== null && relation.id === filtered.id) return readColumn(found)
  if (found !== null) reportWholeColumn(binding, node, relation, column.name)
  return BLANK
}

function reportWholeColumn(binding: Binding, node: ReferenceNode, relation: ScopeRelation, column: string): void {
  const { row, group } = binding.scope
  const own = row !== null && relation.id === row.id
  const written = escapeColumn(column)
  if (group !== undefined && node.table === null) {
    binding.error('formula/type', node, `[${column}] is a column of the rows of this group, and one value is needed here`, {
      fix: group.keys.some((key) => key.column.name.toLowerCase() === column.toLowerCase())
        ? `write [@${columnBehindAt(column)}] for the value that the group has in common`
        : `aggregate it: SUM([${written}]), MAX([${written}]), ROWS([${written}]); or group by it as well`,
    })
    return
  }
  binding.error('formula/type', node, 'this is a whole column, and one value is needed here', {
    fix: own
      ? `write [@${columnBehindAt(column)}] for the value in this row`
      : `look one value up: XLOOKUP(…, ${relation.label}[key], ${relation.label}[${written}]), or aggregate: SUM, COUNTIFS, …`,
  })
}

function readColumn(found: Extract<ColumnLookup, { kind: 'column' | 'dropped' }> | null): Expr {
  if (found === null) return BLANK
  if (found.kind === 'dropped') return refError(found.name)
  return { kind: 'column', column: found.index, ...columnType(found) }
}

/** A bare name: one that LET gave, a named value, or something that is no value. */
export function bindName(binding: Binding, node: Node & { kind: 'name' }, locals: Locals): Expr {
  const local = locals.find(node.name)
  if (local !== undefined) {
    if (local.kind === 'value') return local.expr
    if (local.kind === 'alias') return binding.shaped(local.node, local.locals)
    binding.error('formula/type', node, `"${node.name}" is a function`, { fix: `call it: ${node.name}(${local.lambda.params.join(', ')})` })
    return BLANK
  }
  const named = binding.scope.named(node.name)
  if (named !== null) return bindNamed(binding, node, named)
  reportUnknownName(binding, node, locals)
  return BLANK
}

function bindNamed(binding: Binding, node: Node & { kind: 'name' }, named: NonNullable<NamedLookup>): Expr {
  switch (named.kind) {
    case 'constant':
      if (isLostValue(named.value)) warnDropped(binding, node, readsDropped(node.name))
      return { kind: 'const', value: named.value, type: named.type, nullable: named.value === null }
    case 'formula':
      if (named.column.lost === true) warnDropped(binding, node, readsDropped(node.name))
      return { kind: 'named', view: named.view, column: named.column.index, ...columnType(named.column) }
    case 'inline':
      return binding.shaped(named.node, Locals.NONE)
    case 'own':
      if (named.column.lost === true) warnDropped(binding, node, readsDropped(node.name))
      return { kind: 'column', column: named.column.index, ...columnType(named.column) }
    case 'function':
      binding.error('formula/type', node, `"${node.name}" is a function`, { fix: `call it: ${node.name}(…)` })
      return BLANK
    case 'cycle':
      binding.error('formula/cycle', node, `this value depends on itself: ${named.path.join(' → ')}`, {
        fix: 'break the circle: one of these must not read the next',
      })
      return BLANK
    case 'broken':
      return BLANK
  }
}
