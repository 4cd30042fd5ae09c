import type { CellError } from './cell-error.ts'
import type { Decimal } from './decimal.ts'

/** Days since 1970-01-01 (negative before), proleptic Gregorian, years 0001..9999. */
export type DateValue = number
/** Microseconds of the day, 0..86_400_000_000 (24:00:00 included, as Postgres allows it). */
export type TimeValue = number
/** A span: months and days are no fixed number of microseconds. */
export interface Interval {
  readonly months: number
  readonly days: number
  readonly micros: number
}
/** A moment: days since 1970-01-01 and microseconds of that day (0 ≤ micros < 86_400_000_000). For `timestamptz` in UTC. */
export interface Timestamp {
  readonly days: number
  readonly micros: number
}

/** The content of a big value, kept in the blob store (FORMATS 1: over 256 KiB). `b` is the sha256 in hex, `n` the size in bytes. */
export interface BlobRef {
  readonly b: string
  readonly n: number
}

/**
 * A value in memory, by column type: bool boolean · int number (safe integer) · bigint bigint · decimal Decimal · double number (finite, never −0) ·
 * text, uuid, json string · bytes Uint8Array · date number (days) · time number (µs) · interval Interval · timestamp(tz) Timestamp · list Value[].
 * Blank is null in every type; a cell error may stand in any column.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Decimal
  | Uint8Array
  | Interval
  | Timestamp
  | BlobRef
  | CellError
  | readonly Value[]

/** The JSON form of one value (FORMATS 1): what stands in row arrays, publications and GraphQL. */
export type JsonValue = null | boolean | number | string | JsonCellError | JsonUnchanged | BlobRef | readonly JsonValue[]

/** A cell error in JSON. `of` names the column where it began, if known. */
export interface JsonCellError {
  readonly e: string
  readonly of?: string
}

/** A column that the source did not send (unchanged TOAST, partial images). Never null: whoever stores rows fills it from its own copy. */
export interface JsonUnchanged {
  readonly '~': 1
}
