import type { KeyJson } from '@sheetflow/core/message'
import type { JsonValue } from '@sheetflow/core/value'
import type { LiveExtension, ViewState } from '@sheetflow/core/wire'
import type { Answer, AnswerError } from '../net/transport.ts'
import type { FieldPlan } from '../plan/field-plan.ts'
import { KEY_FIELD } from '../plan/plan-page.ts'
import type { AnswerRow } from '../rows/live-list.ts'
import { keyFromTexts, rowId } from '../rows/row-id.ts'
import { byPath, nestedPath, rootPath, type LivePath } from './live-path.ts'

/** One field of a plan as an answer has it. */
export interface AnsweredField {
  readonly plan: FieldPlan
  readonly live: LiveExtension | null
  readonly state: ViewState | null
  /** A row (`…_by_pk`, values) rather than a list. */
  readonly single: boolean
  readonly rows: readonly AnsweredRow[]
  /** Why the field as a whole was not answered. */
  readonly error: FieldError | null
}

/** One row of it; its nested fields in the order of the plan. */
export interface AnsweredRow extends AnswerRow {
  readonly id: string
  readonly nested: readonly AnsweredField[]
}

/** What is wrong with a field or a page. */
export interface FieldError {
  readonly code: string
  readonly message: string
  readonly fix?: string
}

type RecordData = Readonly<Record<string, unknown>>

interface Reading {
  readonly live: ReadonlyMap<LivePath, LiveExtension>
  readonly state: ReadonlyMap<LivePath, ViewState>
  /** Errors by their place in the answer. */
  readonly errors: ReadonlyMap<string, AnswerError>
}

/** Reads root fields out of an answer; `as` is where each is answered, its own name unless another is given. */
export function readAnswer(answer: Answer, wanted: readonly { readonly plan: FieldPlan; readonly as: string }[]): AnsweredField[] {
  const reading: Reading = {
    live: byPath(answer.live),
    state: byPath(answer.state),
    errors: new Map(answer.errors.map((error) => [placeOf(error.path ?? []), error])),
  }
  return wanted.map(({ plan, as }) => readField(reading, plan, { data: answer.data?.[as], path: rootPath(as), place: [as] }))
}

/** The error of an answer that is about the whole document. */
export function documentError(answer: Answer): FieldError | null {
  const error =
    answer.errors.find((one) => one.path === undefined || one.path.length === 0) ?? (answer.data === null ? answer.errors[0] : undefined)
  return error === undefined ? null : fieldError(error)
}

/** An entry of `errors` in our words. */
export function fieldError(error: AnswerError): FieldError {
  const { code = 'query/invalid', fix } = error.extensions ?? {}
  return { code, message: error.message, ...(fix === undefined ? {} : { fix }) }
}

interface Here {
  readonly data: unknown
  readonly path: LivePath
  readonly place: readonly (string | number)[]
}

function readField(reading: Reading, plan: FieldPlan, { data, path, place }: Here): AnsweredField {
  const live = reading.live.get(path) ?? null
  const error = reading.errors.get(placeOf(place))
  const list = Array.isArray(data)
  const rows: readonly unknown[] = list ? data : [data]
  return {
    plan,
    live,
    state: reading.state.get(path) ?? null,
    single: list ? false : isRecord(data) || plan.name.endsWith('_by_pk'),
    rows: rows.flatMap((row, i) =>
      isRecord(row) ? [readRow(reading, plan, { data: row, path, place: list ? [...place, i] : place, live })] : [],
    ),
    error: error === undefined || error.extensions?.code === 'CELL_ERROR' ? null : fieldError(error),
  }
}

function readRow(
  reading: Reading,
  plan: FieldPlan,
  here: Here & { readonly data: RecordData; readonly live: LiveExtension | null },
): AnsweredRow {
  const { data, path, place, live } = here
  const texts = Array.isArray(data[KEY_FIELD]) ? (data[KEY_FIELD] as KeyJson) : []
  const key = live === null ? texts : keyFromTexts(live.key, texts)
  const id = rowId(key)
  const cells: Record<string, JsonValue> = {}
  for (const { as, column } of plan.columns) cells[column] = cellOf(reading, data[as], [...place, as])
  const nested = plan.nested.map((child) => {
    const own = nestedPath(path, id, child.as)
    // Of a single row there is no doubt which one is meant: its key may be left out of the path.
    const short = `${path}.${child.as}`
    const known = reading.live.has(own) || reading.state.has(own)
    return readField(reading, child, { data: data[child.as], path: known ? own : short, place: [...place, child.as] })
  })
  return { id, key, cells, nested }
}

/** A cell error is null in the answer and named in its errors. */
function cellOf(reading: Reading, value: unknown, place: readonly (string | number)[]): JsonValue {
  if (value !== null && value !== undefined) return value as JsonValue
  const error = reading.errors.get(placeOf(place))
  if (error?.extensions?.code !== 'CELL_ERROR') return null
  return { e: error.extensions.error ?? /#[A-Z0-9/?!]+/.exec(error.message)?.[0] ?? '#VALUE!' }
}

function placeOf(path: readonly (string | number)[]): string {
  return JSON.stringify(path)
}

function isRecord(data: unknown): data is RecordData {
  return typeof data === 'object' && data !== null && !Array.isArray(data)
}
