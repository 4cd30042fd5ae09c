import type { FunctionValueType } from '@sheetflow/core/function-signature'
import { SENT_TYPES } from '@sheetflow/core/sent-type'
import type { SentShape, SentValues } from '@sheetflow/core/sent-type'

/** Parameter → type, in the order in which formulas write the arguments. */
export type ParameterShape = SentShape

/** Arguments in JSON form (FORMATS 1): numbers for int and double, text for all that must stay exact. */
export type ArgumentsOf<S extends ParameterShape> = SentValues<S>

/** Null: it is the name of no type that can be sent. */
export function readSentType(text: unknown): FunctionValueType | null {
  if (typeof text !== 'string') return null
  const nullable = text.endsWith('?')
  const name = SENT_TYPES.find((one) => one === (nullable ? text.slice(0, -1) : text))
  return name === undefined ? null : { type: { type: name }, nullable }
}
