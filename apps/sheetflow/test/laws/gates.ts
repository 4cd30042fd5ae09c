import type { AppendResult, Bus, BusMessage, StoredMessage } from '@sheetflow/core/ports/bus'
import type { ViewStore } from '@sheetflow/core/ports/view-store'

/** A gate that holds whoever comes while it is shut, and counts them. */
export class Gate {
  #opened: PromiseWithResolvers<void> | null = null
  #held = 0

  /** How many wait now. */
  get held(): number {
    return this.#held
  }

  shut(): void {
    this.#opened ??= Promise.withResolvers()
  }

  open(): void {
    this.#opened?.resolve()
    this.#opened = null
  }

  async pass(): Promise<void> {
    this.#held += 1
    await this.#opened?.promise
    this.#held -= 1
  }
}

/** What a reader of a stream has been given. */
export class ReadCount {
  messages = 0
  bytes = 0
  /** Has the reader asked for more than it was given? Else it is busy, or waits until it has room. */
  isHungry = false
}

/** Where a role's bus can be held, and what is counted there. */
export interface BusTap {
  /** Holds appends to this stream before they reach the bus. */
  readonly holds?: { readonly stream: string; readonly gate: Gate }
  /** Counts what is read from this stream. */
  readonly counts?: { readonly stream: string; readonly count: ReadCount }
}

/** The bus as one role sees it, held and counted. */
export function tapped(bus: Bus, { holds, counts }: BusTap): Bus {
  return {
    atomic: bus.atomic,
    durableAfterMs: bus.durableAfterMs,
    ensure: (name, options) => bus.ensure(name, options),
    read: (name, options) => (name === counts?.stream ? counted(bus.read(name, options), counts.count) : bus.read(name, options)),
    last: (name, subject) => bus.last(name, subject),
    range: (name) => bus.range(name),
    retain: (name, reader, offset) => bus.retain(name, reader, offset),
    trim: (name, limits) => bus.trim(name, limits),
    append: async (name, messages, options): Promise<AppendResult> => {
      if (name === holds?.stream) await holds.gate.pass()
      return bus.append(name, messages, options)
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

async function* counted(batches: AsyncIterable<readonly StoredMessage[]>, count: ReadCount): AsyncGenerator<readonly StoredMessage[]> {
  count.isHungry = true
  for await (const messages of batches) {
    count.isHungry = false
    count.messages += messages.length
    for (const { body } of messages) count.bytes += body.byteLength
    yield messages
    count.isHungry = true
  }
}

/** A bus for one writer that now and then gathers what it appends, to send it in few appends. */
export class Gathering {
  readonly bus: Bus
  readonly #bus: Bus
  #gathered: BusMessage[] | null = null

  constructor(bus: Bus) {
    this.#bus = bus
    const append: Bus['append'] = async (name, messages, options) => {
      if (this.#gathered === null) return bus.append(name, messages, options)
      this.#gathered.push(...messages)
      return { first: 0, last: 0 }
    }
    this.bus = { ...tapped(bus, {}), append }
  }

  gather(): void {
    this.#gathered ??= []
  }

  async send(stream: string): Promise<void> {
    const messages = this.#gathered ?? []
    this.#gathered = null
    for (let from = 0; from < messages.length; from += APPEND_MESSAGES)
      await this.#bus.append(stream, messages.slice(from, from + APPEND_MESSAGES))
  }
}

/** An append takes so many at most (port `Bus`). */
const APPEND_MESSAGES = 1_000

/** A store whose `apply` is let through by `before`. */
export function heldStore(store: ViewStore, before: () => Promise<void>): ViewStore {
  return {
    ensure: (schema) => store.ensure(schema),
    stage: (stream, tx, piece, changes) => store.stage(stream, tx, piece, changes),
    apply: async (stream, transactions) => {
      await before()
      await store.apply(stream, transactions)
    },
    tidy: () => store.tidy(),
    query: (request, signal) => store.query(request, signal),
    position: (stream) => store.position(stream),
    views: () => store.views(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}
