import type { LiveExtension, Publication, ViewState } from '@sheetflow/core/wire'
import type { ChannelFollower, Channels, Following, LostReason } from '../net/transport.ts'
import { LiveList, type AnswerRow } from '../rows/live-list.ts'
import type { RowTable } from '../rows/row-table.ts'
import type { GraphClock } from './graph-clock.ts'

/** A part of a page that shows a followed list. */
export interface FeedUser {
  /** The list or its state is not what it was. */
  feedChanged(feed: Feed): void
  /**
   * The list cannot go on: ask the root field again, and attach to what it answers, at a random moment within `spreadMs`: a `reset` reaches
   * everybody at once.
   */
  feedLost(feed: Feed, spreadMs: number): void
  /** The channel's token as a new answer has it; null if the answer has another channel, or none. */
  renewToken(feed: Feed): Promise<string | null>
}

/**
 * `joining` the rows are right as of their offset, what follows has not come yet · `live` everything has come ·
 * `lost` to be asked again · `refused` shown as asked: the connection has as many channels as it may have.
 */
export type FeedState = 'joining' | 'live' | 'lost' | 'refused'

/** Readers of a channel are told to ask again all at once: within so long, if the server does not say. */
const RESET_SPREAD_MS = 2000

/** What feeds share. */
export interface FeedHost {
  readonly channels: Channels
  readonly table: RowTable
}

/**
 * One followed channel and its list, shared by everything of the client that asked the same (equal channel = equal rows).
 *
 * ```
 *            onLive                       onCut
 *  joining ─────────▶ live     live ─────────────▶ joining
 *     └─ onLost, reset ─▶ lost ─ restart(answer) ─▶ joining
 * ```
 */
export class Feed implements ChannelFollower {
  readonly channel: string
  readonly view: string
  readonly clock: GraphClock
  readonly list: LiveList
  readonly #host: FeedHost
  readonly #users = new Set<FeedUser>()
  /** Are offsets of the channel those of the graph's stream? A Centrifugo in between counts its own. */
  #sharesOffsets: boolean
  #state: FeedState = 'lost'
  #status: ViewState | null = null
  #following: Following | null = null

  constructor(live: LiveExtension, clock: GraphClock, host: FeedHost) {
    this.channel = live.channel
    this.view = live.view
    this.clock = clock
    this.list = new LiveList(host.table, `${live.view}@${live.epoch}`)
    this.#host = host
    this.#sharesOffsets = live.offset === live.at
  }

  get state(): FeedState {
    return this.#state
  }

  /** How the view stands, as far as this list has come; null: nobody has said. */
  get status(): ViewState | null {
    return this.#status
  }

  get users(): ReadonlySet<FeedUser> {
    return this.#users
  }

  /** The offset that the rows are as of. */
  get stand(): number {
    return this.#state === 'live' ? Math.max(this.list.at, this.clock.seen) : this.list.at
  }

  addUser(user: FeedUser): void {
    this.#users.add(user)
  }

  removeUser(user: FeedUser): void {
    this.#users.delete(user)
  }

  /** What an answer says of the view counts unless the list has come further than it. */
  hearStatus(status: ViewState | null, at: number): void {
    if (at >= this.stand) this.#status = status
  }

  /** Takes the rows of an answer and follows the channel from there. */
  restart(live: LiveExtension, rows: readonly AnswerRow[], status: ViewState | null): void {
    this.#stop()
    this.#sharesOffsets = live.offset === live.at
    this.list.replace(rows, live.at)
    this.#status = status
    this.#state = 'joining'
    this.#following = this.#host.channels.follow(live, this)
    this.#changed()
  }

  onPublication(publication: Publication): void {
    if (this.#state === 'lost' || this.#state === 'refused') return
    const { o, status } = publication
    // What comes of a graph over one connection comes in order: its stream has been set back.
    if (publication.reset === true && o < this.clock.seen) this.clock.restart()
    this.clock.saw(o)
    if (status !== undefined && o >= this.list.at) this.#status = { status }
    if (this.list.apply(publication) === 'reset') this.#lose(publication.spread ?? RESET_SPREAD_MS)
    else this.#changed()
  }

  onLive(offset: number | null): void {
    if (this.#state === 'lost' || this.#state === 'refused') return
    if (offset !== null && this.#sharesOffsets) this.clock.saw(offset)
    this.#state = 'live'
    this.#changed()
  }

  onCut(): void {
    if (this.#state !== 'live') return
    this.list.standAt(this.stand)
    this.#state = 'joining'
    this.#changed()
  }

  onLost(reason: LostReason): void {
    if (this.#state === 'lost' || this.#state === 'refused') return
    if (reason === 'behind') {
      this.#lose(0)
      return
    }
    this.#stop()
    this.#state = 'refused'
    this.#changed()
  }

  async renew(): Promise<string | null> {
    for (const user of this.#users) {
      const token = await user.renewToken(this)
      if (token !== null) return token
    }
    return null
  }

  close(): void {
    this.#state = 'lost'
    this.#stop()
    this.list.close()
  }

  #lose(spreadMs: number): void {
    this.#stop()
    this.#state = 'lost'
    for (const user of this.#users) user.feedLost(this, spreadMs)
  }

  #stop(): void {
    this.#following?.close()
    this.#following = null
  }

  #changed(): void {
    for (const user of this.#users) user.feedChanged(this)
  }
}
