import type { ListSchema } from '@sheetflow/core/schema'
import type { PredicateTemplate } from '@sheetflow/core/predicate'
import type { Scope } from '@sheetflow/formula/bind/scope'
import { didYouMean } from '@sheetflow/formula/suggest'
import type { Node } from '@sheetflow/formula/syntax/node'
import { formulaFinding } from '../file/formula-source.ts'
import type { ColumnFormula } from '../file/sheet-file.ts'
import { lowerPredicate, type PredicateColumn, type PredicateScope } from '../predicate/lower.ts'
import type { GraphContext, SheetRelation } from './graph-context.ts'
import { warnLost } from './read-rules.ts'
import { findNamed } from './table-scope.ts'

/** Is the formula of a column a list of rows (`=FILTER(…)`), not a value? */
export function isNestedList(node: Node): boolean {
  return node.kind === 'call' && node.name.toUpperCase() === 'FILTER'
}

/** The sheet that a list stands in. */
export interface ParentSheet {
  readonly scope: Scope
  /** Published columns by name. */
  readonly published: ReadonlyMap<string, PredicateColumn>
}

/** `=FILTER(child, child[x]=[@y])` as a list of the schema; null after an error. */
export function bindNestedList(column: ColumnFormula, parent: ParentSheet, graph: GraphContext): ListSchema | null {
  const { formula } = column
  for (const one of formula.parsed.diagnostics) graph.findings.add(formulaFinding(formula, one))
  const { node } = formula.parsed
  if (node.kind !== 'call' || formula.parsed.diagnostics.length > 0) return null
  const [rows, condition] = node.args
  if (rows === undefined || condition === undefined || node.args.length > 2) {
    graph.findings.error('formula/arguments', formula.place(node.nameRange), 'a nested list is FILTER(sheet, condition)', {
      fix: 'FILTER(orders, orders[customer_id]=[@id])',
    })
    return null
  }
  const child = childSheet(rows, parent, graph, column)
  if (child === null) return null
  const scope = listScope(child, parent, column, graph)
  const predicate = lowerPredicate(condition, scope, (range, code, message, advice) =>
    graph.findings.error(code, formula.place(range), message, advice),
  )
  if (predicate === null) return null
  return listSchema(child, predicate, column, graph)
}

function childSheet(node: Node, { scope }: ParentSheet, graph: GraphContext, column: ColumnFormula): SheetRelation | null {
  const place = column.formula.place(node)
  const [source, table] =
    node.kind === 'name'
      ? [null, node.name]
      : node.kind === 'reference' && node.table !== null && node.column === null
        ? [node.source?.name ?? null, node.table.name]
        : [null, null]
  if (table === null) {
    graph.findings.error('formula/type', place, 'a sheet is needed here', { fix: 'write the name of a sheet' })
    return null
  }
  const found = graph.reading(column.formula.at, () => scope.relation(source, table))
  const sheet = found?.kind === 'relation' ? graph.sheet(found.relation.id) : undefined
  if (sheet !== undefined) return sheet
  if (found?.kind === 'relation') {
    graph.findings.error('formula/not-allowed', place, 'a nested list shows rows of a sheet, and this is a table of the source', {
      why: 'only sheets have readers, read rules and channels',
      fix: `make a sheet with "rows: =${found.relation.label}" and use that`,
    })
  } else if (found?.kind === 'gone') {
    graph.findings.error('formula/unknown-name', place, `there is no sheet "${table}" any more`, { why: found.why, fix: found.fix })
  } else {
    const close = didYouMean(table, scope.relationNames())
    graph.findings.error('formula/unknown-name', place, `there is no sheet "${table}"`, close === undefined ? {} : { fix: close })
  }
  return null
}

/** Marks an operand that is a column of the parent, until the join is taken out of the condition. */
interface ParentOperand {
  readonly parent: string
}

