import { must } from '@sheetflow/core/assert'
import type { ChannelDescription, Publication, RecordJson } from '@sheetflow/core/wire'
import type { Channel } from '../live/channel.ts'
import { Delivery } from '../live/delivery.ts'
import { channelEpoch, join } from '../live/join.ts'
import type { LiveHub } from '../live/live-hub.ts'
import { ReferenceList } from './reference-list.ts'

/** What a simulated page can ask. */
export interface World {
  readonly hub: LiveHub
  /** Asks the root field; null while the view is being replaced. */
  query(description: ChannelDescription): { readonly at: number; readonly rows: ReadonlyMap<string, RecordJson> } | null
  expected(description: ChannelDescription, offset: number): ReadonlyMap<string, RecordJson>
  current(description: ChannelDescription): ChannelDescription
}

/** A list of the page, and how far its subscription is. */
interface Followed {
  description: ChannelDescription
  readonly list: ReferenceList
  channel: Channel | null
  state: 'none' | 'queried' | 'joining' | 'live'
  behind: boolean
  attempt: number
}

/** One page: a connection and the lists that it follows. */
export class Page {
  readonly #world: World
  readonly #lists: Followed[]
  #delivery: Delivery
  #frame: number[] = []
  publications = 0
  asked = 0
  frames = 0

  constructor(world: World, descriptions: readonly ChannelDescription[]) {
    this.#world = world
    this.#lists = descriptions.map((description) => ({
      description,
      list: new ReferenceList(),
      channel: null,
      state: 'none',
      behind: false,
      attempt: 0,
    }))
    this.#delivery = this.#connect()
  }

  get isSettled(): boolean {
    return this.#lists.every(({ state, list }) => state === 'live' && !list.isAsking)
  }

  describe(): string {
    return this.#lists.map(({ state, list }) => `${state}${list.isAsking ? ' asking' : ''}`).join(', ')
  }

  act(choice: number): void {
    if (choice < 0.15) this.#disconnect()
    else this.goOn()
  }

  goOn(): void {
    for (const followed of this.#lists) {
      if (followed.state === 'none' || followed.list.isAsking) this.#ask(followed)
      else if (followed.state === 'queried') this.#join(followed)
    }
  }

  /** All lists against the view as it was at `offset`. */
  check(offset: number): void {
    for (const followed of this.#lists) this.#checkList(followed, offset)
  }

  /** A frame has arrived whole: the lists that wait for nothing stand at its offset, together. */
  endFrame(): void {
    const offset = Math.max(0, ...this.#frame)
    if (this.#frame.length > 0) {
      const settled = this.#lists.filter(({ state, list }) => state === 'live' && !list.isAsking && list.offset <= offset)
      for (const followed of settled) this.#checkList(followed, offset)
      if (settled.length > 1) this.frames += 1
    }
    this.#frame = []
    for (const followed of this.#lists)
      if (followed.state !== 'none' && !followed.list.isAsking) this.#checkList(followed, followed.list.offset)
  }

  #checkList({ description, list }: Followed, offset: number): void {
    const wanted = sorted(this.#world.expected(description, offset))
    const got = sorted(list.rows)
    if (wanted !== got) throw new Error(`at ${offset} (${JSON.stringify(description)}):\n wanted ${wanted}\n got    ${got}`)
  }

  /** What an old connection still gets is lost. */
  #connect(): Delivery {
    const delivery: Delivery = new Delivery((text) => this.#delivery === delivery && this.#receive(text), {
      chars: 1e9,
      replyChars: 1e9,
      exceeded: () => undefined,
    })
    return delivery
  }

  #disconnect(): void {
    for (const followed of this.#lists) {
      const isThere = followed.state !== 'none'
      this.#leave(followed)
      if (isThere) followed.state = 'queried'
    }
    this.#delivery = this.#connect()
  }

  #ask(followed: Followed): void {
    const description = this.#world.current(followed.description)
    const answer = this.#world.query(description)
    if (answer === null) return
    this.asked += 1
    const moved = description.generation !== followed.description.generation
    followed.description = description
    if (moved && followed.channel !== null) {
      this.#world.hub.leave(followed.channel, this.#delivery)
      followed.channel = null
    }
    followed.list.load(answer.at, answer.rows)
    if (followed.state === 'none' || moved) followed.state = 'queried'
  }

  #join(followed: Followed): void {
    const { hub } = this.#world
    const { description, list } = followed
    followed.state = 'joining'
    followed.attempt += 1
    const { attempt } = followed
    const delivery = this.#delivery
    const wanted = (): boolean => followed.attempt === attempt
    const from = { epoch: channelEpoch(1, description.generation), offset: list.offset }
    const name = channelOf(description)
    join(hub, { name, description, from, again: followed.behind, delivery, wanted }, (joined) => {
      if (!wanted()) return
      followed.behind = joined.kind === 'behind'
      if (joined.kind === 'behind') {
        followed.state = 'none'
        return
      }
      followed.channel = joined.channel
      delivery.put(
        joined.position,
        `reply ${JSON.stringify({ list: this.#lists.indexOf(followed), attempt, publications: joined.publications })}`,
      )
    })
  }

  #receive(text: string): void {
    if (text.startsWith('reply ')) {
      const reply = JSON.parse(text.slice(6)) as { list: number; attempt: number; publications: string[] }
      const followed = must(this.#lists[reply.list])
      if (followed.attempt !== reply.attempt) return
      followed.state = 'live'
      for (const publication of reply.publications) this.#apply(followed, (JSON.parse(publication) as { data: Publication }).data)
      return
    }
    const { push } = JSON.parse(text) as { push: { channel: string; pub: { data: Publication } } }
    const followed = this.#lists.find((l) => l.channel?.name === push.channel)
    if (followed === undefined || followed.state !== 'live') return
    this.#frame.push(push.pub.data.o)
    this.#apply(followed, push.pub.data)
  }

  #apply(followed: Followed, publication: Publication): void {
    this.publications += 1
    followed.list.apply(publication)
    if (followed.list.isAsking) this.#leave(followed)
  }

  /** The list is lost: it is asked for again, and followed from what is answered. */
  #leave(followed: Followed): void {
    followed.attempt += 1
    if (followed.channel !== null) this.#world.hub.leave(followed.channel, this.#delivery)
    followed.channel = null
    followed.state = 'none'
  }
}

/** A name that JSON can hold unescaped, as real ones are. */
function channelOf(description: ChannelDescription): string {
  return `sf:${Buffer.from(JSON.stringify(description)).toString('base64url')}`
}

function sorted(rows: ReadonlyMap<string, RecordJson>): string {
  return JSON.stringify([...rows].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
