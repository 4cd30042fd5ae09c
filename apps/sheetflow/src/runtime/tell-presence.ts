import { hostname } from 'node:os'
import type { Log } from '@sheetflow/core/ports/host'
import type { Presence } from '@sheetflow/core/ports/presence'
import { systemClock } from '../ops/system-clock.ts'
import { toPlainError } from './plain-error.ts'
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

/** Where a process tells, as whom, and where it says that it cannot. */
export interface Telling {
  readonly presence: Presence
  readonly holder: string
  readonly log: Log
}

/**
 * Tells every second how the roles of this process do, until the signal aborts. What cannot be told is told the next time; that it cannot is logged, once for each reason on end: without it
 * `sheetflow status` does not know of this process.
 */
export async function tellPresence(
  { presence, holder, log }: Telling,
  news: () => Pick<ProcessReport, 'roles' | 'url'>,
  signal: AbortSignal,
): Promise<void> {
  let trouble: string | null = null
  while (!signal.aborted) {
    const error = await presence.tell(holder, textOf(news())).then(() => null, toPlainError)
    if (error !== null && error.message !== trouble && !signal.aborted) {
      log.warn('presence.untold', {
        code: error.code,
        message: `\`sheetflow status\` does not see this process: ${error.message}`,
        fix: error.fix,
      })
    } else if (error === null && trouble !== null) log.info('presence.told', {})
    trouble = error?.message ?? null
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
