import { SheetflowError } from '@sheetflow/core/errors'
import { DEFAULT_SYNC_MS, MONITOR_MS, SYNC_ROOM_MS } from './limits.ts'

/** When what the server has acknowledged is on its disk, and how that is known. */
export interface SyncJudgement {
  readonly interval: 'always' | number
  readonly durableAfterMs: number
  readonly from: 'configuration' | 'monitoring' | 'assumption'
}

/**
 * A JetStream server acknowledges what it has written; it syncs its files every `sync_interval` (default two minutes), or with `always` before it answers. The
 * interval is no part of its protocol: it is taken from the configuration, asked of the monitoring, or assumed to be the default.
 * `bus/unavailable` if the monitoring that was named does not answer.
 */
export async function judgeSync(options: { readonly syncInterval?: 'always' | number; readonly monitor?: string }): Promise<SyncJudgement> {
  const { syncInterval, monitor } = options
  if (syncInterval !== undefined) return judged(syncInterval, 'configuration')
  if (monitor !== undefined) return judged(await askMonitor(monitor), 'monitoring')
  return judged(DEFAULT_SYNC_MS, 'assumption')
}

function judged(interval: 'always' | number, from: SyncJudgement['from']): SyncJudgement {
  return { interval, durableAfterMs: interval === 'always' ? 0 : Math.ceil(interval * 1.1) + SYNC_ROOM_MS, from }
}

interface Jsz {
  readonly config?: { readonly sync_always?: boolean; readonly sync_interval?: number }
}

async function askMonitor(monitor: string): Promise<'always' | number> {
  try {
    const answer = await fetch(new URL('/jsz?config=true', monitor), { signal: AbortSignal.timeout(MONITOR_MS) })
    const { config } = (await answer.json()) as Jsz
    if (config?.sync_always === true) return 'always'
    // Nanoseconds; servers before 2.10 have no such setting.
    return config?.sync_interval === undefined ? DEFAULT_SYNC_MS : config.sync_interval / 1e6
  } catch (cause) {
    throw new SheetflowError('bus/unavailable', `the monitoring of the NATS server at ${monitor} does not answer`, {
      retry: 'later',
      fix: 'Check `bus.monitor` and the `http` line of the server, or say `bus.syncInterval` instead.',
      cause,
    })
  }
}
