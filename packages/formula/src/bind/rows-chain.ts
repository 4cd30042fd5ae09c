import { must } from '@sheetflow/core/assert'
import { isNumber, toDecimal } from '@sheetflow/core/number'
import type { Expr, OrderBy, RowsStep } from '../bound.ts'
import type { Diagnostics } from '../diagnostic.ts'
import { definitionOf } from '../functions/catalogue.ts'
import type { CallNode, Node } from '../syntax/node.ts'
import { isNumberType, typeLabel } from '../value/type-rules.ts'
import { bindCall } from './bind-call.ts'
import { Binder } from './binder.ts'
import { allOf, constant } from './build.ts'
import { Locals } from './locals.ts'
import { refusalOf } from './refused.ts'
import { resolveRows, resolveWholeColumn } from './resolve.ts'
import { rowsSignature, isRowsOfTheirOwn } from './rows-signature.ts'
import type { Scope, ScopeRelation } from './scope.ts'

/** Rows of one relation and what leaves some of them out: tables and sheets inside of FILTER, SORTBY, TAKE and DROP. */
export interface RowsChain {
  readonly relation: ScopeRelation
  readonly steps: readonly RowsStep[]
}

/** What the parts of `bindRows` share. */
export interface RowsBinding {
  readonly scope: Scope
  readonly diagnostics: Diagnostics
}

/** A chain in the making. Conditions of FILTERs inside each other are one step. */
interface Draft {
  readonly relation: ScopeRelation
  readonly steps: (RowsStep | { readonly kind: 'conditions'; readonly all: Expr[] })[]
  /** The order of the innermost SORTBY, for the TAKE around it. */
  readonly order: readonly OrderBy[]
}

/** Binds a table, a sheet, or FILTER, SORTBY, TAKE or DROP of such; null after it was reported. */
export function bindChain(binding: RowsBinding, node: Node): RowsChain | null {
  const draft = bindDraft(binding, node)
  if (draft === null) return null
  const steps = draft.steps.map((step): RowsStep => (step.kind === 'conditions' ? { kind: 'filter', where: allOf(step.all) } : step))
  return { relation: draft.relation, steps }
}

function bindDraft(binding: RowsBinding, node: Node): Draft | null {
  if (node.kind !== 'call') {
    if (node.kind === 'hole') return null
    const relation = resolveRows(new Binder(binding.scope, binding.diagnostics), node, Locals.NONE)
    return relation === null ? null : { relation, steps: [], order: [] }
  }
  switch (node.name.toUpperCase()) {
    case 'FILTER':
      return bindFilter(binding, node)
    case 'SORTBY':
      return bindSortBy(binding, node)
    case 'TAKE':
      return bindTake(binding, node, {})
    case 'DROP':
      return bindTake(binding, node, { drops: true })
    case 'SORT':
      return refuseSort(binding, node)
    default:
      return refuseCall(binding, node)
  }
}

function bindFilter(binding: RowsBinding, node: CallNode): Draft | null {
  const [rows, condition, third] = node.args
  if (rows === undefined || condition === undefined || node.args.length > 3) return wrongArguments(binding, node)
  if (third !== undefined && third.kind !== 'empty') {
    binding.diagnostics.error('formula/not-allowed', third, 'a sheet without rows is empty: there is nothing to show instead', {
      fix: 'leave the third argument out',
    })
  }
  const draft = bindDraft(binding, rows)
  if (draft === null) return null
  const where = bindCondition(new Binder(binding.scope, binding.diagnostics, draft.relation), condition)
  const last = draft.steps.at(-1)
  if (last?.kind === 'conditions') last.all.push(where)
  else draft.steps.push({ kind: 'conditions', all: [where] })
  return draft
}

/** A condition over each row; Excel's products of conditions are numbers, of which all but 0 hold. */
function bindCondition(binder: Binder, node: Node): Expr {
  const condition = binder.value(node, Locals.NONE)
  if (condition.type === null || condition.type.type === 'bool') return condition
  if (isNumberType(condition.type))
    return bindCall(binder, must(definitionOf('<>')), [condition, constant(0, { type: 'int' })], [node, node], node)
  binder.error('formula/type', node, `a condition is TRUE or FALSE, not ${typeLabel(condition.type)}`, { fix: 'compare it: … = "x"' })
  return condition
}

/** Rows have no order of their own (`order_by` of the query gives one): SORTBY alone is its rows, in TAKE it says which are the first. */
function bindSortBy(binding: RowsBinding, node: CallNode): Draft | null {
  const [rows, ...keys] = node.args
  if (rows === undefined || keys.length === 0) return wrongArguments(binding, node)
  const draft = bindDraft(binding, rows)
  if (draft === null) return null
  const order: OrderBy[] = []
  for (let i = 0; i < keys.length; i += 2) {
    const column = bindOrderColumn(binding, must(keys[i]), draft.relation)
    const descending = bindDirection(binding, keys[i + 1])
    if (column === null || descending === null) return null
    // In a column that is gone all cells are the same error: it orders nothing.
    if (column !== 'dropped') order.push({ column, descending })
  }
  return { ...draft, order }
}

