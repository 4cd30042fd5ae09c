/**
 * The closed list of column types (FORMATS 1). Each has one form in memory (`value.ts`) and one in JSON (`json-codec.ts`),
 * never dependent on magnitude.
 */
export type ScalarTypeName =
  | 'bool'
  | 'int'
  | 'bigint'
  | 'decimal'
  | 'double'
  | 'text'
  | 'bytes'
  | 'date'
  | 'time'
  | 'interval'
  | 'timestamp'
  | 'timestamptz'
  | 'uuid'
  | 'json'

/**
 * A column's type. `decimal` with `p` and `s` keeps that scale (a source column); without them it is computed and has a scale of its own.
 */
export type ColumnType =
  | { readonly type: Exclude<ScalarTypeName, 'decimal'> }
  | { readonly type: 'decimal'; readonly p?: number; readonly s?: number }
  | { readonly type: 'list'; readonly of: ColumnType }
