import type { JsonValue } from '@sheetflow/core/value'
import { memoryCache } from '../cache/memory-cache.ts'
import { Client } from '../client.ts'
import type { Answer, Queries } from '../net/transport.ts'
import type { PaintedField, Picture } from '../page/painted.ts'
import type { Page } from '../page/page.ts'
import { Reader } from '../reader.ts'
import { SheetflowError } from '@sheetflow/core/errors'
import { FakeTimers, turn } from './fake-timers.ts'
import { ModelData, type ModelRow, type ModelState } from './model-data.ts'
import { ModelChannels, ModelGateway, type GatewayHost } from './model-gateway.ts'
import { answer, channelOf, rowsOf, type ModelList } from './model-query.ts'

/** What pages ask in the simulation: a list with nested lists, a filtered and ordered list, a window, a row, all over shared rows. */
export const QUERY = `{
  customers { id name total open(order_by: [{total: desc}]) { id amount: total } }
  big: orders(where: {total: {_gt: 25}}, order_by: [{total: desc}]) { id customer_id note }
  top: orders(order_by: [{total: desc}], limit: 3) { id total customer_id }
  two: customers_by_pk(id: "2") { id name total }
}`

/** Lists that have not come together by then are shown as they are. */
const OVERDUE_MS = 12_000

interface WaitingQuestion {
  readonly document: string
  answer: Answer | null
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/** Law 10 on trial: a client, a server of the model, and an order of events that only the seed decides. */
export class Simulation {
  readonly data: ModelData
  readonly timers: FakeTimers = new FakeTimers()
  readonly channels: ModelChannels
  readonly client: Client
  readonly page: Page
  readonly problems: string[] = []
  /** Pictures that were compared with the truth. */
  checked = 0
  readonly #random: () => number
  readonly #gateway: ModelGateway
  readonly #lists = new Map<string, ModelList>()
  #questions: WaitingQuestion[] = []
  #stored = 0
  #generation = 1
  #painted = 0
  /** The earliest moment that each list of the last picture may be of. */
  readonly #since = new Map<string, number>()

