import type { KeyJson } from '@sheetflow/core/message'
import type { KeyColumn } from '@sheetflow/core/wire'
import type { FieldPlan, PagePlan } from './field-plan.ts'
import { literal } from './literal.ts'
import { KEY_FIELD } from './plan-page.ts'

/** A document with the variables that it uses. */
export interface Question {
  readonly document: string
  readonly variables: Readonly<Record<string, unknown>>
}

const RECEIPT_COLUMNS = ['id', 'user', 'status', 'code', 'result', 'at', 'inputs']

/** Sends a command. One document for all, which the server reads once; what varies has the room of a body, not of a document. */
export const COMMAND_DOCUMENT: string =
  'mutation ($id: ID!, $name: String!, $payload: JSON) { command(id: $id, name: $name, payload: $payload) { id status validForMs } }'

/** Asks what became of certain commands, as far as one graph knows. */
export const RECEIPTS_DOCUMENT: string = `query ($graph: String!, $ids: [String!]) { _receipts(graph: $graph, where: {id: {_in: $ids}}) { ${RECEIPT_COLUMNS.join(' ')} } }`

/** Asks root fields of a page (or all of it), as of one moment. */
export function rootsQuestion(plan: PagePlan, roots: readonly FieldPlan[]): Question {
  return question(
    plan,
    roots.map((root) => root.text),
    roots.flatMap((root) => root.variables),
  )
}

/** A row to be asked for by its key. */
export interface RowWish {
  readonly field: FieldPlan
  /** Name of the view's field in GraphQL, without `_by_pk`. */
  readonly sheet: string
  readonly keyColumns: readonly KeyColumn[]
  readonly key: KeyJson
}

/** The alias under which wish `i` of a question is answered. */
export function wishAlias(i: number): string {
  return `row_${i}`
}

/** Asks rows by their keys, each with the whole selection of its field, as of one moment. */
export function rowsQuestion(plan: PagePlan, wishes: readonly RowWish[]): Question {
  return question(
    plan,
    wishes.map((wish, i) => `${wishAlias(i)}: ${wish.sheet}_by_pk${keyArguments(wish)} ${wish.field.selection}`),
    wishes.flatMap((wish) => wish.field.selectionVariables),
  )
}

/** So many receipts are followed, the newest. */
export const RECEIPT_WINDOW = 100

/** The newest receipts of the reader in one graph: a root field that the client adds for itself. */
export function receiptsPlan(graph: string): FieldPlan {
  return receiptsField(`_receipts_${graph}`, `graph: ${literal(graph)}, order_by: [{at: desc}], limit: ${RECEIPT_WINDOW}`)
}

/** The receipts of these commands; `number` tells such lists of a page apart. */
export function receiptsByIdPlan(graph: string, ids: readonly string[], number: number): FieldPlan {
  return receiptsField(`_receipts_${graph}_${number}`, `graph: ${literal(graph)}, where: {id: {_in: ${literal(ids)}}}`)
}

function receiptsField(as: string, given: string): FieldPlan {
  const columns = RECEIPT_COLUMNS
  const selection = `{ ${[KEY_FIELD, ...columns].join(' ')} }`
  return {
    as,
    name: '_receipts',
    columns: columns.map((column) => ({ as: column, column, asText: false, hidden: false })),
    nested: [],
    text: `${as}: _receipts(${given}) ${selection}`,
    selection,
    variables: [],
    selectionVariables: [],
    hidden: true,
  }
}

function question(plan: PagePlan, fields: readonly string[], used: readonly string[]): Question {
  const names = [...new Set(used)].filter((name) => name in plan.definitions)
  const header = names.length === 0 ? 'query' : `query (${names.map((name) => plan.definitions[name]).join(', ')})`
  const given = names.filter((name) => name in plan.variables)
  return {
    document: `${header} {\n${fields.join('\n')}\n}`,
    variables: Object.fromEntries(given.map((name) => [name, plan.variables[name]])),
  }
}

function keyArguments({ keyColumns, key }: RowWish): string {
  if (keyColumns.length === 0) return ''
  return `(${keyColumns.map(({ column }, i) => `${column}: ${literal(key[i] ?? null)}`).join(', ')})`
}
