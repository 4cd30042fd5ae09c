import { SheetflowError } from '../errors.ts'
import type { ViewStatus } from '../message.ts'
import type { LiveRow, Publication } from '../wire.ts'

/** A publication that stands in the vectors; `core/bad-message` if it is not what FORMATS 8 says. Unknown members are ignored. */
export function readPublication(json: unknown): Publication {
  if (!isRecord(json) || !isOffset(json['o'])) return refuse('has no offset')
  const { o, reset, status, rows } = json
  if (reset !== undefined && reset !== true) return refuse('has a reset that is not true')
  if (status !== undefined && !isViewStatus(status)) return refuse('has a status that is none')
  if (rows !== undefined && !(Array.isArray(rows) && rows.every(isLiveRow))) return refuse('holds something that is no row')
  if (reset === undefined && rows === undefined) return refuse('says nothing')
  return {
    o,
    ...(reset === undefined ? {} : { reset }),
    ...(status === undefined ? {} : { status }),
    ...(rows === undefined ? {} : { rows }),
  }
}

const STATUSES: ReadonlySet<unknown> = new Set<ViewStatus>(['ready', 'loading', 'stale'])

function isViewStatus(value: unknown): value is ViewStatus {
  return STATUSES.has(value)
}

function isLiveRow(row: unknown): row is LiveRow {
  if (!Array.isArray(row) || row.length !== 3) return false
  const [op, key, columns] = row as unknown[]
  if (!Array.isArray(key)) return false
  return op === 'd' ? columns === null : (op === 'c' || op === 'u') && isRecord(columns)
}

function isOffset(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refuse(flaw: string): never {
  throw new SheetflowError('core/bad-message', `a publication ${flaw}`, {
    fix: 'Use a server and a client of the same version of Sheetflow.',
  })
}
