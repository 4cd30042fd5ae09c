import type { LostColumn, MergePair, RowsStep } from '../bound.ts'
import type { CallNode, Node, ReferenceNode } from '../syntax/node.ts'
import { areOfDifferentKinds } from '../value/excel-compare.ts'
import { isDateType, typeLabel } from '../value/type-rules.ts'
import { Binder } from './binder.ts'
import { constant } from './build.ts'
import { Locals } from './locals.ts'
import { relationOfReference, resolveWholeColumn } from './resolve.ts'
import { bindChain, wrongArguments, type RowsBinding, type RowsChain } from './rows-chain.ts'
import { rowsSignature } from './rows-signature.ts'
import type { ScopeColumn, ScopeRelation } from './scope.ts'

/** UNIQUE and GROUPBY. */
export interface DistinctRowsFormula {
  readonly kind: 'distinct'
  /** GROUPBY: `[x]` in the sheet's columns is the column of the group's rows. */
  readonly grouped: boolean
  readonly input: RowsChain
  readonly columns: readonly (ScopeColumn | LostColumn)[]
}

/** VSTACK. */
export interface StackRowsFormula {
  readonly kind: 'stack'
  readonly parts: readonly RowsChain[]
}

/** MERGE. */
export interface MergeRowsFormula {
  readonly kind: 'merge'
  readonly left: RowsChain
  readonly right: RowsChain
  readonly on: readonly { readonly left: number; readonly right: number }[]
  readonly keepsLeft: boolean
}

/** The GROUPBY whose rows a call of PIVOTBY has: its row fields are one column, or several as `HSTACK(t[a], t[b])`. */
export function pivotGroups(node: CallNode): CallNode {
  return withoutStack({ ...node, name: 'GROUPBY', args: node.args.slice(0, 1) })
}

/** Excel takes several columns as one array: `UNIQUE(HSTACK(t[a], t[b]))`. */
function withoutStack(node: CallNode): CallNode {
  const [only, ...others] = node.args
  const isStack = others.length === 0 && only?.kind === 'call' && only.name.toUpperCase() === 'HSTACK'
  return isStack ? { ...node, args: only.args } : node
}

/** `UNIQUE(t[a], t[b])`, `UNIQUE(FILTER(t[a], condition))` and `GROUPBY(t[a], t[b])`; several columns also as `HSTACK(t[a], t[b])`. */
export function bindDistinct(binding: RowsBinding, call: CallNode): DistinctRowsFormula | null {
  const node = withoutStack(call)
  const name = node.name.toUpperCase()
  const grouped = name === 'GROUPBY'
  const [only] = node.args
  if (only === undefined) return wrongArguments(binding, node)
  if (only.kind === 'call' && node.args.length === 1) return distinctOfFilter(binding, node, only, grouped)
  let relation: ScopeRelation | null = null
  const columns: (ScopeColumn | LostColumn)[] = []
  for (const arg of node.args) {
    const found = groupColumn(binding, name, arg)
    if (found === null) return null
    relation ??= found.relation
    if (found.relation.id !== relation.id) {
      binding.diagnostics.error('formula/type', arg, `all columns of ${name} must belong to one table`, {
        why: `this one is of ${found.relation.label}, the others of ${relation.label}`,
        fix: 'bring them together in one sheet first, with XLOOKUP',
      })
      return null
    }
    const given = nameOf(found.column)
    if (columns.some((one) => nameOf(one) === given)) {
      binding.diagnostics.error('formula/arguments', arg, `"${given}" is given twice`, { fix: 'leave one out' })
      return null
    }
    columns.push(found.column)
  }
  return relation === null ? null : { kind: 'distinct', grouped, input: { relation, steps: [] }, columns }
}

/** Excel writes the filter around the column: `UNIQUE(FILTER(t[a], condition))`. */
function distinctOfFilter(binding: RowsBinding, node: CallNode, filter: CallNode, grouped: boolean): DistinctRowsFormula | null {
  const [column] = filter.args
  if (grouped || filter.name.toUpperCase() !== 'FILTER' || column === undefined) {
    const name = node.name.toUpperCase()
    binding.diagnostics.error('formula/type', filter, `${name} takes columns of one table or sheet`, {
      fix: `make a sheet with "rows: =${filter.name.toUpperCase()}(…)", and write ${name}(that_sheet[a], …)`,
    })
    return null
  }
  const found = groupColumn(binding, 'UNIQUE', column)
  const input = bindChain(binding, filter)
  return found === null || input === null ? null : { kind: 'distinct', grouped, input, columns: [found.column] }
}

function nameOf(column: ScopeColumn | LostColumn): string {
  return 'index' in column ? column.name : column.lost
}

function groupColumn(
  binding: RowsBinding,
  name: string,
  node: Node,
): { readonly relation: ScopeRelation; readonly column: ScopeColumn | LostColumn } | null {
  const { diagnostics, scope } = binding
  if (node.kind !== 'reference' || node.column === null || node.row) {
    if (node.kind === 'bool' || node.kind === 'empty')
      diagnostics.error('formula/not-allowed', node, `${name} takes columns only`, {
        why: 'rows have no order and no sides: each group is shown once',
        fix:
          name === 'UNIQUE'
            ? 'leave the switches out; groups that occur once: GROUPBY with a column =ROWS([x]), and FILTER of that sheet'
            : 'leave it out',
      })
    else if (node.kind !== 'hole')
      diagnostics.error('formula/type', node, `${name} takes columns: t[x]`, {
        fix: `write ${rowsSignature(name)}; compute a column in a sheet`,
      })
    return null
  }
  const found = resolveWholeColumn(new Binder(scope, diagnostics), node, Locals.NONE)
  if (found === null) return null
  if (found === 'dropped') return lostColumn(binding, node, node.column.name)
  const { type } = found.column.type
  if (type === 'json' || type === 'bytes' || type === 'list') {
    diagnostics.error('formula/type', node, `${type} column "${found.column.name}" cannot be a key`, {
      fix: 'compute a text or number of it in a sheet, and use that',
    })
    return null
  }
  return found
}

