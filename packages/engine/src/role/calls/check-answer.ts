import type { FunctionValueType } from '@sheetflow/core/function-signature'
import { isJsonOf } from '@sheetflow/core/json-codec'
import { isJsonError } from '@sheetflow/core/json-special'
import type { FunctionAnswer } from '@sheetflow/core/ports/functions'
import type { JsonValue } from '@sheetflow/core/value'

/** An answer is a cell: larger values lie in the blob store, which functions do not know. */
const ANSWER_BYTES = 256 * 1024

/** What is written down as the answer to a row, and what was wrong with it; null: it was not answered. */
export interface CheckedAnswer {
  readonly value: JsonValue
  readonly flaw: string | null
}

/** An answer as it may go into cells: by the function's type and no larger than a cell, else `#VALUE!`. Null: there is none yet. */
export function checkedAnswer({ type, nullable }: FunctionValueType, answer: FunctionAnswer): CheckedAnswer | null {
  if ('later' in answer) return null
  if ('error' in answer) return { value: { e: answer.error === '#BUSY!' ? '#VALUE!' : answer.error }, flaw: answer.reason }
  const { value } = answer
  if (value === null) return nullable ? { value, flaw: null } : refused('it answered Blank, which its result may not be')
  if (typeof value === 'object' && isJsonError(value)) return refused('it answered an error as a value')
  if (typeof value === 'object' && !Array.isArray(value)) return refused('it answered an object')
  if (!isJsonOf(type, value)) return refused(`it answered something that is no ${type.type}`)
  return typeof value === 'string' && value.length > ANSWER_BYTES
    ? refused(`it answered more than ${ANSWER_BYTES} characters`)
    : { value, flaw: null }
}

function refused(flaw: string): CheckedAnswer {
  return { value: { e: '#VALUE!' }, flaw }
}
