import type { ColumnSchema } from '@sheetflow/core/schema'
import type { JsonValue } from '@sheetflow/core/value'
import type { Cursors } from './cursor.ts'
import type { RowShape, ShapeField } from './lowered.ts'

/** One error of an answer (GraphQL: `errors`). */
export interface AnswerError {
  readonly message: string
  readonly path: readonly (string | number)[]
  readonly extensions: Readonly<Record<string, unknown>>
}

/** A row as the store's JSON has it; nested lists are arrays of such rows. */
export type StoreRow = Readonly<Record<string, JsonValue | readonly StoreRow[]>>

/** Makes the address under which the content of a big value can be read for a while. */
export type BlobUrl = (hash: string) => string

/** What rendering of parsed rows needs. */
export interface RenderContext {
  readonly cursors: Cursors
  readonly blobUrl: BlobUrl
  readonly errors: AnswerError[]
  /** Called for each nested list of each row; `path` as in FORMATS 8, `customers[["7"]].open`. */
  nested(field: Extract<ShapeField, { kind: 'list' }>, parent: StoreRow, path: string): void
}

/**
 * Can the store's text be the answer's, as it stands? Not if a cell holds an error or a big value. No other cell is a JSON object, and inside of
 * JSON strings the quotes are escaped, so these characters stand only where such a cell begins, or a row whose first column has that name:
 * then the slow way is taken for nothing.
 */
export function isPlain(text: string): boolean {
  return !text.includes('{"e":') && !text.includes('{"b":')
}

/** Are there more than `max` rows in the text of an array of flat rows? Counts where one object ends and the next begins, which no string holds. */
export function hasMoreRows(text: string, max: number): boolean {
  // Each row takes at least `{},`.
  if (text.length <= max * 3) return false
  let rows = text === '[]' ? 0 : 1
  for (let at = text.indexOf('},{"'); at !== -1; at = text.indexOf('},{"', at + 3)) {
    rows += 1
    if (rows > max) return true
  }
  return rows > max
}

/** The JSON text of one row of the answer. `path` is that of the row in `errors`, `place` that of its list in `extensions`. */
export function renderRow(context: RenderContext, shape: RowShape, row: StoreRow, at: RowPlace): string {
  let text = '{'
  for (const field of shape.fields) {
    if (text.length > 1) text += ','
    text += `${JSON.stringify(field.key)}:${renderField(context, shape, row, field, at)}`
  }
  return `${text}}`
}

/** Where a row stands. */
export interface RowPlace {
  readonly path: readonly (string | number)[]
  readonly list: string
}

function renderField(context: RenderContext, shape: RowShape, row: StoreRow, field: ShapeField, at: RowPlace): string {
  switch (field.kind) {
    case 'column':
      return renderCell(context, row[field.column.name] as JsonValue, field, at)
    case 'key':
      return JSON.stringify(row['_key'] ?? [])
    case 'typename':
      return JSON.stringify(field.name)
    case 'cursor': {
      const order = shape.order.map(({ column }) => (row[column] ?? null) as JsonValue)
      return JSON.stringify(context.cursors.sign(shape.list, { order, key: (row['_key'] ?? []) as readonly JsonValue[] }))
    }
    case 'list':
      return renderNested(context, row, field, at)
  }
}

function renderNested(context: RenderContext, row: StoreRow, field: Extract<ShapeField, { kind: 'list' }>, at: RowPlace): string {
  const { shape, maxRows } = field.list
  const rows = (row[field.as] ?? []) as readonly StoreRow[]
  const list = `${at.list}.${field.key}`
  const path = [...at.path, field.key]
  if (maxRows !== null && rows.length > maxRows) {
    context.errors.push(tooManyRows(path, maxRows))
    return 'null'
  }
  context.nested(field, row, list)
  const texts = rows.map((child, i) => {
    const place = { path: [...path, i], list: `${list}[${JSON.stringify(child['_key'] ?? [])}]` }
    return renderRow(context, shape, child, place)
  })
  return `[${texts.join(',')}]`
}

function renderCell(
  context: RenderContext,
  value: JsonValue | undefined,
  field: { readonly key: string; readonly column: ColumnSchema; readonly asText: boolean },
  at: RowPlace,
): string {
  if (value === undefined || value === null) return 'null'
  if (typeof value !== 'object') return field.asText && typeof value !== 'string' ? JSON.stringify(String(value)) : JSON.stringify(value)
  if ('e' in value) return renderError(context, value, field, at)
  if ('b' in value) return JSON.stringify(context.blobUrl(value.b))
  if (Array.isArray(value)) return field.asText ? JSON.stringify(JSON.stringify(value)) : JSON.stringify(value)
  return 'null'
}

function renderError(
  context: RenderContext,
  error: { readonly e: string; readonly of?: string },
  field: { readonly key: string; readonly asText: boolean },
  at: RowPlace,
): string {
  if (field.asText) return JSON.stringify(error.e)
  const of = error.of === undefined ? {} : { of: error.of }
  context.errors.push({ message: error.e, path: [...at.path, field.key], extensions: { code: 'CELL_ERROR', error: error.e, ...of } })
  return 'null'
}

/** The error of a list that has more rows than one answer holds. */
export function tooManyRows(path: readonly (string | number)[], max: number): AnswerError {
  return {
    message: `the list has more than ${max} rows`,
    path,
    extensions: { code: 'query/too-many-rows', fix: 'Ask with `limit` or `where`, or page by page with `after`.' },
  }
}
