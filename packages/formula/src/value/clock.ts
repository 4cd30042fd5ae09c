import type { Timestamp, Value } from '@sheetflow/core/value'
import type { ClockUnit } from '../bound.ts'

const MINUTE_MICROS = 60_000_000

/** What TODAY or NOW is when the workbook's zone shows that time: its day, or its minute. */
export function clockValue({ days, micros }: Timestamp, unit: ClockUnit): Value {
  return unit === 'day' ? days : { days, micros: micros - (micros % MINUTE_MICROS) }
}
