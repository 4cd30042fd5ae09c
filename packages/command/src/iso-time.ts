import { formatTimestamp, timestampFromMs } from '@sheetflow/core/calendar'

/** Milliseconds since 1970 as messages carry them: ISO, UTC, 6 decimals. */
export function isoTime(ms: number): string {
  return formatTimestamp('timestamptz', timestampFromMs(ms))
}
