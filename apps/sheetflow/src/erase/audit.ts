import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { userInfo } from 'node:os'
import path from 'node:path'
import type { KeyJson } from '@sheetflow/core/message'
import { isoFromMs } from '@sheetflow/core/calendar'
import { ulid } from '@sheetflow/core/ulid'
import { systemClock } from '../ops/system-clock.ts'
import type { PlaceReport } from './report.ts'
import type { SourceRow } from './row-trace.ts'

/**
 * The record of an erasure: who asked for which row, when, and what became of each place. It holds the key and no value. It is written before the first change and again
 * at the end, so an erasure that was interrupted is known; and after a backup is restored it says what has to be erased again.
 */
export interface ErasureRecord {
  readonly format: 'sheetflow/erasure'
  readonly v: 1
  readonly id: string
  readonly source: string
  readonly table: string
  readonly key: KeyJson
  /** The user of the system who ran the command. */
  readonly by: string
  readonly begun: string
  /** Null: it was interrupted, or it is under way. */
  readonly finished: string | null
  readonly places: readonly PlaceReport[]
}

/** The record of a new erasure of that row; one that was interrupted goes on under its own. */
export function beginRecord(folder: string, { source, schema, key }: SourceRow): ErasureRecord {
  const open = readRecords(folder).find(
    (one) =>
      one.finished === null && one.source === source && one.table === schema.table && JSON.stringify(one.key) === JSON.stringify(key),
  )
  if (open !== undefined) return open
  const now = systemClock.now()
  return {
    format: 'sheetflow/erasure',
    v: 1,
    id: ulid(now, Math.random),
    source,
    table: schema.table,
    key,
    by: userName(),
    begun: isoFromMs(now),
    finished: null,
    places: [],
  }
}

/** A container may run under a number that has no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `user ${String(process.getuid?.() ?? 'unknown')}`
  }
}

/** Writes the record durably; what was there under its id is replaced. */
export async function writeRecord(folder: string, record: ErasureRecord): Promise<string> {
  mkdirSync(folder, { recursive: true })
  const file = path.join(folder, `${record.id}.json`)
  {
    await using handle = await open(`${file}.new`, 'w')
    await handle.writeFile(`${JSON.stringify(record, null, 2)}\n`)
    await handle.sync()
  }
  await rename(`${file}.new`, file)
  return file
}

/** All records, oldest first. */
function readRecords(folder: string): readonly ErasureRecord[] {
  let files: string[]
  try {
    files = readdirSync(folder)
  } catch {
    return []
  }
  return files
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as ErasureRecord)
}
