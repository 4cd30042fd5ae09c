import type { Criterion } from '../bound.ts'
import { didYouMean } from '../suggest.ts'
import type { Range } from '../diagnostic.ts'
import type { ColumnName, Node, ReferenceNode } from '../syntax/node.ts'
import { escapeColumn } from '../syntax/print.ts'
import type { Binding, ColumnOf } from './binding.ts'
import { droppedColumn, readsDropped, warnDropped } from './dropped.ts'
import type { Locals } from './locals.ts'
import { CELL_ADDRESS_FIX, isCellAddress } from './refused.ts'
import type { ColumnLookup, Scope, ScopeColumn, ScopeRelation } from './scope.ts'
import { isUnknownName, reportUnknownName } from './unknown-name.ts'

/** What a formula wants of a column: which rows it means, or their values, which may be those of the very column that is computed. */
export type Wanted = 'rows' | 'values'

/** A column of a relation by its name in a formula; null after it was reported. `dropped` is for the caller: it is a value, `#REF!`. */
export function resolveColumn(
  binding: Binding,
  relation: ScopeRelation,
  column: ColumnName,
  wanted: Wanted = 'rows',
): Extract<ColumnLookup, { kind: 'column' | 'dropped' }> | null {
  const found = wanted === 'values' && relation.ofOtherRows !== undefined ? relation.ofOtherRows(column.name) : relation.column(column.name)
  if (found === null) {
    const fix =
      didYouMean(column.name, relation.columnNames(), (name) => `[${escapeColumn(name)}]`) ??
      `its columns are ${listed(relation.columnNames())}`
    binding.error('formula/unknown-name', column, `${relation.label} has no column "${column.name}"`, { fix })
    return null
  }
  if (found.kind === 'cycle') {
    binding.error('formula/cycle', column, `this formula depends on itself: ${found.path.join(' → ')}`, {
      fix: 'break the circle: one of these must not read the next',
    })
    return null
  }
  if (found.kind === 'broken') return null
  const what = `${relation.label}[${found.name}]`
  if (found.kind === 'dropped')
    warnDropped(binding, column, found.computed === true ? readsDropped(what) : droppedColumn(relation.label, found.name))
  else if (found.lost === true || found.gone === true) warnDropped(binding, column, readsDropped(what))
  return found.kind === 'column' && found.gone === true ? { kind: 'dropped', name: found.name, computed: true } : found
}

/** The relation that `source!table` names; null after it was reported. */
function resolveRelation(binding: Binding, source: ColumnName | null, table: ColumnName, range: Range): ScopeRelation | null {
  const found = binding.scope.relation(source?.name ?? null, table.name)
  if (found === null) {
    const written = source === null ? table.name : `${source.name}!${table.name}`
    if (source !== null && isCellAddress(table.name)) {
      binding.error('formula/not-allowed', range, `"${written}" is a cell, and live tables have no cells`, { fix: CELL_ADDRESS_FIX })
      return null
    }
    const fix = didYouMean(written, binding.scope.relationNames()) ?? didYouMean(table.name, binding.scope.relationNames().map(lastPart))
    binding.error('formula/unknown-name', range, `there is no table or sheet "${written}"`, fix === undefined ? {} : { fix })
    return null
  }
  if (found.kind === 'gone') {
    binding.error('formula/unknown-name', range, `there is no sheet "${table.name}" any more`, { why: found.why, fix: found.fix })
    return null
  }
  if (found.kind === 'ambiguous') {
    binding.error('formula/unknown-name', range, `"${table.name}" is the name of several tables`, {
      fix: `write ${found.labels.join(' or ')}`,
    })
    return null
  }
  if (found.kind === 'cycle') {
    binding.error('formula/cycle', range, `these sheets read each other: ${found.path.join(' → ')}`, {
      fix: 'break the circle: one of these must not read the next',
    })
    return null
  }
  return found.kind === 'broken' ? null : found.relation
}

function lastPart(label: string): string {
  return label.slice(label.lastIndexOf('!') + 1)
}

/** Follows a name that LET gave to a column or table. */
export function unalias(node: Node, locals: Locals): { readonly node: Node; readonly locals: Locals } {
  let at = { node, locals }
  for (;;) {
    const local = at.node.kind === 'name' ? at.locals.find(at.node.name) : undefined
    if (local?.kind !== 'alias') return at
    at = { node: local.node, locals: local.locals }
  }
}

/** Does the node name a whole column (`t[x]`, `[x]`), not a value of one row? */
export function isWholeColumn(node: Node, locals: Locals): boolean {
  const { node: target } = unalias(node, locals)
  return target.kind === 'reference' && !target.row && target.column !== null
}

/** Does it name a table, a sheet or a whole column? */
export function isTable(scope: Scope, node: Node, locals: Locals): boolean {
  const { node: target } = unalias(node, locals)
  if (target.kind === 'hole') return true
  if (target.kind === 'name') return locals.find(target.name) === undefined && scope.named(target.name) === null
  return target.kind === 'reference' && !target.row
}

