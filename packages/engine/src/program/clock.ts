import { parseTimestamp } from '@sheetflow/core/calendar'
import type { DateValue, Timestamp } from '@sheetflow/core/value'
import { localTime } from '@sheetflow/formula/value/zone'

/** The day that a workbook's zone shows at an ISO time; null if the text is no time. Messages bring the time: no clock is read (law 4). */
export function dayOf(now: string, zone: string): DateValue | null {
  return localNow(now, zone)?.days ?? null
}

/** What a zone shows at an ISO time; null if the text is no time. */
export function localNow(now: string, zone: string): Timestamp | null {
  const moment = parseTimestamp('timestamptz', now)
  return moment === null ? null : localTime(moment, zone)
}
