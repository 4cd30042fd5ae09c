import type { ColumnSchema, ListSchema, ReadRule, SheetSchema } from '@sheetflow/core/schema'
import type { CatalogueView } from '../catalogue/catalogue.ts'
import { fieldNames } from './field-names.ts'

/** A view as one role may see it: what its fields, filters and orders are. */
export interface ViewType {
  /** Name of the GraphQL type and of the list's root field: the sheet's. */
  readonly name: string
  readonly view: CatalogueView
  readonly role: string
  readonly rule: ReadRule
  /** Columns that the role sees, by field name. */
  readonly columns: ReadonlyMap<string, ColumnSchema>
  /** Those of them that `where` and `order_by` take. */
  readonly filterable: ReadonlyMap<string, ColumnSchema>
  /** Nested lists whose rows the role may see, by field name. */
  readonly lists: ReadonlyMap<string, NestedList>
}

/** A nested list: the child's type is known when all types are. */
export interface NestedList {
  readonly schema: ListSchema
  readonly child: ViewType
}

/** The types of all views that `role` may read, by full view name. */
export function viewTypes(views: readonly CatalogueView[], role: string): ReadonlyMap<string, ViewType> {
  const types = new Map<string, ViewType & { readonly lists: Map<string, NestedList> }>()
  for (const view of views) {
    const rule = view.schema.read !== undefined && Object.hasOwn(view.schema.read, role) ? view.schema.read[role] : undefined
    if (rule !== undefined) types.set(view.schema.table, viewType(view, role, rule))
  }
  for (const type of types.values()) {
    for (const [name, schema] of Object.entries(type.view.schema.lists)) {
      const child = types.get(schema.view)
      const isFree = !type.columns.has(name) && !type.rule.hide.includes(name)
      if (child !== undefined && isFree) type.lists.set(name, { schema, child })
    }
  }
  return types
}

/** The type of one view under one rule, without its nested lists. */
export function viewType(view: CatalogueView, role: string, rule: ReadRule): ViewType & { readonly lists: Map<string, NestedList> } {
  const { schema } = view
  const visible = schema.columns.filter((column) => !rule.hide.includes(column.name))
  const columns = fieldNames(visible)
  const filterable = new Map([...columns].filter(([, column]) => isFilterable(schema, column)))
  return { name: sheetName(schema.table), view, role, rule, columns, filterable, lists: new Map() }
}

/** `sales.open_orders` → `open_orders` */
function sheetName(view: string): string {
  return view.slice(view.indexOf('.') + 1)
}

/** Text only if it is indexed (FORMATS 7, rule 6); json, bytes and lists never. */
function isFilterable(schema: SheetSchema, column: ColumnSchema): boolean {
  switch (column.type) {
    case 'text':
      return schema.index.includes(column.name) || schema.key.includes(column.name)
    case 'json':
    case 'bytes':
    case 'list':
      return false
    default:
      return true
  }
}