function bindOrderColumn(binding: RowsBinding, node: Node, relation: ScopeRelation): number | 'dropped' | null {
  const { diagnostics, scope } = binding
  if (node.kind !== 'reference' || node.column === null || node.row) {
    if (node.kind !== 'hole')
      diagnostics.error('formula/type', node, `rows are sorted by a column of ${relation.label}`, {
        why: 'the order is kept in an index over the column',
        fix: `write ${relation.label}[x]; a computed column can be added to a sheet, and that be sorted`,
      })
    return null
  }
  const found = resolveWholeColumn(new Binder(scope, diagnostics), node, Locals.NONE)
  if (found === null || found === 'dropped') return found
  if (found.relation.id === relation.id) return found.column.index
  diagnostics.error('formula/type', node, `this column is of ${found.relation.label}, the rows are of ${relation.label}`, {
    fix: `write ${relation.label}[x]`,
  })
  return null
}

function bindDirection(binding: RowsBinding, node: Node | undefined): boolean | null {
  if (node === undefined || node.kind === 'empty') return false
  const value = wholeNumber(binding, node)
  if (value === 1 || value === -1) return value === -1
  if (node.kind !== 'hole')
    binding.diagnostics.error('formula/type', node, 'the order is 1 (smallest first) or -1 (greatest first)', { fix: 'write 1 or -1' })
  return null
}

/** TAKE and DROP. */
function bindTake(binding: RowsBinding, node: CallNode, which: { readonly drops?: true }): Draft | null {
  const [rows, count, columns] = node.args
  if (rows === undefined || count === undefined || node.args.length > 3) return wrongArguments(binding, node)
  if (columns !== undefined && columns.kind !== 'empty') {
    binding.diagnostics.error('formula/not-allowed', columns, 'which columns are passed on is said by "keep:"', {
      fix: 'leave the third argument out',
    })
  }
  const name = node.name.toUpperCase()
  const draft = bindDraft(binding, rows)
  const number = wholeNumber(binding, count)
  if (number === null || number === 0) {
    if (count.kind !== 'hole')
      binding.diagnostics.error(
        'formula/type',
        count,
        `how many rows ${name} ${which.drops === true ? 'leaves out' : 'takes'} is a number that is known before it runs, and not 0`,
        {
          fix: `write the number, or a constant under "values:": ${name}(rows, 100) the first, ${name}(rows, -100) the last`,
        },
      )
    return null
  }
  if (draft === null) return null
  draft.steps.push({ kind: 'top', order: draft.order, count: number, ...which })
  return draft
}

/** The whole number that a constant stands for, cut off as Excel does; null if it is none. */
function wholeNumber({ scope, diagnostics }: RowsBinding, node: Node): number | null {
  const expr = new Binder({ ...scope, row: null }, diagnostics).value(node, Locals.NONE)
  if (expr.kind !== 'const' || !isNumber(expr.value)) return null
  const value = Math.trunc(toDecimal(expr.value).toNumber())
  return Number.isSafeInteger(value) ? value : null
}

function refuseSort({ diagnostics }: RowsBinding, node: CallNode): null {
  diagnostics.error('formula/not-allowed', node.nameRange, 'SORT counts columns, which have names here', {
    fix: 'write SORTBY(t, t[x]), or SORTBY(t, t[x], -1) for the greatest first',
  })
  return null
}

function refuseCall({ diagnostics }: RowsBinding, node: CallNode): null {
  const name = node.name.toUpperCase()
  const refusal = refusalOf(name)
  if (isRowsOfTheirOwn(name)) {
    diagnostics.error('formula/not-allowed', node.nameRange, `${name} makes rows of its own and cannot stand inside of other rows`, {
      fix: `make a sheet with "rows: =${rowsSignature(name)}" and use its name here`,
    })
  } else if (refusal === undefined) {
    diagnostics.error('formula/type', node, 'rows are needed here: a table, a sheet, or FILTER, SORTBY, TAKE or DROP of one', {
      fix: 'write =source!table or =FILTER(source!table, condition)',
    })
  } else {
    diagnostics.error('formula/not-allowed', node.nameRange, `${name} cannot be used in a sheet`, refusal)
  }
  return null
}

/** Reports a call with too few or too many arguments. */
export function wrongArguments({ diagnostics }: RowsBinding, node: CallNode): null {
  const name = node.name.toUpperCase()
  const count = node.args.length
  diagnostics.error('formula/arguments', node.nameRange, `${name} cannot be made of ${count} argument${count === 1 ? '' : 's'}`, {
    fix: rowsSignature(name),
  })
  return null
}
