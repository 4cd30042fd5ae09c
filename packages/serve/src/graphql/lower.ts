import type { GraphQLObjectType, GraphQLSchema, OperationDefinitionNode } from 'graphql'
import { must } from '@sheetflow/core/assert'
import { SheetflowError } from '@sheetflow/core/errors'
import type { Claims } from '@sheetflow/core/ports/host'
import { and } from '@sheetflow/core/predicate-canonical'
import { bindClaims } from '@sheetflow/core/predicate-claims'
import { ALWAYS } from '@sheetflow/core/predicate'
import type { Predicate } from '@sheetflow/core/predicate'
import type { NestedPlan, OrderTerm, QueryPlan } from '@sheetflow/core/query-plan'
import type { ColumnSchema } from '@sheetflow/core/schema'
import type { Rights } from '../live/subscription-tokens.ts'
import type { ServeLimits } from '../limits.ts'
import { orderedList } from './cursor.ts'
import type { Cursors } from './cursor.ts'
import type { LoweredList, LoweredLive, LoweredRoot, RowShape, ShapeField } from './lowered.ts'
import { rightsTo } from './rights.ts'
import type { RoleSchema, RootField } from './role-schema.ts'
import { setsBelow } from './selection.ts'
import type { SelectedField, SelectionReader } from './selection.ts'
import type { NestedList, ViewType } from './view-type.ts'
import { constant, FilterBudget, wherePredicate } from './where.ts'

/** What lowering needs to know about a request. */
export interface LowerContext {
  readonly roleSchema: RoleSchema
  readonly selections: SelectionReader
  readonly claims: Claims
  readonly limits: ServeLimits
  readonly cursors: Cursors
}

/** A nested list without a limit is reckoned with so many rows per parent. */
const NESTED_ROWS = 100
const SEARCH_ROWS = 100

/**
 * The root fields of a query as plans: rights and constants put in, columns the role may see, costs within the limits. Fails as a whole with
 * `query/limit`, `query/invalid` or `query/bad-token` before anything is read.
 */
export function lowerQuery(context: LowerContext, operation: OperationDefinitionNode): readonly LoweredRoot[] {
  const lowering = new Lowering(context)
  const query = must(context.roleSchema.schema.getQueryType())
  return context.selections
    .fields(query, [operation.selectionSet])
    .filter((field) => field.name === '__typename' || !field.name.startsWith('__'))
    .map((field) => lowering.root(field))
}

class Lowering {
  readonly #context: LowerContext
  readonly #schema: GraphQLSchema
  readonly #filters: FilterBudget
  #cost = 0

  constructor(context: LowerContext) {
    this.#context = context
    this.#schema = context.roleSchema.schema
    this.#filters = new FilterBudget(context.limits)
  }