function listScope(child: SheetRelation, parent: ParentSheet, column: ColumnFormula, graph: GraphContext): PredicateScope {
  return {
    bind: parent.scope,
    columnOf: (reference) => {
      if (reference.row || reference.column === null) return undefined
      if (reference.table === null || parent.scope.relation(reference.source?.name ?? null, reference.table.name) === null) return undefined
      const found = parent.scope.relation(reference.source?.name ?? null, reference.table.name)
      if (found?.kind !== 'relation' || found.relation.id !== child.id) return undefined
      const known = child.column(reference.column.name)
      const isLost = known?.kind === 'dropped' || (known?.kind === 'column' && known.lost === true)
      if (isLost) warnLost(graph, column.formula, reference.column, `${child.label}[${known.name}]`)
      if (known?.kind === 'dropped') return { name: known.name, type: { type: 'text' }, indexed: true, where: '', lost: true }
      if (known?.kind !== 'column') {
        const close = didYouMean(reference.column.name, child.columnNames(), (name) => `${child.label}[${name}]`)
        return { missing: withClose(`${child.label} has no column "${reference.column.name}"`, close) }
      }
      return {
        name: known.name,
        type: known.type,
        indexed: child.indexed.has(known.name),
        where: `${child.workbook}/${child.name}.sheet.yaml`,
        lost: isLost,
      }
    },
    operandOf: (reference) => {
      if (!reference.row || reference.column === null) return undefined
      const known = findNamed(parent.published.values(), reference.column.name)
      if (known === undefined) {
        const names = [...parent.published.values()].map((one) => one.name)
        const close = didYouMean(reference.column.name, names, (name) => `[@${name}]`)
        return { missing: withClose(`"${reference.column.name}" is not passed on by this sheet: add it to keep`, close) }
      }
      if (known.lost) warnLost(graph, column.formula, reference.column, `[@${known.name}]`)
      return { operand: { parent: known.name }, type: known.lost ? null : known.type }
    },
    columnHint: `${child.label}[x]`,
    operandHint: `a constant or [@x] of this sheet`,
    listOf: column.name,
  }
}

function withClose(message: string, close: string | undefined): string {
  return close === undefined ? message : `${message}; ${close}`
}

/** Equalities with the parent's columns are the join; the rest is a condition on the child alone. */
function listSchema(child: SheetRelation, predicate: PredicateTemplate, column: ColumnFormula, graph: GraphContext): ListSchema | null {
  const parts = predicate.op === 'and' ? predicate.of : [predicate]
  const on: (readonly [string, string])[] = []
  const where: PredicateTemplate[] = []
  for (const part of parts) {
    const joined = part.op === 'eq' ? parentOf(part.value) : null
    if (part.op === 'eq' && joined !== null) on.push([part.column, joined])
    else where.push(part)
  }
  const at = column.formula.at
  if (where.some(readsParent)) {
    graph.findings.error('formula/not-allowed', at, 'columns of this sheet can only stand in equalities, joined by AND', {
      fix: `${child.label}[x]=[@y], and other conditions with constants`,
    })
    return null
  }
  if (on.length === 0) {
    graph.findings.error('formula/not-allowed', at, 'the list would be the same in every row', {
      fix: `compare a column of ${child.label} with one of this row: ${child.label}[customer_id]=[@id]`,
    })
    return null
  }
  const rest = where[0]
  return { view: child.id, on, ...(rest === undefined ? {} : { where: where.length === 1 ? rest : { op: 'and', of: where } }) }
}

function parentOf(operand: unknown): string | null {
  return isParent(operand) ? operand.parent : null
}

function isParent(operand: unknown): operand is ParentOperand {
  return typeof operand === 'object' && operand !== null && 'parent' in operand
}

function readsParent(predicate: PredicateTemplate): boolean {
  switch (predicate.op) {
    case 'and':
    case 'or':
      return predicate.of.some(readsParent)
    case 'not':
      return readsParent(predicate.of)
    case 'eq':
    case 'ne':
    case 'lt':
    case 'le':
    case 'gt':
    case 'ge':
      return isParent(predicate.value)
    case 'in':
      return predicate.values.some(isParent)
    case 'between':
      return isParent(predicate.low) || isParent(predicate.high)
    case 'prefix':
    case 'blank':
      return false
  }
}
