import { SheetflowError } from '@sheetflow/core/errors'

/** What the port promises its callers, the same whoever drives the bus. */

/** Message ids are remembered for so many messages (in streams that are appended to without a fence). */
export const ID_WINDOW: number = 100_000

/** A reader that was silent for so long holds nothing back any more. */
export const RETAIN_MS: number = 24 * 3_600_000
/** `retain` with an unchanged offset writes again only after so long, and whoever wants to hold on says it again so often. */
export const RETAIN_RENEW_MS: number = 3_600_000

/** What an append that was given up ends with: the reason of its signal, if that is an error. */
export function reasonOf(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason
  return reason instanceof Error ? reason : new SheetflowError('bus/unavailable', 'the append was given up', { cause: reason })
}
