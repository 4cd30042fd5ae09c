import type { ChannelFollower, Channels, ChannelStart, Following, LinkState } from '@sheetflow/client/net/transport'
import type { Publication } from '@sheetflow/core/wire'
import type { Random } from '../../random.ts'

/** How often a publication is followed by one that came before, and how far back that may be. */
const REPEATED = 0.05
const REMEMBERED = 20

/**
 * Channels as a broker in between gives them (a Centrifugo that recovers by offsets of its own): what came before may come again, at any time. A client
 * that keeps the rules of FORMATS 8 takes no harm (law 5).
 */
export class RepeatingChannels implements Channels {
  readonly #channels: Channels
  readonly #random: Random
  readonly #before = new Map<string, Publication[]>()

  constructor(channels: Channels, random: Random) {
    this.#channels = channels
    this.#random = random
  }

  get state(): LinkState {
    return this.#channels.state
  }

  onState(listener: (state: LinkState) => void): () => void {
    return this.#channels.onState(listener)
  }

  follow(start: ChannelStart, follower: ChannelFollower): Following {
    return this.#channels.follow(start, {
      onPublication: (publication) => {
        follower.onPublication(publication)
        this.#repeat(start.channel, publication, follower)
      },
      onLive: (offset) => follower.onLive(offset),
      onCut: () => follower.onCut(),
      onLost: (reason) => follower.onLost(reason),
      renew: () => follower.renew(),
    })
  }

  close(): void {
    this.#channels.close()
  }

  #repeat(channel: string, publication: Publication, follower: ChannelFollower): void {
    const before = this.#before.get(channel) ?? []
    if (before.length > 0 && this.#random.chance(REPEATED)) follower.onPublication(this.#random.pick(before))
    // A reset says that there is something to ask, not what happened: said twice it only costs a question.
    if (publication.reset !== true) before.push(publication)
    if (before.length > REMEMBERED) before.shift()
    this.#before.set(channel, before)
  }
}
