import { createInbox, type Msg, type Subscription } from '@nats-io/transport-node'
import type { Link } from './link.ts'
import { CONSUMER_IDLE_MS, HEARTBEAT_MS, PULL_BYTES, PULL_MESSAGES, PULL_MS } from './limits.ts'

/** What a consumer delivers. */
export interface PullOptions {
  /** Sequence number of the first message; absent: from the first there is. */
  readonly from?: number
  /** Only the last message of each subject. */
  readonly lastOfEach?: boolean
  /** Subjects on the wire; absent: all. */
  readonly filter?: string
  /** Without bodies. */
  readonly headersOnly?: boolean
}

/** One delivered message. */
export interface Pulled {
  readonly message: Msg
  /** Its sequence number in the stream. */
  readonly seq: number
  /** How many more there were behind it at that moment. */
  readonly pending: number
}

/** A million nanoseconds. */
const MS = 1_000_000

/**
 * An ephemeral consumer and what it has delivered. Two requests of a thousand messages at most are open, the second one only when the first is half used
 * up, so what waits here is bounded. `take` answers null when the consumer is lost (a cut, another leader, removed by the server): the caller makes a new one
 * where it stands.
 */
export class Pull implements AsyncDisposable {
  readonly #link: Link
  readonly #stream: string
  readonly #inbox = createInbox()
  readonly #subscription: Subscription
  readonly #offCut: () => void
  #consumer = ''
  /** Messages behind the start when the consumer was made. */
  #pending = 0
  /** How many more the server had to deliver when it was heard last. */
  #left = 0
  #queue: Pulled[] = []
  #bytes = 0
  #lost = false
  /** The open request: what it may still bring. */
  #asked = 0
  /** What a request may bring, in bytes. */
  #room = PULL_BYTES
  #heardAt = performance.now()
  #wake: (() => void) | null = null

  constructor(link: Link, stream: string) {
    this.#link = link
    this.#stream = stream
    this.#offCut = link.onCut(() => this.#lose())
    this.#subscription = link.nc.subscribe(this.#inbox, {
      callback: (error, message) => {
        if (error === null) this.#heard(message)
        else this.#lose()
      },
    })
  }

  /** Makes the consumer. Errors: those of JetStream's API. */
  static async open(link: Link, stream: string, options: PullOptions): Promise<Pull> {
    const pull = new Pull(link, stream)
    try {
      await pull.#create(options)
      return pull
    } catch (error) {
      await pull[Symbol.asyncDispose]()
      throw error
    }
  }

  /** How many messages there were to deliver when the consumer was made. */
  get pending(): number {
    return this.#pending
  }

  /** Everything that the server had to deliver, as far as it has said, has been taken. */
  get isDrained(): boolean {
    return this.#left === 0 && this.#queue.length === 0
  }

  /** What has come, at least one message; empty if the signal aborts, or the server has said meanwhile that there is nothing more; null if the consumer is lost. */
  async take(signal: AbortSignal): Promise<readonly Pulled[] | null> {
    const { isDrained } = this
    while (this.#queue.length === 0) {
      if (signal.aborted || (this.isDrained && !isDrained)) return []
      if (this.#lost) return null
      this.#ask()
      await this.#news(signal)
      if (performance.now() - this.#heardAt > 3 * HEARTBEAT_MS) this.#lose()
    }
    const taken = this.#queue
    this.#queue = []
    this.#bytes = 0
    this.#ask()
    return taken
  }

  /** Removes the consumer, without waiting for the server. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#lose()
    this.#offCut()
    if (this.#link.nc.isClosed()) return
    this.#subscription.unsubscribe()
    if (this.#consumer !== '') this.#link.nc.publish(`$JS.API.CONSUMER.DELETE.${this.#stream}.${this.#consumer}`)
    await Promise.resolve()
  }

  async #create({ from, lastOfEach, filter, headersOnly }: PullOptions): Promise<void> {
    const start =
      from === undefined ? { deliver_policy: 'all' as const } : { deliver_policy: 'by_start_sequence' as const, opt_start_seq: from }
    const info = await this.#link.manager.consumers.add(this.#stream, {
      ack_policy: 'none',
      replay_policy: 'instant',
      inactive_threshold: CONSUMER_IDLE_MS * MS,
      mem_storage: true,
      num_replicas: 1,
      ...(lastOfEach === true ? { deliver_policy: 'last_per_subject' as const } : start),
      ...(filter === undefined ? {} : { filter_subject: filter }),
      ...(headersOnly === true ? { headers_only: true } : {}),
    })
    this.#consumer = info.name
    this.#pending = info.num_pending
    this.#left = info.num_pending
  }

  #ask(): void {
    if (this.#lost || this.#asked > 0 || this.#bytes > PULL_BYTES / 2) return
    this.#asked = PULL_MESSAGES
    this.#heardAt = performance.now()
    const request = { batch: PULL_MESSAGES, max_bytes: this.#room, expires: PULL_MS * MS, idle_heartbeat: HEARTBEAT_MS * MS }
    this.#link.nc.publish(`$JS.API.CONSUMER.MSG.NEXT.${this.#stream}.${this.#consumer}`, JSON.stringify(request), { reply: this.#inbox })
  }

  #heard(message: Msg): void {
    this.#heardAt = performance.now()
    const place = message.reply === undefined || message.reply === '' ? null : placeOf(message.reply)
    if (place === null) this.#status(message.headers?.code ?? 0, message.headers?.description ?? '')
    else {
      this.#asked = Math.max(0, this.#asked - 1)
      this.#bytes += message.data.byteLength
      this.#queue.push({ message, ...place })
      this.#left = place.pending
    }
    this.#wake?.()
  }

  /** 100: a sign of life. 408 and most of 409: the request has ended, for time or bytes. */
  #status(code: number, description: string): void {
    if (code === 100) {
      // It had nothing to deliver, whatever it had counted: a message that it has lost is counted until it is looked for.
      this.#left = 0
      return
    }
    // The next message alone is larger than a request of ours: somebody else wrote it. It would be refused for ever.
    if (code === 409 && /message size exceeds/i.test(description) && this.#asked === PULL_MESSAGES) this.#room *= 2
    this.#asked = 0
    if (code === 404 || code === 503 || (code === 409 && !/exceed|batch completed/i.test(description))) this.#lose()
    else if (this.#queue.length < PULL_MESSAGES) this.#ask()
  }

  #lose(): void {
    this.#lost = true
    this.#wake?.()
  }

  /** Something came, or nothing for as long as a sign of life is away. */
  #news(signal: AbortSignal): Promise<void> {
    if (this.#queue.length > 0 || this.#lost || signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        this.#wake = null
        resolve()
      }
      const timer = setTimeout(done, HEARTBEAT_MS)
      signal.addEventListener('abort', done, { once: true })
      this.#wake = done
    })
  }
}

/** `$JS.ACK.[domain.account.]stream.consumer.delivered.seq.consumer seq.time.pending[.random]` */
function placeOf(reply: string): { seq: number; pending: number } | null {
  const tokens = reply.split('.')
  if (tokens[0] !== '$JS' || tokens[1] !== 'ACK') return null
  const at = tokens.length > 9 ? 7 : 5
  return { seq: Number(tokens[at]), pending: Number(tokens[at + 3]) }
}
