import type { LiveExtension, ViewState } from '@sheetflow/core/wire'
import type { AnswerRow } from '../rows/live-list.ts'
import { Feed, type FeedHost, type FeedUser } from './feed.ts'
import { GraphClock } from './graph-clock.ts'

/** The followed channels of a client, each once, however many lists show it. */
export class Feeds {
  readonly #host: FeedHost
  readonly #feeds = new Map<string, Feed>()
  readonly #clocks = new Map<string, GraphClock>()

  constructor(host: FeedHost) {
    this.#host = host
    // What one connection has said says nothing about the next, which may be with another gateway.
    host.channels.onState((state) => {
      if (state === 'connected') for (const clock of this.#clocks.values()) clock.restart()
    })
  }

  /**
   * The feed of a list that was answered. A channel that is followed already goes on with its own rows, which come in order; those of the
   * answer are taken where there are none, or where they were lost.
   */
  attach(user: FeedUser, live: LiveExtension, rows: readonly AnswerRow[], status: ViewState | null): Feed {
    let feed = this.#feeds.get(live.channel)
    if (feed === undefined) {
      feed = new Feed(live, this.#clock(live), this.#host)
      this.#feeds.set(live.channel, feed)
    }
    feed.addUser(user)
    if (feed.state === 'lost' || feed.state === 'refused') feed.restart(live, rows, status)
    else feed.hearStatus(status, live.at)
    return feed
  }

  /** The list is not shown any more. The last one to go closes the channel. */
  detach(user: FeedUser, feed: Feed): void {
    feed.removeUser(user)
    if (feed.users.size > 0) return
    feed.close()
    if (this.#feeds.get(feed.channel) === feed) this.#feeds.delete(feed.channel)
  }

  get size(): number {
    return this.#feeds.size
  }

  #clock(live: LiveExtension): GraphClock {
    const epoch = graphEpoch(live)
    const name = `${live.graph}@${epoch}`
    let clock = this.#clocks.get(name)
    if (clock === undefined) {
      clock = new GraphClock(live.graph, epoch)
      this.#clocks.set(name, clock)
    }
    return clock
  }
}

/** `<graph epoch>.<view generation>`: offsets of one graph epoch can be compared. */
function graphEpoch(live: LiveExtension): string {
  return live.epoch.slice(0, live.epoch.lastIndexOf('.'))
}
