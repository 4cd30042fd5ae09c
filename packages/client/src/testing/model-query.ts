import type { JsonValue } from '@sheetflow/core/value'
import type { LiveExtension, SortColumn, ViewState } from '@sheetflow/core/wire'
import { Kind, parse, valueFromASTUntyped, type FieldNode } from 'graphql'
import type { Answer } from '../net/transport.ts'
import type { ModelRow, ModelState, ViewName } from './model-data.ts'

/** What a list of the model is: predicate (as data), columns, and order where it is a window. */
export interface ModelList {
  readonly view: ViewName
  readonly where: Readonly<Record<string, { readonly _eq?: JsonValue; readonly _in?: readonly JsonValue[]; readonly _gt?: number }>>
  readonly columns: readonly string[]
  readonly order: readonly SortColumn[]
  readonly limit: number | null
}

/** The rows of a list, in its order. */
export function rowsOf(list: ModelList, state: ModelState): ModelRow[] {
  const rows = [...state[list.view].values()].filter((row) => holds(list, row)).toSorted((a, b) => compare(list, a, b))
  return list.limit === null ? rows : rows.slice(0, list.limit)
}

/** Does the predicate of the list hold for the row? */
export function holds(list: ModelList, row: ModelRow): boolean {
  return Object.entries(list.where).every(([column, test]) => {
    const value = row[column] ?? null
    return (
      (test._eq === undefined || value === test._eq) &&
      (test._in?.includes(value) ?? true) &&
      (test._gt === undefined || Number(value) > test._gt)
    )
  })
}

/** The columns of the list, out of a row. */
export function projected(list: ModelList, row: ModelRow): ModelRow {
  return Object.fromEntries(list.columns.map((column) => [column, row[column] ?? null]))
}

/** Equal lists are one channel; the order counts only in windows. */
export function channelOf(list: ModelList, generation: number): string {
  const window = list.limit === null ? null : [list.order, list.limit]
  return `sf:${JSON.stringify([list.view, generation, list.where, list.columns.toSorted(), window])}`
}

function compare(list: ModelList, a: ModelRow, b: ModelRow): number {
  for (const { column, direction } of list.order) {
    const [x, y] = [a[column] ?? null, b[column] ?? null]
    if (x !== y) return ((x as number) < (y as number) ? -1 : 1) * (direction === 'asc' ? 1 : -1)
  }
  return (a['id'] as string) < (b['id'] as string) ? -1 : 1
}

/** How the model speaks of a list in `extensions.live`. */
export type Describe = (list: ModelList) => LiveExtension

/** Answers a document of the client at one state, as `serve` would. */
export function answer(document: string, state: ModelState, describe: Describe, variables: Variables = {}): Answer {
  const data: Record<string, unknown> = {}
  const live: Record<string, LiveExtension> = {}
  const states: Record<string, ViewState> = {}
  const context = { state, describe, variables, live, states }
  for (const definition of parse(document).definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue
    for (const field of fieldsOf(definition)) {
      const as = field.alias?.value ?? field.name.value
      data[as] = answerField(context, field, as, {})
    }
  }
  return { data, errors: [], live, state: states }
}

type Variables = Readonly<Record<string, unknown>>

interface Context {
  readonly variables: Variables
  readonly state: ModelState
  readonly describe: Describe
  readonly live: Record<string, LiveExtension>
  readonly states: Record<string, ViewState>
}

function answerField(context: Context, field: FieldNode, path: string, fixed: ModelList['where']): unknown {
  const byKey = field.name.value.endsWith('_by_pk')
  const args = Object.fromEntries((field.arguments ?? []).map((a) => [a.name.value, valueFromASTUntyped(a.value, context.variables)]))
  const name = field.name.value.replace(/_by_pk$/, '')
  const view = (name === 'open' ? 'orders' : name) as ViewName
  const list: ModelList = {
    view,
    where: byKey ? { id: { _eq: args['id'] as JsonValue } } : { ...(args['where'] as ModelList['where'] | undefined), ...fixed },
    columns: [
      ...new Set(
        fieldsOf(field)
          .filter((f) => f.selectionSet === undefined && f.name.value !== '_key')
          .map((f) => f.name.value),
      ),
    ],
    order: orderOf(args['order_by']),
    limit: (args['limit'] as number | undefined) ?? null,
  }
  context.live[path] = context.describe(list)
  context.states[path] = { status: 'ready' }
  const rows = rowsOf(list, context.state).map((row) => answerRow(context, field, { row, path, byKey }))
  return byKey ? (rows[0] ?? null) : rows
}

function answerRow(
  context: Context,
  field: FieldNode,
  { row, path, byKey }: { readonly row: ModelRow; readonly path: string; readonly byKey: boolean },
): Record<string, unknown> {
  const answered: Record<string, unknown> = {}
  for (const child of fieldsOf(field)) {
    const as = child.alias?.value ?? child.name.value
    const inner = `${path}${byKey ? '' : `[${JSON.stringify([row['id']])}]`}.${as}`
    if (child.selectionSet !== undefined)
      answered[as] = answerField(context, child, inner, { customer_id: { _eq: row['id'] as JsonValue } })
    else answered[as] = child.name.value === '_key' ? [row['id']] : (row[child.name.value] ?? null)
  }
  return answered
}

function fieldsOf(node: { readonly selectionSet?: FieldNode['selectionSet'] }): FieldNode[] {
  return (node.selectionSet?.selections ?? []).filter((s) => s.kind === Kind.FIELD)
}

function orderOf(given: unknown): SortColumn[] {
  const terms = given === undefined ? [] : Array.isArray(given) ? (given as unknown[]) : [given]
  return terms.flatMap((term) =>
    Object.entries(term as Record<string, 'asc' | 'desc'>).map(([column, direction]) => ({
      column,
      direction,
      type: column === 'total' ? ('int' as const) : ('text' as const),
    })),
  )
}
