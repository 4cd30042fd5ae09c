import { SheetflowError } from '@sheetflow/core/errors'
import type { LiveExtension } from '@sheetflow/core/wire'
import type { Answer, Queries } from '../net/transport.ts'
import { ModelData, type Draft } from './model-data.ts'
import { ModelChannels, ModelGateway, type GatewayHost } from './model-gateway.ts'
import { answer, channelOf, type ModelList } from './model-query.ts'

/** A command as it came. */
export interface SentCommand {
  readonly id: string
  readonly name: string
  readonly payload: unknown
}

/**
 * The model's server without any delay: answers at once, and what is committed is routed and delivered in the same turn. For tests of what comes
 * after the transport.
 */
export class ModelServer {
  readonly data: ModelData = new ModelData(() => 0.5)
  readonly queries: Queries = { ask: (document, variables) => this.#ask(document, variables) }
  readonly channels: ModelChannels
  readonly commands: SentCommand[] = []
  /** Questions that came, commands not counted. */
  readonly questions: string[] = []
  /** What the next commands are answered; `accepted` otherwise. */
  readonly replies: (Partial<Answer> | 'offline')[] = []
  /** So many questions are refused as a whole, as if a sheet were not there yet. */
  refusals = 0
  /** Nobody answers. */
  isDown = false
  /** Where the store stands; null: at the head. */
  stored: number | null = null
  /** `<graph epoch>.<view generation>` of what the store holds, and of what the gateway routes: a server whose stream has a new epoch routes it before its store has come there. */
  storedEpoch = '1.1'
  routedEpoch = '1.1'
  readonly #gateway: ModelGateway
  readonly #lists = new Map<string, ModelList>()

  constructor() {
    const host: GatewayHost = {
      data: this.data,
      random: () => 0,
      stored: () => this.#stored,
      epoch: () => this.routedEpoch,
      listOf: (channel) => this.#lists.get(channel),
    }
    this.#gateway = new ModelGateway(host)
    this.channels = new ModelChannels(this.#gateway, host)
  }

  /** The network is there. */
  connect(): void {
    this.isDown = false
    this.channels.connect()
    this.deliver()
  }

  /** The network is gone. */
  cut(): void {
    this.isDown = true
    this.channels.cut()
  }

  /** The server goes, and will come back with the backup of offset `o`. */
  restore(o: number): void {
    this.data.restore(o)
    this.cut()
  }

  /** One transaction, seen by everybody who is connected. */
  commit(edit: (draft: Draft) => void): void {
    this.data.commit(edit)
    this.deliver()
  }

  /** The outcome of a command, with its effect in the same transaction. */
  finish(id: string, status: string, edit: (draft: Draft) => void = () => undefined, more: Parameters<ModelData['receipt']>[2] = {}): void {
    this.commit((draft) => {
      edit(draft)
      draft._receipts.set(id, this.data.receipt(id, status, more))
    })
  }

  /** Brings everything on its way to the client. */
  deliver(): void {
    while (this.#gateway.route()) continue
    while (this.#gateway.frames > 0) this.#gateway.deliver(this.channels)
  }

  get #stored(): number {
    return this.stored ?? this.data.head
  }

  #ask(document: string, variables: Readonly<Record<string, unknown>>): Promise<Answer> {
    if (this.isDown) return Promise.reject(new SheetflowError('client/offline', 'down'))
    if (document.startsWith('mutation')) return this.#command(variables as unknown as SentCommand)
    this.questions.push(document)
    if (this.refusals > 0) {
      this.refusals -= 1
      const refused = { message: 'no such field', extensions: { code: 'query/invalid' } }
      return Promise.resolve({ data: null, errors: [refused], live: {}, state: {} })
    }
    const answered = answer(document, this.data.at(this.#stored), (list) => this.#describe(list), variables)
    // Followed channels are joined once the client has taken the answer.
    setTimeout(() => this.deliver(), 0)
    return Promise.resolve(answered)
  }

  #command({ id, name, payload }: SentCommand): Promise<Answer> {
    this.commands.push({ id, name, payload })
    const reply = this.replies.shift()
    if (reply === 'offline') return Promise.reject(new SheetflowError('client/offline', 'down'))
    return Promise.resolve({ data: { command: { id, status: 'accepted' } }, errors: [], live: {}, state: {}, ...reply })
  }

  #describe(list: ModelList): LiveExtension {
    const channel = channelOf(list, Number(this.storedEpoch.split('.')[1]))
    this.#lists.set(channel, list)
    const at = this.#stored
    const key = [{ column: 'id', type: 'text' as const }]
    return {
      channel,
      token: 't',
      epoch: this.storedEpoch,
      offset: at,
      at,
      view: `sales.${list.view}`,
      graph: 'sales',
      order: list.order,
      key,
    }
  }
}