  constructor(random: () => number) {
    this.#random = random
    this.data = new ModelData(random)
    for (let i = 0; i < 6; i++) this.data.commitRandom()
    this.#stored = this.data.head
    const host: GatewayHost = {
      data: this.data,
      random,
      stored: () => this.#stored,
      epoch: () => this.#epoch,
      listOf: (channel) => this.#lists.get(channel),
    }
    this.#gateway = new ModelGateway(host)
    this.channels = new ModelChannels(this.#gateway, host)
    const queries: Queries = { ask: (document) => this.#ask(document) }
    this.client = new Client({
      queries,
      channels: this.channels,
      reader: new Reader('model', () => null),
      clock: () => this.timers.now,
      random,
      cache: memoryCache(),
      timers: this.timers,
      url: 'model',
    })
    this.page = this.client.page(QUERY)
    this.page.subscribe((picture) => this.#check(picture))
  }

  /** One event, chosen by chance. */
  async step(): Promise<void> {
    const chance = this.#random() * 100
    if (chance < 14) this.data.commitRandom()
    else if (chance < 28) this.#store()
    else if (chance < 44) this.#gateway.route()
    else if (chance < 64) this.#gateway.deliver(this.channels)
    else if (chance < 72) this.#read()
    else if (chance < 80) this.#reply()
    else if (chance < 93) this.timers.advance(0)
    else if (chance < 96) this.timers.advance(this.#random() * (this.#random() < 0.25 ? OVERDUE_MS : 900))
    else if (chance < 98.5) this.channels.connect()
    else if (chance < 99.6) this.channels.cut()
    else this.#replaceGeneration()
    await turn()
  }

  /** Nothing new happens any more, and everything on its way arrives. */
  async settle(): Promise<void> {
    for (let i = 0; i < 400; i++) {
      this.channels.connect()
      this.#stored = this.data.head
      this.#gateway.openGates()
      while (this.#gateway.route()) await turn()
      while (this.#gateway.frames > 0) {
        this.#gateway.deliver(this.channels)
        await turn()
      }
      this.#read()
      this.#reply()
      await turn()
      this.timers.advance(250)
      await turn()
      if (this.page.picture.state === 'live' && this.#isCurrent()) return
    }
    this.problems.push(
      `does not settle: ${this.page.picture.state} at ${JSON.stringify(this.page.picture.offsets)}, head ${this.data.head}`,
    )
  }

  /** Does the page show what is true now? A list that had nothing to hear of the last commits may stand before the head. */
  #isCurrent(): boolean {
    return differences(this.page.picture, this.data.at(this.data.head)).length === 0
  }

  get #epoch(): string {
    return `7.${this.#generation}`
  }

  #ask(document: string): Promise<Answer> {
    return new Promise((resolve, reject) => this.#questions.push({ document, answer: null, resolve, reject }))
  }

  #store(): void {
    this.#stored = this.data.next(this.#stored) ?? this.#stored
    this.#gateway.openGates()
  }

  /** The server reads for one of the questions, as of where its store is. */
  #read(): void {
    const question = this.#pick(this.#questions.filter((one) => one.answer === null))
    if (question === undefined) return
    const state = this.data.at(this.#stored)
    question.answer = answer(question.document, state, (list) => this.#describe(list))
  }

  /** One of the answers arrives, or the connection breaks on the way. */
  #reply(): void {
    const question = this.#pick(this.#questions.filter((one) => one.answer !== null))
    if (question === undefined || question.answer === null) return
    this.#questions = this.#questions.filter((one) => one !== question)
    if (this.#random() < 0.08) question.reject(new SheetflowError('client/offline', 'lost on the way'))
    else question.resolve(question.answer)
  }

  #describe(list: ModelList): ReturnType<Parameters<typeof answer>[2]> {
    const channel = channelOf(list, this.#generation)
    this.#lists.set(channel, list)
    const at = this.#stored
    const key = [{ column: 'id', type: 'text' as const }]
    return { channel, token: 't', epoch: this.#epoch, offset: at, at, view: `sales.${list.view}`, graph: 'sales', order: list.order, key }
  }

  #replaceGeneration(): void {
    this.#generation += 1
    this.#gateway.retire()
  }

  #pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.#random() * list.length)]
  }

  #check(picture: Picture): void {
    const offset = picture.offsets['sales']
    if (offset === undefined || picture.state === 'loading') return
    this.#checkLists(picture, offset)
    if (picture.state === 'stale') return
    this.checked += 1
    if (offset < this.#painted) this.problems.push(`painted ${offset} behind ${this.#painted}`)
    this.#painted = offset
    this.problems.push(...differences(picture, this.data.at(offset)).map((problem) => `${picture.state} at ${offset}: ${problem}`))
  }

  /** The lists of a page that is overdue are each of a moment of its own, which is not told: of one that is not earlier than before. `offset`: the moment that all of them are of. */
  #checkLists({ fields, state }: Picture, offset: number): void {
    for (const [name, field] of Object.entries(fields)) {
      const since = this.#since.get(name) ?? 0
      const shown = idsOf(field.rows.map(({ values }) => values))
      const isShownAt = (o: number): boolean => idsOf(truth(this.data.at(o))[name] ?? []) === shown
      const later = [since, ...this.data.between(since, this.data.head).map(({ o }) => o)]
      const moment = state === 'stale' ? later.find(isShownAt) : offset
      if (moment === undefined) this.problems.push(`${name} shows ${shown} when overdue, as it has not been since ${since}`)
      else this.#since.set(name, moment)
    }
  }
}

/** Which rows a list has. */
function idsOf(rows: readonly Readonly<Record<string, unknown>>[]): string {
  return JSON.stringify(rows.map((row) => String(row['id'])).toSorted())
}

/** Where a picture differs from the truth. */
export function differences(picture: Picture, state: ModelState): string[] {
  return Object.entries(truth(state)).flatMap(([name, rows]) => {
    const shown = plain(picture.fields[name])
    return JSON.stringify(shown) === JSON.stringify(rows) ? [] : [`${name} shows ${JSON.stringify(shown)}, true is ${JSON.stringify(rows)}`]
  })
}

function plain(field: PaintedField | undefined): unknown {
  return field?.rows.map((row) => ({
    ...row.values,
    ...Object.fromEntries(Object.entries(row.nested).map(([as, nested]) => [as, plain(nested)])),
  }))
}

/** What `QUERY` answers. */
function truth(state: ModelState): Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>> {
  const columns =
    (order: readonly string[], rename: Readonly<Record<string, string>> = {}) =>
    (row: ModelRow) =>
      Object.fromEntries(order.map((column) => [rename[column] ?? column, row[column] ?? null]))
  const list = (view: ModelList['view'], rest: Partial<ModelList> = {}): ModelRow[] =>
    rowsOf({ view, where: {}, columns: [], order: [], limit: null, ...rest }, state)
  const byTotal: ModelList['order'] = [{ column: 'total', direction: 'desc', type: 'int' }]
  return {
    customers: list('customers').map((row) => ({
      ...columns(['id', 'name', 'total'])(row),
      open: list('orders', { where: { customer_id: { _eq: row['id'] as JsonValue } }, order: byTotal }).map(
        columns(['id', 'total'], { total: 'amount' }),
      ),
    })),
    big: list('orders', { where: { total: { _gt: 25 } }, order: byTotal }).map(columns(['id', 'customer_id', 'note'])),
    top: list('orders', { order: byTotal, limit: 3 }).map(columns(['id', 'total', 'customer_id'])),
    two: list('customers', { where: { id: { _eq: '2' } } }).map(columns(['id', 'name', 'total'])),
  }
}
