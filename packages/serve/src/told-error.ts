import { SheetflowError } from '@sheetflow/core/errors'
import type { Clock, Log } from '@sheetflow/core/ports/host'

/** Codes of what a reader has asked wrongly, or may not ask: their words are meant for the reader. */
const FOR_READERS = /^(query|access|command)\//

/** Everybody who asks hears of what is away; the log hears of it this often. */
const QUIET_MS = 10_000
const logged = new WeakMap<Log, Map<string, number>>()

/**
 * The error as a reader is told of it. What is wrong behind this server is said by its code, and whether to try again; its words name hosts, users and files of the
 * installation, and go to the log.
 */
export function toldError(
  error: SheetflowError,
  { log, clock }: { readonly log: Log; readonly clock: Pick<Clock, 'now'> },
): SheetflowError {
  const { code, message, retry, details } = error
  if (FOR_READERS.test(code)) return error
  const times = logged.get(log) ?? new Map<string, number>()
  logged.set(log, times)
  if (clock.now() - (times.get(code) ?? -Infinity) >= QUIET_MS) {
    times.set(code, clock.now())
    log.warn('requests cannot be answered', { code, message, details })
  }
  return new SheetflowError(code, 'the server cannot do this now', { retry })
}
