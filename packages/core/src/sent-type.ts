import type { ScalarTypeName } from './type.ts'

/** The types of FORMATS 1 that commands and functions send: all of a column but bytes, intervals and lists. */
export type SentTypeName = Exclude<ScalarTypeName, 'bytes' | 'interval'>

/** Their names, for messages too. */
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

/** A type; with `?` it may be Blank. */
export type SentType = SentTypeName | `${SentTypeName}?`

/** Name → type. */
export type SentShape = Readonly<Record<string, SentType>>

/** Values in JSON form (FORMATS 1): numbers for int and double, text for all that must stay exact. */
export type SentValues<S extends SentShape> = { readonly [N in keyof S]: SentValue<S[N]> }

type SentValue<T extends SentType> = T extends `${infer B extends SentTypeName}?`
  ? Form<B> | null
  : T extends SentTypeName
    ? Form<T>
    : never
type Form<T extends SentTypeName> = T extends 'int' | 'double' ? number : T extends 'bool' ? boolean : string
