import { SheetflowError } from '@sheetflow/core/errors'
import {
  Kind,
  OperationTypeNode,
  parse,
  print,
  valueFromASTUntyped,
  visit,
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import type { ColumnPlan, FieldPlan, PagePlan } from './field-plan.ts'

/** The hidden key field; prefix of the aliases under which ordering columns are added. */
export const KEY_FIELD = '_key'
const ORDER_PREFIX = '_order_'

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>
type Variables = Readonly<Record<string, unknown>>

interface Surroundings {
  readonly fragments: Fragments
  readonly variables: Variables
}

/**
 * Reads a page's query: one `query` operation. Adds `_key` to every row and the `order_by` columns to every list, so that rows can be told
 * apart and placed (FORMATS 8). `query/parse` with the place if it is not GraphQL, `query/invalid` if it is not exactly one query.
 */
export function planPage(query: string, variables: Variables = {}): PagePlan {
  const document = parsed(query)
  const operation = onlyQuery(document)
  const fragments: Fragments = new Map(
    document.definitions.flatMap((d) => (d.kind === Kind.FRAGMENT_DEFINITION ? [[d.name.value, d] as const] : [])),
  )
  const around: Surroundings = { fragments, variables }
  const fields = flatten(operation.selectionSet.selections, around).map((field) => completed(field, around))
  return {
    roots: fields.map(fieldPlan),
    variables,
    definitions: Object.fromEntries((operation.variableDefinitions ?? []).map((d) => [d.variable.name.value, print(d)])),
  }
}

function parsed(query: string): DocumentNode {
  try {
    return parse(query)
  } catch (error) {
    throw new SheetflowError('query/parse', `the page's query is not GraphQL: ${String(error)}`, {
      fix: 'Try it in the GraphQL explorer first.',
      cause: error,
    })
  }
}

function onlyQuery(document: DocumentNode): OperationDefinitionNode {
  const operations = document.definitions.filter((d) => d.kind === Kind.OPERATION_DEFINITION)
  const [operation] = operations
  if (operation === undefined || operations.length > 1 || operation.operation !== OperationTypeNode.QUERY) {
    throw new SheetflowError('query/invalid', 'a page has exactly one query', { fix: 'Write one { … } or one query { … }.' })
  }
  return operation
}

/** The fields of a selection with fragments put in their places, each response name once. */
function flatten(selections: readonly SelectionNode[], around: Surroundings): FieldNode[] {
  const fields = new Map<string, FieldNode>()
  for (const field of fieldsOf(selections, around)) {
    const known = fields.get(responseName(field))
    fields.set(responseName(field), known === undefined ? field : merged(known, field))
  }
  return [...fields.values()]
}

function fieldsOf(selections: readonly SelectionNode[], around: Surroundings): FieldNode[] {
  return selections.flatMap((selection): FieldNode[] => {
    if (selection.kind === Kind.FIELD) return [selection]
    const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : around.fragments.get(selection.name.value)
    return inner === undefined ? [] : fieldsOf(inner.selectionSet.selections, around)
  })
}

function merged(a: FieldNode, b: FieldNode): FieldNode {
  if (a.selectionSet === undefined || b.selectionSet === undefined) return a
  return { ...a, selectionSet: selectionSet([...a.selectionSet.selections, ...b.selectionSet.selections]) }
}

/** The field with the hidden ones added, in it and below it. */
function completed(field: FieldNode, around: Surroundings): FieldNode {
  if (field.selectionSet === undefined) return field
  const own = flatten(field.selectionSet.selections, around)
    .filter((child) => child.name.value !== '__typename')
    .map((child) => completed(child, around))
  const present = new Set(own.filter((child) => child.alias === undefined).map((child) => child.name.value))
  const added = orderColumns(field, around.variables).filter((column) => !present.has(column))
  const hidden = added.map((column) => plainField(column, `${ORDER_PREFIX}${column}`))
  const key = present.has(KEY_FIELD) ? [] : [plainField(KEY_FIELD)]
  return { ...field, selectionSet: selectionSet([...key, ...own, ...hidden]) }
}

function orderColumns(field: FieldNode, variables: Variables): string[] {
  const argument = field.arguments?.find((a) => a.name.value === 'order_by')
  if (argument === undefined) return []
  const value: unknown = valueFromASTUntyped(argument.value, { ...variables })
  const terms: unknown[] = Array.isArray(value) ? value : [value]
  return [...new Set(terms.flatMap((term) => (typeof term === 'object' && term !== null ? Object.keys(term) : [])))]
}

function plainField(name: string, alias?: string): FieldNode {
  const node: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: name } }
  return alias === undefined ? node : { ...node, alias: { kind: Kind.NAME, value: alias } }
}

function selectionSet(selections: readonly SelectionNode[]): SelectionSetNode {
  return { kind: Kind.SELECTION_SET, selections }
}

function fieldPlan(field: FieldNode): FieldPlan {
  const asked = withoutAsText(field)
  const selections = (field.selectionSet?.selections ?? []).filter((s) => s.kind === Kind.FIELD)
  return {
    as: responseName(field),
    name: field.name.value,
    columns: selections.filter((s) => s.selectionSet === undefined && s.name.value !== KEY_FIELD).map(columnPlan),
    nested: selections.filter((s) => s.selectionSet !== undefined).map(fieldPlan),
    text: print(asked),
    selection: asked.selectionSet === undefined ? '' : print(asked.selectionSet),
    variables: usedVariables(asked),
    selectionVariables: asked.selectionSet === undefined ? [] : usedVariables(asked.selectionSet),
    hidden: false,
  }
}

function columnPlan(field: FieldNode): ColumnPlan {
  const as = responseName(field)
  return { as, column: field.name.value, asText: (field.arguments ?? []).some(isAsText), hidden: as.startsWith(ORDER_PREFIX) }
}

function responseName(field: FieldNode): string {
  return field.alias?.value ?? field.name.value
}

function isAsText(argument: ArgumentNode): boolean {
  return argument.name.value === 'as' && argument.value.kind === Kind.ENUM && argument.value.value === 'TEXT'
}

function withoutAsText(field: FieldNode): FieldNode {
  return visit(field, { Argument: (argument) => (isAsText(argument) ? null : undefined) })
}

function usedVariables(node: FieldNode | SelectionSetNode): string[] {
  const names = new Set<string>()
  visit(node, { Variable: (variable) => void names.add(variable.name.value) })
  return [...names]
}
