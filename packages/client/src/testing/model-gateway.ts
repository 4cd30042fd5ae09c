import type { JsonValue } from '@sheetflow/core/value'
import type { LiveRow, Publication } from '@sheetflow/core/wire'
import type { ChannelFollower, Channels, ChannelStart, Following, LinkState } from '../net/transport.ts'
import type { ModelData, ModelRow } from './model-data.ts'
import { holds, projected, rowsOf, type ModelList } from './model-query.ts'

/** One thing that a frame says. */
type Saying = (client: ModelChannels) => void

interface Subscription {
  readonly channel: string
  readonly list: ModelList
  readonly epoch: string
  readonly follower: ChannelFollower
  /** Where the client would recover from: moved by publications, as the official client does. */
  offset: number
  open: boolean
}

/** How a gateway of the model behaves. */
export interface GatewayHost {
  readonly data: ModelData
  readonly random: () => number
  /** Offset of the store. */
  stored(): number
  /** `<graph epoch>.<view generation>` that is served now. */
  epoch(): string
  listOf(channel: string): ModelList | undefined
}

/** Transactions that can be recovered. */
const HISTORY = 6
/** Rows of one publication; more is a reset. */
const MOST_ROWS = 5

/**
 * The gateway as FORMATS 8 has it, over the model's data: routes transaction by transaction, joins from a position, conflates, resets, sends
 * whole windows when one is joined; everything in frames that arrive in order, or not at all when the connection breaks.
 */
export class ModelGateway {
  readonly #host: GatewayHost
  readonly #server = new Map<Subscription, { after: number }>()
  #waiting: { readonly subscription: Subscription; readonly epoch: string; readonly from: number }[] = []
  /** Resets that wait for the store; everything of the graph waits with them. */
  #gates: { readonly subscription: Subscription; readonly o: number }[] = []
  #held: Saying[][] = []
  #frames: Saying[][] = []
  #position = 0
  #behind = new Set<string>()

  constructor(host: GatewayHost) {
    this.#host = host
  }

  get frames(): number {
    return this.#frames.length
  }

  get position(): number {
    return this.#position
  }

