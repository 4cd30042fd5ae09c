import { bindFormula } from '../bind/bind-formula.ts'
import type { Scope } from '../bind/scope.ts'
import type { CostClass, ExprType } from '../bound.ts'
import { costOf } from '../cost.ts'
import type { Range } from '../diagnostic.ts'
import { signature } from '../functions/definition.ts'
import { childrenOf } from '../syntax/children.ts'
import type { Node } from '../syntax/node.ts'
import { parseFormula, type ParsedFormula } from '../syntax/parse.ts'
import { costContext } from './cost-context.ts'
import { callText, lambdaParameters, typeOfColumn, typeOfNamed } from './describe.ts'
import { occurrencesOf, type LocalName, type Occurrence } from './occurrences.ts'

/** What a name in a formula is. */
export interface Hover {
  readonly range: Range
  readonly kind: Exclude<Occurrence['kind'], 'unknown'>
  /** `shop!orders[total]`, `ROUND(number, [digits])`, `VAT`. */
  readonly title: string
  /** Of the column, of the value, of this very call; null where it cannot be known. */
  readonly type: ExprType | null
  /** Of a value or of this call, at this place. */
  readonly cost: CostClass | null
  /** One line; may be empty. */
  readonly help: string
}

/** What is known of the name at an offset: type, whether it may be Blank, cost class, help. Null where there is no name, or none that is known. */
export function hover(text: string, offset: number, scope: Scope): Hover | null {
  const parsed = parseFormula(text)
  const all = occurrencesOf(parsed, scope)
  const one = all.find(({ range }) => range.start <= offset && offset < range.end) ?? all.find(({ range }) => range.end === offset)
  if (one === undefined || one.kind === 'unknown') return null
  return { range: one.range, kind: one.kind, ...describe(one, parsed, scope) }
}

type Description = Omit<Hover, 'range' | 'kind'>

function describe(one: Exclude<Occurrence, { kind: 'unknown' }>, parsed: ParsedFormula, scope: Scope): Description {
  switch (one.kind) {
    case 'column':
      return describeColumn(one)
    case 'table': {
      const label = one.relation?.label ?? one.name
      return {
        title: label,
        type: null,
        cost: null,
        help: one.relation === null ? 'unknown' : `columns: ${one.relation.columnNames().join(', ')}`,
      }
    }
    case 'function':
      return { title: signature(one.definition), help: one.definition.help, ...typed(one.call, parsed.node, scope) }
    case 'value':
      return describeValue(one, parsed, scope)
    case 'local':
      return describeLocal(one.local, parsed, scope)
  }
}

function describeColumn({ relation, name, reference }: Occurrence & { kind: 'column' }): Description {
  const found = relation?.column(name) ?? null
  const known = found?.kind === 'column' ? found : null
  const help =
    found?.kind === 'dropped'
      ? 'the source has dropped it: reading it is #REF!'
      : reference.row
        ? 'the value in this row'
        : 'the whole column'
  return {
    title: `${relation?.label ?? ''}[${known?.name ?? name}]`,
    type: known === null ? null : typeOfColumn(known),
    cost: null,
    help: found === null ? 'unknown' : help,
  }
}

function describeValue({ named, name, call }: Occurrence & { kind: 'value' }, parsed: ParsedFormula, scope: Scope): Description {
  if (named.kind !== 'function') {
    const node: Node = { kind: 'name', name, start: 0, end: 0 }
    return { title: name, help: 'a value of this workbook', ...typed(node, node, scope), type: typeOfNamed(named) }
  }
  const title = callText(named.name, lambdaParameters(named.node) ?? [])
  const none = { type: null, cost: null }
  return { title, help: 'a function of this workbook', ...(call === null ? none : typed(call, parsed.node, scope)) }
}

function describeLocal({ name, value }: LocalName, parsed: ParsedFormula, scope: Scope): Description {
  if (value === null) return { title: name, type: null, cost: null, help: 'a parameter of LAMBDA' }
  const params = lambdaParameters(value)
  if (params !== null) return { title: callText(name, params), type: null, cost: null, help: 'a function given by LET' }
  return { title: name, help: 'a name given by LET', ...typed(value, parsed.node, scope) }
}

/** Type and cost of a part of the formula, with the names that LET gives around it; null where it cannot be bound alone. */
function typed(part: Node, root: Node, scope: Scope): { readonly type: ExprType | null; readonly cost: CostClass | null } {
  const node = alone(part, root)
  const { expr, diagnostics } = bindFormula({ text: '', node, diagnostics: [] }, scope)
  if (diagnostics.some((one) => one.severity === 'error')) return { type: null, cost: null }
  return { type: { type: expr.type, nullable: expr.nullable }, cost: costOf(expr, costContext(scope)) }
}

/** The part as a formula of its own: the LETs around it keep the names that are known there. */
function alone(part: Node, root: Node): Node {
  let node = part
  for (const around of pathTo(part, root) ?? []) {
    if (around.node.kind !== 'call' || around.node.name.toUpperCase() !== 'LET') continue
    const known = around.node.args.slice(0, around.index - (around.index % 2))
    if (known.length > 0) node = { ...around.node, args: [...known, node] }
  }
  return node
}

/** The nodes around a part with the index of the child that holds it, innermost first; null if it is not below `node`. */
function pathTo(part: Node, node: Node): { readonly node: Node; readonly index: number }[] | null {
  if (node === part) return []
  for (const [index, child] of childrenOf(node).entries()) {
    if (child.start > part.start || child.end < part.end) continue
    const path = pathTo(part, child)
    if (path === null) continue
    path.push({ node, index })
    return path
  }
  return null
}
