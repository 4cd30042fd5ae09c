import type { ViewState } from '@sheetflow/core/wire'
import type { FeedState } from '../follow/feed.ts'

/**
 * State of a page or of one of its lists:
 * `loading` nothing to show yet · `static` right as of the question, does not follow (yet) · `live` right as of now ·
 * `stale` shown, but known to be behind, or not all of one moment · `offline` all of one moment, from before the connection was lost.
 */
export type PaintState = 'loading' | 'static' | 'live' | 'stale' | 'offline'

/**
 * What happens to a page: `cached` a kept picture was found · `answered` a picture of an answer is made · `settled` all its live lists stand at one
 * offset and follow · `overdue` they have not for five seconds · `cut` the connection that they follow over is gone ·
 * `replaced` somebody else reads.
 */
export type PageEvent = 'cached' | 'answered' | 'settled' | 'overdue' | 'cut' | 'replaced'

/** The total table: state × event → state. `packages/client/SPEC.md` explains it; the vectors hold it too. */
export const NEXT_STATE: Readonly<Record<PaintState, Readonly<Record<PageEvent, PaintState>>>> = {
  loading: { cached: 'offline', answered: 'static', settled: 'live', overdue: 'loading', cut: 'loading', replaced: 'loading' },
  static: { cached: 'static', answered: 'static', settled: 'live', overdue: 'stale', cut: 'offline', replaced: 'loading' },
  live: { cached: 'live', answered: 'live', settled: 'live', overdue: 'stale', cut: 'offline', replaced: 'loading' },
  stale: { cached: 'stale', answered: 'stale', settled: 'live', overdue: 'stale', cut: 'stale', replaced: 'loading' },
  offline: { cached: 'offline', answered: 'static', settled: 'live', overdue: 'stale', cut: 'offline', replaced: 'loading' },
}

/** State of one list: what the server says of its view, whether it follows, and the page's state. */
export function fieldState(page: PaintState, view: ViewState | null, feed: FeedState | null): PaintState {
  if (view?.status === 'loading') return 'loading'
  if (feed === null || feed === 'refused') return 'static'
  // Also without a connection: a list that was behind when it was lost is not of the moment of the others.
  if (view?.status === 'stale' && page !== 'loading') return 'stale'
  return page
}
