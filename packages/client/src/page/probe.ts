import type { LiveExtension } from '@sheetflow/core/wire'
import type { Feed, FeedUser } from '../follow/feed.ts'
import type { Feeds } from '../follow/feeds.ts'
import type { AnswerRow } from '../rows/live-list.ts'

/**
 * Waits until the lists that follow have come as far as a row that was asked for. The answer is of a later moment than they are; once the row's
 * own channel is joined, everything up to that moment has been handed over (`Channels`).
 */
export class Probe implements FeedUser {
  readonly feed: Feed
  readonly #feeds: Feeds
  readonly #changed: () => void

  constructor(feeds: Feeds, live: LiveExtension, rows: readonly AnswerRow[], changed: () => void) {
    this.#feeds = feeds
    this.#changed = changed
    this.feed = feeds.attach(this, live, rows, null)
  }

  get done(): boolean {
    return this.feed.state !== 'joining'
  }

  feedChanged(): void {
    this.#changed()
  }

  feedLost(): void {
    this.#changed()
  }

  renewToken(): Promise<string | null> {
    return Promise.resolve(null)
  }

  close(): void {
    this.#feeds.detach(this, this.feed)
  }
}