/**
 * A whole column as an argument; null after it was reported. `[x]` of a group is refused: a function that can be over a part of a table asks for
 * `resolveAggregated`, so that none reads the whole of it by mistake.
 */
export function resolveWholeColumn(binding: Binding, node: Node, locals: Locals, wanted: Wanted = 'rows'): ColumnOf | 'dropped' | null {
  const found = resolveAggregated(binding, node, locals, wanted)
  if (found === null || found === 'dropped' || found.group.length === 0) return found
  const { name } = found.column
  binding.error('formula/not-allowed', node, `[${name}] is a column of the rows of this group, and a whole table is read here`, {
    fix: `write ${found.relation.label}[${name}], or aggregate the group: SUM([${name}]), MAXIFS([${name}], …)`,
  })
  return null
}

/** A column of a whole table, or of the rows of it that meet `group`; null after it was reported. */
export function resolveAggregated(binding: Binding, node: Node, locals: Locals, wanted: Wanted = 'rows'): ColumnOf | 'dropped' | null {
  const { node: target } = unalias(node, locals)
  if (target.kind === 'hole') return null
  if (isUnknownName(binding, target, locals)) {
    reportUnknownName(binding, target, locals)
    return null
  }
  if (target.kind !== 'reference' || target.column === null || target.row) {
    binding.error('formula/type', node, 'a whole column is needed here', { fix: wholeColumnFix(target) })
    return null
  }
  if (!checkPlainColumn(binding, target)) return null
  const relation = relationOfReference(binding, target)
  if (relation === null) return null
  const column = resolveColumn(binding, relation, target.column, wanted)
  if (column === null) return null
  return column.kind === 'dropped' ? 'dropped' : { relation, column, group: groupCriteria(binding, target) }
}

/** What makes the rows of a reference those of this row's group: nothing, but for `[x]` in a sheet of GROUPBY. */
export function groupCriteria({ scope }: Binding, node: ReferenceNode): readonly Criterion[] {
  if (node.table !== null || scope.group === undefined) return []
  return scope.group.keys.map(({ column, own }) => ({
    column: column.index,
    op: 'group',
    value: { kind: 'column', column: own.index, ...columnType(own) },
  }))
}

function wholeColumnFix(node: Node): string {
  if (node.kind === 'reference' && node.row && node.column !== null)
    return `write [${escapeColumn(node.column.name)}] for the whole column of this sheet, or t[${escapeColumn(node.column.name)}] for one of table t`
  return 'write t[x] for column x of table t; a computed column can be added to a sheet'
}

/** The table that a reference names, or this sheet; in a sheet of GROUPBY the one whose rows are grouped. */
export function relationOfReference(binding: Binding, node: ReferenceNode): ScopeRelation | null {
  if (node.table !== null) return resolveRelation(binding, node.source, node.table, { start: node.start, end: node.table.end })
  if (binding.scope.group !== undefined && !node.row) return binding.scope.group.relation
  if (binding.scope.row !== null) return binding.scope.row
  binding.error('formula/not-allowed', node, 'there is no row here, so the column must name its table', {
    fix: `write t[${escapeColumn(node.column?.name ?? 'x')}]`,
  })
  return null
}

/** Refuses column ranges and parts of tables, which have no meaning for live rows. */
export function checkPlainColumn(binding: Binding, node: ReferenceNode): boolean {
  if (node.to !== null) {
    binding.error('formula/not-allowed', node, 'sheets have no ranges of columns', { fix: 'name each column' })
    return false
  }
  const part = node.parts.find((one) => one !== '#Data' && one !== '#All')
  if (part !== undefined) {
    const fix =
      part === '#Totals' ? 'write the total as a named value: values: {TOTAL: "=SUM(t[x])"}' : 'write the name of the column as a text'
    binding.error('formula/not-allowed', node, `live tables have no ${part}`, { fix })
    return false
  }
  return true
}

/** A table or sheet as an argument (`t`, `source!t`, `t[x]` for ROWS); null after it was reported. */
export function resolveRows(binding: Binding, node: Node, locals: Locals): ScopeRelation | null {
  const { node: target } = unalias(node, locals)
  if (target.kind === 'name') return resolveRelation(binding, null, { name: target.name, start: target.start, end: target.end }, target)
  if (target.kind === 'reference' && !target.row && (target.table !== null || target.column !== null)) {
    if (!checkPlainColumn(binding, target)) return null
    const relation = relationOfReference(binding, target)
    if (relation !== null && target.column !== null && resolveColumn(binding, relation, target.column) === null) return null
    return relation
  }
  if (target.kind !== 'hole')
    binding.error('formula/type', node, 'a table or sheet is needed here', { fix: 'write source!table or the name of a sheet' })
  return null
}

/** `[a], [b c]`, as formulas write them, shortened. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, 12).map((name) => `[${escapeColumn(name)}]`)
  return names.length > shown.length ? `${shown.join(', ')}, …` : shown.join(', ')
}

/** A column's static type. */
export function columnType(column: ScopeColumn): { readonly type: ScopeColumn['type']; readonly nullable: boolean } {
  return { type: column.type, nullable: column.nullable }
}
