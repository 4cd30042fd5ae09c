import type { FunctionValueType } from '@sheetflow/core/function-signature'
import type { ScalarTypeName } from '@sheetflow/core/type'

/** The types of FORMATS 1 that can be sent. */
export type SentTypeName = Exclude<ScalarTypeName, 'bytes' | 'interval'>

/** A type; with `?` it may be Blank. */
export type SentType = SentTypeName | `${SentTypeName}?`

/** Parameter → type, in the order in which formulas write the arguments. */
export type ParameterShape = Readonly<Record<string, SentType>>

/** Arguments in JSON form (FORMATS 1): numbers for int and double, text for all that must stay exact. */
export type ArgumentsOf<S extends ParameterShape> = { readonly [N in keyof S]: ValueOf<S[N]> }

/** One value in JSON form. */
export type ValueOf<T extends SentType> = T extends `${infer B extends SentTypeName}?`
  ? Form<B> | null
  : T extends SentTypeName
    ? Form<T>
    : never
type Form<T extends SentTypeName> = T extends 'int' | 'double' ? number : T extends 'bool' ? boolean : string

/** Names of the types, for messages. */
export const SENT_TYPES: readonly SentTypeName[] = [
  'bool',
  'int',
  'bigint',
  'decimal',
  'double',
  'text',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'uuid',
  'json',
]

/** Null: it is the name of no type that can be sent. */
export function readSentType(text: unknown): FunctionValueType | null {
  if (typeof text !== 'string') return null
  const nullable = text.endsWith('?')
  const name = SENT_TYPES.find((one) => one === (nullable ? text.slice(0, -1) : text))
  return name === undefined ? null : { type: { type: name }, nullable }
}
