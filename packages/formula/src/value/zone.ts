import { daysFromCivil, timestampOf } from '@sheetflow/core/calendar'
import type { Timestamp } from '@sheetflow/core/value'

/** Offsets change on whole quarters of an hour: one look-up serves a quarter. */
const QUARTER_MS = 900_000
const MAX_KNOWN = 100_000

interface Zone {
  readonly format: Intl.DateTimeFormat
  /** Quarter of an hour since 1970 → offset from UTC in seconds. */
  readonly offsets: Map<number, number>
}

const zones = new Map<string, Zone | null>()

function zoneNamed(name: string): Zone | null {
  let zone = zones.get(name)
  if (zone === undefined) {
    zone = makeZone(name)
    zones.set(name, zone)
  }
  return zone
}

function makeZone(name: string): Zone | null {
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'iso8601',
      era: 'short',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    return { format, offsets: new Map() }
  } catch {
    return null
  }
}

/** Names that this machine knows as they are written, without the other names of the same zones; filled when first asked for. */
const KNOWN = new Set<string>()

/**
 * Is that the name of a time zone (`Europe/Warsaw`)? Most are in a list, which is there in a tenth of the time that the first calendar of a process takes to be made
 * (13 ms): what only checks a workbook needs none.
 */
export function isTimeZone(name: string): boolean {
  if (KNOWN.size === 0) for (const known of Intl.supportedValuesOf('timeZone')) KNOWN.add(known)
  return KNOWN.has(name) || zoneNamed(name) !== null
}

/** What clock and calendar of the zone show at a moment in UTC. Unknown zones are refused when a workbook is read; here they are UTC. */
export function localTime(moment: Timestamp, name: string): Timestamp {
  return timestampOf(moment.days, moment.micros + offsetAt(moment, name) * 1_000_000)
}

/** The moment in UTC at which the zone's clock shows that. Of a time that comes twice the first; one that is skipped counts on from before. */
export function zonedTime(local: Timestamp, name: string): Timestamp {
  const back = (seconds: number): Timestamp => timestampOf(local.days, local.micros - seconds * 1_000_000)
  const before = offsetAt(timestampOf(local.days - 1, local.micros), name)
  const after = offsetAt(timestampOf(local.days + 1, local.micros), name)
  const first = back(before)
  if (before === after || offsetAt(first, name) === before) return first
  const second = back(after)
  return offsetAt(second, name) === after ? second : first
}

function offsetAt(moment: Timestamp, name: string): number {
  if (name === 'UTC') return 0
  const zone = zoneNamed(name)
  if (zone === null) return 0
  const quarter = Math.floor((moment.days * 86_400_000 + moment.micros / 1000) / QUARTER_MS)
  let offset = zone.offsets.get(quarter)
  if (offset === undefined) {
    offset = readOffset(zone.format, quarter * QUARTER_MS)
    if (zone.offsets.size >= MAX_KNOWN) zone.offsets.clear()
    zone.offsets.set(quarter, offset)
  }
  return offset
}

function readOffset(format: Intl.DateTimeFormat, ms: number): number {
  const part: Record<string, string> = {}
  for (const { type, value } of format.formatToParts(new Date(ms))) part[type] = value
  const named = Number(part['year'])
  const year = part['era'] === 'BC' || part['era'] === 'B' ? 1 - named : named
  const days = daysFromCivil(year, Number(part['month']), Number(part['day']))
  const seconds = (Number(part['hour']) * 60 + Number(part['minute'])) * 60 + Number(part['second'])
  return days * 86_400 + seconds - ms / 1000
}