  /** Routes the next transaction. */
  route(): boolean {
    const next = this.#host.data.next(this.#position)
    if (next === null) return false
    const before = this.#position
    this.#position = next
    const frame: Saying[] = []
    for (const [subscription, { after }] of this.#server) if (next > after) frame.push(...this.#publish(subscription, before, next))
    this.#send(frame)
    this.#join()
    return true
  }

  /** A new generation: every channel of before ends by a reset. */
  retire(): void {
    for (const subscription of this.#server.keys()) this.#gates.push({ subscription, o: this.#position })
    this.#server.clear()
    this.openGates()
  }

  /** The store may have come far enough for resets that wait. */
  openGates(): void {
    const ready = this.#gates.filter(({ o }) => o <= this.#host.stored())
    if (ready.length === 0) return
    this.#gates = this.#gates.filter((gate) => !ready.includes(gate))
    const resets = ready.map(({ subscription, o }) => saying(subscription, { o, reset: true }))
    this.#held.unshift(resets)
    if (this.#gates.length === 0) {
      this.#frames.push(...this.#held)
      this.#held = []
    }
  }

  subscribe(subscription: Subscription, epoch: string, from: number): void {
    this.#waiting.push({ subscription, epoch, from })
    this.#join()
  }

  unsubscribe(subscription: Subscription): void {
    this.#server.delete(subscription)
    this.#gates = this.#gates.filter((gate) => gate.subscription !== subscription)
    if (this.#gates.length === 0) {
      this.#frames.push(...this.#held)
      this.#held = []
    }
  }

  /** The connection is gone, and with it everything on its way. The next one may be with another gateway, which is not as far. */
  cut(): void {
    this.#position = Math.min(this.#position, this.#host.data.head)
    for (let back = Math.floor(this.#host.random() * 4); back > 0; back--) this.#position = this.#host.data.previous(this.#position)
    this.#server.clear()
    this.#waiting.length = 0
    this.#gates = []
    this.#held = []
    this.#frames = []
    this.#behind.clear()
  }

  /** Hands the next frame over. */
  deliver(client: ModelChannels): void {
    for (const say of this.#frames.shift() ?? []) say(client)
  }

  #send(frame: Saying[]): void {
    if (frame.length === 0) return
    if (this.#gates.length > 0) this.#held.push(frame)
    else this.#frames.push(frame)
  }

  /** Nobody joins before everything up to its place has been routed; a place that is behind the end is none. */
  #join(): void {
    const { head } = this.#host.data
    for (const { subscription } of this.#waiting.filter(({ from }) => from > head)) this.#send([(client) => client.lost(subscription)])
    this.#waiting = this.#waiting.filter(({ from }) => from <= head)
    for (const waiting of this.#waiting.filter(({ from }) => from <= this.#position)) {
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
      this.#send([this.#joined(waiting.subscription, waiting.epoch, waiting.from)])
    }
  }

  #joined(subscription: Subscription, epoch: string, from: number): Saying {
    const to = this.#position
    const { list, channel } = subscription
    const tooFar = this.#host.data.between(from, to).length > HISTORY && list.limit === null && !this.#behind.has(channel)
    if (epoch !== this.#host.epoch() || tooFar) {
      this.#behind.add(channel)
      return (client) => client.lost(subscription)
    }
    this.#server.set(subscription, { after: to })
    const again = this.#behind.delete(channel)
    const publication = list.limit !== null || again ? this.#content(list, to) : this.#conflated(list, from, to)
    return (client) => client.joined(subscription, to, publication)
  }

  #publish(subscription: Subscription, before: number, o: number): Saying[] {
    const { list } = subscription
    const rows = list.limit === null ? this.#routed(list, before, o) : this.#windowDifference(list, before, o)
    if (rows.length === 0) return []
    if (list.limit !== null || rows.length <= MOST_ROWS) return [saying(subscription, { o, rows })]
    this.#gates.push({ subscription, o })
    if (o <= this.#host.stored()) this.openGates()
    return []
  }

  #content(list: ModelList, o: number): Publication {
    return {
      o,
      reset: true,
      rows: rowsOf(list, this.#host.data.at(o)).map((row): LiveRow => ['c', [row['id'] as string], projected(list, row)]),
    }
  }

  #conflated(list: ModelList, from: number, to: number): Publication | null {
    const rows = this.#routed(list, from, to)
    return rows.length === 0 ? null : { o: to, rows }
  }

  /** What happened to the list between two offsets, each key once. `u` has every column that changed on the way, as the gateway sends it. */
  #routed(list: ModelList, from: number, to: number): LiveRow[] {
    const [before, after] = [this.#host.data.at(from)[list.view], this.#host.data.at(to)[list.view]]
    const touched = new Map<string, Set<string>>()
    for (const { changes } of this.#host.data.between(from, to)) {
      for (const change of changes) {
        if (change.view !== list.view) continue
        const columns = touched.get(change.key) ?? new Set()
        touched.set(change.key, columns)
        for (const column of list.columns) if (change.before?.[column] !== change.after?.[column]) columns.add(column)
      }
    }
    return [...touched].flatMap(([key, columns]): LiveRow[] => {
      const [was, is] = [before.get(key), after.get(key)].map((row) => (row !== undefined && holds(list, row) ? row : null))
      if (is && !was) return [['c', [key], entering(list, before.get(key), is)]]
      if (was && !is) return [['d', [key], null]]
      const changed = [...columns]
      return is && changed.length > 0 ? [['u', [key], Object.fromEntries(changed.map((column) => [column, is[column] ?? null]))]] : []
    })
  }

  #windowDifference(list: ModelList, before: number, o: number): LiveRow[] {
    const was = new Map(rowsOf(list, this.#host.data.at(before)).map((row) => [row['id'] as string, row]))
    const is = new Map(rowsOf(list, this.#host.data.at(o)).map((row) => [row['id'] as string, row]))
    const left = [...was.keys()].filter((key) => !is.has(key)).map((key): LiveRow => ['d', [key], null])
    const here = [...is].flatMap(([key, row]) => windowRow(list, key, was.get(key), row))
    return [...left, ...here]
  }
}

/** A row that enters by an update may leave an unchanged wide value out. */
function entering(list: ModelList, was: ModelRow | undefined, is: ModelRow): Readonly<Record<string, JsonValue>> {
  const row = projected(list, is)
  return 'note' in row && was !== undefined && was['note'] === is['note'] ? { ...row, note: { '~': 1 } } : row
}

function windowRow(list: ModelList, key: string, was: ModelRow | undefined, row: ModelRow): LiveRow[] {
  if (was === undefined) return [['c', [key], projected(list, row)]]
  const changed = list.columns.filter((column) => was[column] !== row[column])
  return changed.length === 0 ? [] : [['u', [key], Object.fromEntries(changed.map((column) => [column, row[column] ?? null]))]]
}

function saying(subscription: Subscription, publication: Publication): Saying {
  return (client) => client.published(subscription, publication)
}

/** The client's end of the model's connection. */
export class ModelChannels implements Channels {
  readonly #gateway: ModelGateway
  readonly #host: GatewayHost
  readonly #subscriptions = new Set<Subscription>()
  readonly #listeners = new Set<(state: LinkState) => void>()
  #state: LinkState = 'connecting'

  constructor(gateway: ModelGateway, host: GatewayHost) {
    this.#gateway = gateway
    this.#host = host
  }

  get state(): LinkState {
    return this.#state
  }

  /** Channels that are followed now. */
  get size(): number {
    return this.#subscriptions.size
  }

  onState(listener: (state: LinkState) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  follow(start: ChannelStart, follower: ChannelFollower): Following {
    const list = this.#host.listOf(start.channel)
    if (list === undefined) throw new TypeError(`the model knows no channel ${start.channel}`)
    for (const { channel } of this.#subscriptions) if (channel === start.channel) throw new TypeError(`${channel} is followed twice`)
    const subscription = { channel: start.channel, list, epoch: start.epoch, follower, offset: start.offset, open: true }
    this.#subscriptions.add(subscription)
    if (this.#state === 'connected') this.#gateway.subscribe(subscription, start.epoch, start.offset)
    return {
      close: () => {
        subscription.open = false
        this.#subscriptions.delete(subscription)
        this.#gateway.unsubscribe(subscription)
      },
    }
  }

  close(): void {
    this.#listeners.clear()
  }

  connect(): void {
    if (this.#state === 'connected') return
    this.#setState('connected')
    for (const subscription of this.#subscriptions) this.#gateway.subscribe(subscription, subscription.epoch, subscription.offset)
  }

  cut(): void {
    if (this.#state !== 'connected') return
    this.#gateway.cut()
    for (const subscription of this.#subscriptions) subscription.follower.onCut()
    this.#setState('connecting')
  }

  joined(subscription: Subscription, position: number, publication: Publication | null): void {
    if (!subscription.open) return
    if (publication === null) subscription.offset = position
    subscription.follower.onLive(publication === null ? position : subscription.offset)
    if (publication !== null) this.published(subscription, publication)
  }

  published(subscription: Subscription, publication: Publication): void {
    if (!subscription.open) return
    subscription.follower.onPublication(publication)
    subscription.offset = publication.o
  }

  lost(subscription: Subscription): void {
    if (!subscription.open) return
    this.#subscriptions.delete(subscription)
    subscription.open = false
    subscription.follower.onLost('behind')
  }

  #setState(state: LinkState): void {
    this.#state = state
    for (const listener of this.#listeners) listener(state)
  }
}
