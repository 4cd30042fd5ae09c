import {
  GraphQLEnumType,
  GraphQLID,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
} from 'graphql'
import type { GraphQLFieldConfig, GraphQLFieldConfigMap, GraphQLInputFieldConfigMap, GraphQLOutputType, GraphQLScalarType } from 'graphql'
import type { ColumnSchema } from '@sheetflow/core/schema'
import type { Catalogue } from '../catalogue/catalogue.ts'
import { receiptsType } from './receipts.ts'
import { JSON_SCALAR, outputType, scalarOf } from './scalars.ts'
import { viewTypes } from './view-type.ts'
import type { ViewType } from './view-type.ts'

/** What a root field asks for. */
export type RootField =
  | { readonly kind: 'list' | 'by_pk' | 'search' | 'single'; readonly type: ViewType }
  /** The type depends on the argument `graph`. */
  | { readonly kind: 'receipts'; readonly types: ReadonlyMap<string, ViewType> }

/** The GraphQL schema of one role, and what its fields mean. */
export interface RoleSchema {
  readonly schema: GraphQLSchema
  readonly roots: ReadonlyMap<string, RootField>
}

type Fields = GraphQLFieldConfigMap<unknown, unknown>
type Field = GraphQLFieldConfig<unknown, unknown>
type Inputs = GraphQLInputFieldConfigMap

/** The schema of everything that `role` may read. What it may not read is not in it: introspection tells no more than queries do. */
export function roleSchema(catalogue: Catalogue, role: string): RoleSchema {
  const types = [...viewTypes(catalogue.all(), role).values()]
  const receipts = new Map(catalogue.graphs.map((graph) => [graph, receiptsType(catalogue, graph, role)]))
  const builder = new SchemaBuilder(new Set(types.map(({ name }) => name)))
  const roots = new Map<string, RootField>()
  const query: Fields = {}
  for (const type of types) builder.addRoots(type, query, roots)
  const [anyReceipts] = receipts.values()
  if (anyReceipts !== undefined) {
    roots.set('_receipts', { kind: 'receipts', types: receipts })
    query['_receipts'] = builder.listField(anyReceipts, { graph: { type: new GraphQLNonNull(GraphQLString) } })
  }
  if (Object.keys(query).length === 0) query['_ready'] = { type: GraphQLString, description: 'Nothing can be read in this role yet.' }
  const schema = new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: query }),
    mutation: new GraphQLObjectType({ name: 'Mutation', fields: { command: builder.commandField() } }),
  })
  return { schema, roots }
}

const DIRECTIONS = { asc: { description: 'Blank first.' }, desc: { description: 'Blank last.' } }
const FORMS = { TEXT: { description: 'As text; a cell error as its name.' } }

/** Makes each GraphQL type once. */
class SchemaBuilder {
  readonly #sheets: ReadonlySet<string>
  readonly #direction: GraphQLEnumType
  readonly #form: GraphQLEnumType
  readonly #objects = new Map<ViewType, GraphQLObjectType>()
  readonly #filters = new Map<ViewType, GraphQLInputObjectType>()
  readonly #orders = new Map<ViewType, GraphQLInputObjectType>()
  readonly #comparisons = new Map<string, GraphQLInputObjectType>()

  /** `sheets`: types that are called as their sheets are; ours give way, for two of one name are no schema. */
  constructor(sheets: ReadonlySet<string>) {
    this.#sheets = sheets
    this.#direction = new GraphQLEnumType({ name: this.#own('order_by'), values: DIRECTIONS })
    this.#form = new GraphQLEnumType({ name: this.#own('as'), values: FORMS })
  }

