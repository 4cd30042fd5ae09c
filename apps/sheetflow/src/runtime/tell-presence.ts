import { hostname } from 'node:os'
import type { Presence } from '@sheetflow/core/ports/presence'
import { systemClock } from '../ops/system-clock.ts'
import type { RoleReport } from './role.ts'

const TELL_MS = 1_000
/** Numbers beyond this are left out: a process with thousands of them has `/metrics`. */
const MAX_BYTES = 64 * 1024

/** What a process says of itself. */
export interface ProcessReport {
  readonly host: string
  readonly pid: number
  /** Where it answers /healthz, /readyz and /metrics; absent: nowhere (yet). */
  readonly url?: string
  readonly roles: Readonly<Record<string, RoleReport>>
}

/** Tells every second how the roles of this process do, until the signal aborts. What cannot be told is told the next time. */
export async function tellPresence(
  presence: Presence,
  holder: string,
  news: () => Pick<ProcessReport, 'roles' | 'url'>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await presence.tell(holder, textOf(news())).catch(() => undefined)
    await systemClock.sleep(TELL_MS, signal)
  }
}

function textOf(news: Pick<ProcessReport, 'roles' | 'url'>): string {
  const report: ProcessReport = { host: hostname(), pid: process.pid, ...news }
  const text = JSON.stringify(report)
  if (Buffer.byteLength(text) <= MAX_BYTES) return text
  const states = Object.fromEntries(Object.entries(news.roles).map(([role, { state }]) => [role, { state, values: {} }]))
  return JSON.stringify({ ...report, roles: states })
}