function lostColumn(
  { scope, diagnostics }: RowsBinding,
  node: ReferenceNode,
  lost: string,
): { relation: ScopeRelation; column: LostColumn } | null {
  const relation = relationOfReference(new Binder(scope, diagnostics), node)
  return relation === null ? null : { relation, column: { lost } }
}

/** `VSTACK(a, b, …)`. */
export function bindStack(binding: RowsBinding, node: CallNode): StackRowsFormula | null {
  if (node.args.length === 0) return wrongArguments(binding, node)
  const parts: RowsChain[] = []
  for (const arg of node.args) {
    const part = bindChain(binding, arg)
    if (part === null) return null
    if (parts.some((one) => one.relation.label === part.relation.label)) {
      binding.diagnostics.error('formula/not-allowed', arg, `${part.relation.label} is stacked twice`, {
        why: 'a row is known by its table and its key, and these would be the same',
        fix: 'use FILTER with OR(…) to take both parts at once',
      })
      return null
    }
    parts.push(part)
  }
  return { kind: 'stack', parts }
}

/** Leaves no row. */
const NOTHING: RowsStep = { kind: 'filter', where: constant(false, { type: 'bool' }) }

/** Does MERGE keep rows of the first table alone? */
const MODES: ReadonlyMap<string, boolean> = new Map([
  ['inner', false],
  ['left', true],
])

/** `MERGE(a, b, a[x]=b[y], "left")`. */
export function bindMerge(binding: RowsBinding, node: CallNode): MergeRowsFormula | null {
  const [leftNode, rightNode, condition, mode] = node.args
  if (leftNode === undefined || rightNode === undefined || condition === undefined || node.args.length > 4)
    return wrongArguments(binding, node)
  const keepsLeft = mode === undefined ? false : mode.kind === 'text' ? MODES.get(mode.value.toLowerCase()) : undefined
  if (keepsLeft === undefined) {
    binding.diagnostics.error(
      'formula/type',
      mode ?? node,
      'MERGE keeps the pairs ("inner"), or also rows of the first table alone ("left")',
      {
        fix: 'write "inner" or "left"; for the other side change the tables',
      },
    )
    return null
  }
  const left = bindChain(binding, leftNode)
  const right = bindChain(binding, rightNode)
  if (left === null || right === null) return null
  if (left.relation.id === right.relation.id) {
    binding.diagnostics.error('formula/not-allowed', rightNode, `${right.relation.label} cannot be merged with itself`, {
      why: `${right.relation.label}[x] would name a column of both`,
      fix: `make a sheet with "rows: =${right.relation.label}" and merge with that`,
    })
    return null
  }
  const on: MergePair[] = []
  for (const part of partsOfCondition(condition)) {
    const pair = bindEquality(binding, part, left.relation, right.relation)
    if (pair === null) return null
    // An error meets nothing: no row has a partner.
    if (pair === 'dropped') return { kind: 'merge', left, right: { ...right, steps: [...right.steps, NOTHING] }, on: [], keepsLeft }
    on.push(pair)
  }
  return { kind: 'merge', left, right, on, keepsLeft }
}

/** What `AND(…)` and `(…)*(…)` join. */
function partsOfCondition(node: Node): readonly Node[] {
  if (node.kind === 'call' && node.name.toUpperCase() === 'AND') return node.args.flatMap(partsOfCondition)
  if (node.kind === 'binary' && node.op === '*') return [node.left, node.right].flatMap(partsOfCondition)
  return [node]
}

function bindEquality(
  { scope, diagnostics }: RowsBinding,
  node: Node,
  left: ScopeRelation,
  right: ScopeRelation,
): MergePair | 'dropped' | null {
  const fix = `write ${left.label}[x]=${right.label}[y]; several joined by AND(…)`
  if (node.kind === 'hole') return null
  if (node.kind !== 'binary' || node.op !== '=') {
    diagnostics.error('formula/type', node, 'tables are merged by columns that are equal', { fix })
    return null
  }
  const binder = new Binder(scope, diagnostics)
  const [a, b] = [resolveWholeColumn(binder, node.left, Locals.NONE), resolveWholeColumn(binder, node.right, Locals.NONE)]
  if (a === null || b === null) return null
  if (a === 'dropped' || b === 'dropped') return 'dropped'
  const [first, second] = a.relation.id === right.id ? [b, a] : [a, b]
  if (first.relation.id !== left.id || second.relation.id !== right.id) {
    diagnostics.error('formula/type', node, `one column must be of ${left.label}, the other of ${right.label}`, { fix })
    return null
  }
  if (areOfDifferentKinds(first.column.type, second.column.type)) {
    diagnostics.error('formula/type', node, `${typeLabel(first.column.type)} and ${typeLabel(second.column.type)} are never equal`, {
      fix: 'compute one of them in a sheet in the type of the other: VALUE(…), or … & ""',
    })
    return null
  }
  const [x, y] = [first.column.type, second.column.type]
  const pair = { left: first.column.index, right: second.column.index }
  const isBeside = x.type !== y.type && (isDateType(x) || isDateType(y))
  return isBeside ? { ...pair, beside: { left: x, right: y, zone: scope.timeZone } } : pair
}