  /** A name of ours that no sheet has: a capital letter stands in none of theirs. */
  #own(name: string): string {
    return this.#sheets.has(name) ? `${name}_T` : name
  }

  addRoots(type: ViewType, query: Fields, roots: Map<string, RootField>): void {
    const { name, view } = type
    const add = (field: string, root: RootField, config: Field): void => {
      if (roots.has(field)) return
      roots.set(field, root)
      query[field] = config
    }
    if (view.schema.single === true) {
      add(name, { kind: 'single', type }, { type: this.#object(type), description: view.schema.about })
      return
    }
    add(name, { kind: 'list', type }, this.listField(type))
    const key = keyArguments(type)
    if (key !== null) add(`${name}_by_pk`, { kind: 'by_pk', type }, { type: this.#object(type), args: key })
    if (view.schema.search.length > 0) add(`${name}_search`, { kind: 'search', type }, this.#searchField(type))
  }

  listField(type: ViewType, more: Inputs = {}): Field {
    const filters = type.filterable.size > 0
    return {
      type: listOf(this.#object(type)),
      description: type.view.schema.about,
      args: {
        ...more,
        ...(filters
          ? { where: { type: this.#filter(type) }, order_by: { type: new GraphQLList(new GraphQLNonNull(this.#order(type))) } }
          : {}),
        limit: { type: GraphQLInt, description: 'At most so many rows. A small list with a limit is live, a page is not.' },
        after: { type: GraphQLString, description: 'Rows behind that `_cursor`.' },
      },
    }
  }

  #searchField(type: ViewType): Field {
    const args = { text: { type: new GraphQLNonNull(GraphQLString) }, limit: { type: GraphQLInt } }
    return { type: listOf(this.#object(type)), args, description: 'Full-text search, best first. Never live.' }
  }

  #object(type: ViewType): GraphQLObjectType {
    let object = this.#objects.get(type)
    if (object === undefined) {
      object = new GraphQLObjectType({ name: type.name, description: type.view.schema.about, fields: () => this.#objectFields(type) })
      this.#objects.set(type, object)
    }
    return object
  }

  #objectFields(type: ViewType): Fields {
    const fields: Fields = {}
    for (const [name, column] of type.columns) fields[name] = { type: outputType(column), args: { as: { type: this.#form } } }
    for (const [name, { child }] of type.lists) fields[name] = this.listField(child)
    fields['_key'] = { type: listOf(GraphQLString), description: 'The key of the row, which clients follow it by.' }
    fields['_cursor'] = { type: GraphQLString, description: 'The place of the row, for `after`.' }
    return fields
  }

  #filter(type: ViewType): GraphQLInputObjectType {
    let filter = this.#filters.get(type)
    if (filter === undefined) {
      filter = new GraphQLInputObjectType({ name: this.#own(`${type.name}_bool_exp`), fields: () => this.#filterFields(type) })
      this.#filters.set(type, filter)
    }
    return filter
  }

  #filterFields(type: ViewType): Inputs {
    const self = this.#filter(type)
    const all = { type: new GraphQLList(new GraphQLNonNull(self)) }
    const fields: Inputs = { _and: all, _or: all, _not: { type: self } }
    for (const [name, column] of type.filterable) fields[name] = { type: this.#comparison(column) }
    return fields
  }

  #comparison(column: ColumnSchema): GraphQLInputObjectType {
    const scalar = scalarOf(column) as GraphQLScalarType
    let comparison = this.#comparisons.get(scalar.name)
    if (comparison === undefined) {
      const one = { type: scalar }
      const many = { type: new GraphQLList(new GraphQLNonNull(scalar)) }
      const prefix: Inputs = scalar === GraphQLString ? { _prefix: one } : {}
      comparison = new GraphQLInputObjectType({
        name: `${scalar.name}_comparison_exp`,
        fields: {
          _eq: one,
          _neq: one,
          _in: many,
          _nin: many,
          _lt: one,
          _lte: one,
          _gt: one,
          _gte: one,
          _is_null: { type: scalarOf(BOOL) as GraphQLScalarType },
          ...prefix,
        },
      })
      this.#comparisons.set(scalar.name, comparison)
    }
    return comparison
  }

  commandField(): Field {
    const receipt = new GraphQLObjectType({
      name: this.#own('command_receipt'),
      fields: {
        id: { type: new GraphQLNonNull(GraphQLID) },
        status: { type: new GraphQLNonNull(GraphQLString) },
        validForMs: { type: new GraphQLNonNull(scalarOf(INT) as GraphQLScalarType), description: 'How long it may wait for its handler.' },
      },
    })
    return {
      type: receipt,
      description: 'Sends a command. Its effect comes back as a change; what became of it is in `_receipts`.',
      args: {
        id: { type: new GraphQLNonNull(GraphQLID), description: 'A ULID made by the client: sent twice, done once.' },
        name: { type: new GraphQLNonNull(GraphQLString) },
        payload: { type: JSON_SCALAR },
      },
    }
  }

  #order(type: ViewType): GraphQLInputObjectType {
    let order = this.#orders.get(type)
    if (order === undefined) {
      const fields: Inputs = {}
      for (const name of type.filterable.keys()) fields[name] = { type: this.#direction }
      order = new GraphQLInputObjectType({ name: this.#own(`${type.name}_order_by`), fields })
      this.#orders.set(type, order)
    }
    return order
  }
}

const INT: ColumnSchema = { name: '', id: 0, type: 'int', null: false }
const BOOL: ColumnSchema = { name: '', id: 0, type: 'bool', null: false }

function listOf(type: GraphQLOutputType & (GraphQLObjectType | GraphQLScalarType)): GraphQLOutputType {
  return new GraphQLList(new GraphQLNonNull(type))
}

/** The key's columns as arguments; null if the role cannot see one of them. */
function keyArguments(type: ViewType): Inputs | null {
  const args: Inputs = {}
  for (const name of type.view.schema.key) {
    const field = [...type.columns].find(([, column]) => column.name === name)
    const scalar = field === undefined ? null : scalarOf(field[1])
    if (field === undefined || scalar === null) return null
    args[field[0]] = { type: new GraphQLNonNull(scalar) }
  }
  return Object.keys(args).length === 0 ? null : args
}