  root(field: SelectedField): LoweredRoot {
    const { responseKey, name } = field
    if (name === '__typename' || name === '_ready')
      return { kind: 'typename', responseKey, name: name === '_ready' ? 'Nothing yet.' : 'Query' }
    const root = must(this.#context.roleSchema.roots.get(name), 'validation knows the root fields')
    if (root.kind === 'receipts') return this.#receipts(field, root)
    switch (root.kind) {
      case 'list':
        return { kind: 'list', responseKey, ...this.#list(field, root.type, { where: ALWAYS, parents: 1 }) }
      case 'by_pk':
        return { kind: 'object', responseKey, ...this.#object(field, root.type, keyPredicate(root.type, field.args)) }
      case 'single':
        return { kind: 'object', responseKey, ...this.#object(field, root.type, ALWAYS) }
      case 'search':
        return this.#search(field, root.type)
    }
  }

  #receipts(field: SelectedField, root: Extract<RootField, { kind: 'receipts' }>): LoweredRoot {
    const type = root.types.get(String(field.args['graph']))
    if (type !== undefined)
      return { kind: 'list', responseKey: field.responseKey, ...this.#list(field, type, { where: ALWAYS, parents: 1 }) }
    throw new SheetflowError('query/invalid', `there is no graph '${String(field.args['graph'])}'`, {
      fix: `The graphs are: ${[...root.types.keys()].join(', ')}.`,
    })
  }

  #object(field: SelectedField, type: ViewType, where: Predicate): LoweredList {
    const rights = this.#rights(type)
    const shape = this.#shape(field, type, { order: [], parents: 1 })
    const predicate = and(where, rights.rows)
    const live: LoweredLive = { predicate, rights, columns: columnIds(shape), window: null }
    return { type, plan: this.#plan(type, shape, { where: predicate, limit: 1 }), shape, maxRows: null, live }
  }

  /** @param at `where` holds beside the reader's own; `parents` is how many lists of the kind there can be. */
  #list(field: SelectedField, type: ViewType, at: { readonly where: Predicate; readonly parents: number }): LoweredList {
    const { limits, cursors } = this.#context
    const { args } = field
    const rights = this.#rights(type)
    const order = orderTerms(type, args['order_by'])
    const limit = this.#limit(args['limit'])
    const rows = (limit ?? (at.parents === 1 ? limits.listRows : NESTED_ROWS)) * at.parents
    const shape = this.#shape(field, type, { order, parents: rows })
    const predicate = and(wherePredicate(type, args['where'], this.#filters), at.where, rights.rows)
    const after = typeof args['after'] === 'string' ? cursors.open(orderedList(type.view.schema, order), args['after']) : null
    const isLive = after === null && (limit === null || (limit > 0 && limit <= limits.windowRows))
    const window = limit === null ? null : { order, limit }
    return {
      type,
      plan: { ...this.#plan(type, shape, { where: predicate, limit: limit ?? limits.listRows + 1 }), ...(after === null ? {} : { after }) },
      shape,
      maxRows: limit === null ? limits.listRows : null,
      live: isLive ? { predicate, rights, columns: columnIds(shape), window } : null,
    }
  }

  #search(field: SelectedField, type: ViewType): LoweredRoot {
    const { schema } = type.view
    const text = String(field.args['text'])
    const { searchChars } = this.#context.limits
    if (text.length > searchChars) throw new SheetflowError('query/limit', `a search has at most ${searchChars} characters`)
    const limit = this.#limit(field.args['limit']) ?? SEARCH_ROWS
    const shape = this.#shape(field, type, { order: [], parents: limit })
    if (shape.fields.some(({ kind }) => kind !== 'column' && kind !== 'typename')) {
      throw new SheetflowError('query/invalid', `'${field.name}' gives columns only`, {
        fix: 'Ask the list itself for keys, cursors and nested lists.',
      })
    }
    const where = this.#rights(type).rows
    const columns = selectedColumns(shape).map((column) => column.name)
    const plan = { view: schema.table, generation: schema.generation, text, where, columns, limit }
    return { kind: 'search', responseKey: field.responseKey, type, plan, shape }
  }

  #plan(type: ViewType, shape: RowShape, of: { readonly where: Predicate; readonly limit: number }): QueryPlan {
    const { schema } = type.view
    const lists = shape.fields.filter((field) => field.kind === 'list')
    const cursor = shape.fields.some((field) => field.kind === 'cursor')
    const isParent = lists.length > 0
    const names = new Set(selectedColumns(shape).map((column) => column.name))
    if (cursor) for (const { column } of shape.order) names.add(column)
    for (const { on } of lists) for (const [, parent] of on) names.add(parent)
    return {
      view: schema.table,
      generation: schema.generation,
      where: of.where,
      columns: [...names],
      key: cursor || isParent || shape.fields.some((field) => field.kind === 'key'),
      order: shape.order,
      limit: of.limit,
      nested: lists.map(({ as, on, list }): NestedPlan => ({ as, on, plan: list.plan })),
    }
  }

  #shape(field: SelectedField, type: ViewType, rows: { readonly order: readonly OrderTerm[]; readonly parents: number }): RowShape {
    const object = this.#schema.getType(type.name) as GraphQLObjectType
    const selected = this.#context.selections.fields(object, setsBelow(field))
    this.#spend(rows.parents * selected.length)
    const fields = selected.map((part) => this.#field(part, type, rows.parents))
    return { direct: fields.every(isDirect), order: rows.order, list: orderedList(type.view.schema, rows.order), fields }
  }

  #field(field: SelectedField, type: ViewType, parents: number): ShapeField {
    const { responseKey: key, name } = field
    const column = type.columns.get(name)
    if (column !== undefined) return { kind: 'column', key, column, asText: field.args['as'] === 'TEXT' }
    if (name === '_key') return { kind: 'key', key }
    if (name === '_cursor') return { kind: 'cursor', key }
    if (name === '__typename') return { kind: 'typename', key, name: type.name }
    const nested = must(type.lists.get(name), 'validation knows the fields')
    const { on } = nested.schema
    const list = this.#list(field, nested.child, { where: this.#listCondition(nested), parents })
    // The token of a nested list tells by which value of its parent it hangs on it: of a column that the role does not see it may not.
    const live = on.every(([, parent]) => !type.rule.hide.includes(parent)) ? list.live : null
    return { kind: 'list', key, as: `list:${key}`, on, list: { ...list, live } }
  }

  #listCondition({ schema, child }: NestedList): Predicate {
    if (schema.where === undefined) return ALWAYS
    return bindClaims(schema.where, this.#context.claims.all, child.view.schema.columns)
  }

  #rights(type: ViewType): Rights {
    return must(rightsTo(type.view.schema, this.#context.claims), 'a role sees only types that it has a rule for')
  }

  #limit(limit: unknown): number | null {
    if (limit === undefined || limit === null) return null
    const { pageRows } = this.#context.limits
    if (typeof limit === 'number' && limit >= 0 && limit <= pageRows) return limit
    throw new SheetflowError('query/limit', `limit is between 0 and ${pageRows}`, { fix: 'Read page by page with `after`.' })
  }

  #spend(values: number): void {
    this.#cost += values
    if (this.#cost <= this.#context.limits.cost) return
    throw new SheetflowError('query/limit', `the answer could hold more than ${this.#context.limits.cost} values`, {
      fix: 'Give the lists a `limit`, the nested ones first.',
    })
  }
}

function orderTerms(type: ViewType, orderBy: unknown): readonly OrderTerm[] {
  const terms: OrderTerm[] = []
  for (const item of Array.isArray(orderBy) ? orderBy : []) {
    for (const [name, direction] of Object.entries(item as Record<string, unknown>)) {
      const { name: column } = must(type.filterable.get(name))
      if (direction !== 'asc' && direction !== 'desc') throw new SheetflowError('query/invalid', `order_by '${name}' is asc or desc`)
      if (!terms.some((term) => term.column === column)) terms.push({ column, direction })
    }
  }
  return terms
}

function keyPredicate(type: ViewType, args: Readonly<Record<string, unknown>>): Predicate {
  const of = Object.entries(args).map(([name, value]): Predicate => {
    const column = must(type.columns.get(name))
    return { op: 'eq', column: column.name, value: constant(name, column, value) }
  })
  return { op: 'and', of }
}

function isDirect(field: ShapeField): boolean {
  if (field.kind === 'key') return field.key === '_key'
  return field.kind === 'column' && !field.asText && field.key === field.column.name
}

function selectedColumns(shape: RowShape): readonly ColumnSchema[] {
  return shape.fields.flatMap((field) => (field.kind === 'column' ? [field.column] : []))
}

function columnIds(shape: RowShape): readonly number[] {
  return [...new Set(selectedColumns(shape).map((column) => column.id))].sort((a, b) => a - b)
}
