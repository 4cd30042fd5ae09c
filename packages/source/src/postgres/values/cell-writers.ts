import { formatInterval, parseInterval } from '@sheetflow/core/interval'
import type { CellErrorKind } from '@sheetflow/core/cell-error'
import type { JsonBuffer } from './json-buffer.ts'

/**
 * Writes one value: Postgres' text form (`source[start, end)`, UTF-8) in, its JSON form (FORMATS 1) out. The session settings of `session.ts`
 * are what makes the text forms definite: ISO dates in UTC, hex bytea, shortest floats, ISO intervals.
 */
export type CellWriter = (out: JsonBuffer, source: Buffer, start: number, end: number) => void

/** What to do with dates beyond 0001..9999 and with infinity. */
export type DatePolicy = 'error' | 'blank' | 'text'

/** A cell error that arose in `column`. */
export function errorCell(kind: CellErrorKind, column: string): string {
  return JSON.stringify({ e: kind, of: column })
}

/** Digits that JSON takes as they are. */
export const writeInt: CellWriter = (out, source, start, end) => out.raw(source, start, end)

/** ASCII text that needs no escape: numbers kept as text, uuid. */
export const writePlain: CellWriter = (out, source, start, end) => out.rawQuoted(source, start, end)

/** Any text. */
export const writeText: CellWriter = (out, source, start, end) => out.string(source, start, end)

/** `t` or `f`. */
export const writeBool: CellWriter = (out, source, start) => out.ascii7(source[start] === 0x74 ? 'true' : 'false')

/** `\x…` → base64. */
export const writeBytes: CellWriter = (out, source, start, end) => {
  out.byte(QUOTE)
  out.ascii7(Buffer.from(source.toString('latin1', start + 2, end), 'hex').toString('base64'))
  out.byte(QUOTE)
}

/** NaN and the infinities are `#NUM!`, −0 is 0. */
export function writeDouble(column: string): CellWriter {
  const error = errorCell('#NUM!', column)
  return (out, source, start, end) => {
    const last = source[end - 1] as number
    if (last > NINE) out.text(error)
    else if (end - start === 2 && source[start] === MINUS && last === ZERO) out.byte(ZERO)
    else out.raw(source, start, end)
  }
}

/** All digits as text; NaN and the infinities are `#NUM!`. */
export function writeDecimal(column: string): CellWriter {
  const error = errorCell('#NUM!', column)
  return (out, source, start, end) => {
    if ((source[end - 1] as number) > NINE) out.text(error)
    else out.rawQuoted(source, start, end)
  }
}

/** `-$1,234.50` (lc_monetary C) → `"-1234.50"` */
export const writeMoney: CellWriter = (out, source, start, end) => {
  out.reserve(end - start + 2)
  out.byte(QUOTE)
  for (let i = start; i < end; i++) {
    const code = source[i] as number
    if (code !== DOLLAR && code !== COMMA) out.byte(code)
  }
  out.byte(QUOTE)
}

/** `2026-11-23` */
export function writeDate(column: string, policy: DatePolicy): CellWriter {
  const other = writeOtherDate(column, policy)
  return (out, source, start, end) => {
    if (end - start === 10 && source[start + 4] === MINUS) out.rawQuoted(source, start, end)
    else other(out, source, start, end)
  }
}

/** `2026-11-23 10:00:00.5` → `"2026-11-23T10:00:00.500000"`, of a timestamptz (UTC: `+00` behind) with `Z`. */
export function writeTimestamp(column: string, policy: DatePolicy, zoned: boolean): CellWriter {
  const other = writeOtherDate(column, policy)
  return (out, source, start, end) => {
    const last = source[end - 1] as number
    if (source[start + 4] !== MINUS || last > NINE) return other(out, source, start, end)
    const stop = zoned ? end - ZONE_LENGTH : end
    out.byte(QUOTE)
    out.raw(source, start, start + 10)
    out.byte(LETTER_T)
    writeClock(out, source, start + 11, stop)
    if (zoned) out.byte(LETTER_Z)
    out.byte(QUOTE)
  }
}

/** `10:00:00.5` → `"10:00:00.500000"` */
export const writeTime: CellWriter = (out, source, start, end) => {
  out.byte(QUOTE)
  writeClock(out, source, start, end)
  out.byte(QUOTE)
}

/** ISO 8601 in its one form; an infinite one is `#VALUE!`. */
export function writeInterval(column: string): CellWriter {
  const error = errorCell('#VALUE!', column)
  return (out, source, start, end) => {
    const interval = parseInterval(source.toString('latin1', start, end))
    out.text(interval === null ? error : JSON.stringify(formatInterval(interval)))
  }
}

const QUOTE = 0x22
const DOLLAR = 0x24
const COMMA = 0x2c
const MINUS = 0x2d
const DOT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const LETTER_T = 0x54
const LETTER_Z = 0x5a
const ZONE_LENGTH = 3
const WHOLE_SECONDS = 8
const WITH_MICROS = 15

/** `HH:MM:SS`, then always six decimals. */
function writeClock(out: JsonBuffer, source: Buffer, start: number, end: number): void {
  out.raw(source, start, end)
  let length = end - start
  out.reserve(WITH_MICROS)
  if (length === WHOLE_SECONDS) {
    out.byte(DOT)
    length++
  }
  for (; length < WITH_MICROS; length++) out.byte(ZERO)
}

function writeOtherDate(column: string, policy: DatePolicy): CellWriter {
  if (policy === 'text') return writeText
  const instead = policy === 'blank' ? 'null' : errorCell('#VALUE!', column)
  return (out) => out.text(instead)
}
