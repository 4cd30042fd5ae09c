import { must } from '@sheetflow/core/assert'
import type { Expr } from '../bound.ts'
import { Diagnostics, type FormulaDiagnostic } from '../diagnostic.ts'
import { definitionOf } from '../functions/catalogue.ts'
import type { CallNode, Node } from '../syntax/node.ts'
import type { ParsedFormula } from '../syntax/parse.ts'
import { isNumberType, typeLabel } from '../value/type-rules.ts'
import { bindCall } from './bind-call.ts'
import { Binder } from './binder.ts'
import { allOf, constant } from './build.ts'
import { Locals } from './locals.ts'
import { refusalOf } from './refused.ts'
import { resolveRows } from './resolve.ts'
import type { Scope, ScopeRelation } from './scope.ts'
import { signatureOf } from './signature-of.ts'

/** Where the rows of a sheet come from: a table or sheet, all of it or the rows for which `where` is TRUE. */
export interface BoundRowsFormula {
  /** Null after an error. */
  readonly relation: ScopeRelation | null
  readonly where: Expr | null
  readonly diagnostics: readonly FormulaDiagnostic[]
}

/** Binds the formula of `rows:`. */
export function bindRows(formula: ParsedFormula, scope: Scope): BoundRowsFormula {
  const diagnostics = new Diagnostics()
  for (const one of formula.diagnostics) diagnostics.add(one)
  const conditions: Node[] = []
  const base = baseOf(formula.node, conditions, new Binder(scope, diagnostics), diagnostics)
  const relation = base === null ? null : resolveRows(new Binder(scope, diagnostics), base, Locals.NONE)
  if (relation === null) return { relation, where: null, diagnostics: diagnostics.all }
  const binder = new Binder(scope, diagnostics, relation)
  const where = conditions.map((one) => bindCondition(binder, one))
  return { relation, where: where.length === 0 ? null : allOf(where), diagnostics: diagnostics.all }
}

/** The table inside of FILTERs, their conditions collected; null after an error. */
function baseOf(node: Node, conditions: Node[], binder: Binder, diagnostics: Diagnostics): Node | null {
  if (node.kind === 'hole') return null
  if (node.kind !== 'call') return node
  const name = node.name.toUpperCase()
  if (name === 'FILTER') return baseOfFilter(node, conditions, binder, diagnostics)
  const refusal = refusalOf(name)
  if (refusal === undefined) {
    diagnostics.error('formula/type', node, 'rows are needed here: a table, a sheet, or FILTER of one', {
      fix: 'write =source!table or =FILTER(source!table, condition)',
    })
  } else {
    diagnostics.error('formula/not-allowed', node.nameRange, `${name} cannot be used in a sheet`, refusal)
  }
  return null
}

function baseOfFilter(node: CallNode, conditions: Node[], binder: Binder, diagnostics: Diagnostics): Node | null {
  const [rows, condition, third] = node.args
  if (rows === undefined || condition === undefined || node.args.length > 3) {
    diagnostics.error(
      'formula/arguments',
      node.nameRange,
      `FILTER takes rows and a condition, and has ${node.args.length} argument${node.args.length === 1 ? '' : 's'}`,
      { fix: signatureOf('FILTER') },
    )
    return null
  }
  if (third !== undefined && third.kind !== 'empty') {
    diagnostics.error('formula/not-allowed', third, 'a sheet without rows is empty: there is nothing to show instead', {
      fix: 'leave the third argument out',
    })
  }
  const base = baseOf(rows, conditions, binder, diagnostics)
  conditions.push(condition)
  return base
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
