import { setTimeout as pause } from 'node:timers/promises'
import type { Publication } from '@sheetflow/core/wire'
import { runs } from '@sheetflow/testkit/runs'
import type { Client, Page, Picture } from '@sheetflow/client'
import { Centrifuge } from 'centrifuge'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { startBalancer } from './balancer.ts'
import { freePorts } from './free-ports.ts'
import { ProcessRing, type RoleProcess } from './process-ring.ts'

/**
 * Two processes serve; each is told to end by SIGTERM and started again, in the long form twice, while rows are written and 24 clients follow: ours with the list of addresses, ours through a
 * balancer, and the official client through it. Expected: every process ends well, every client moves; nobody misses a row, has one twice or is sent back to ask; a page of ours is never
 * `stale`, only `offline` between its socket's end and the next; every query that is asked through the balancer meanwhile is answered.
 */

const ROUNDS = runs(1, 2)
const EACH = 8
const WRITE_EVERY_MS = 100
const PATIENT = { timeout: 120_000 }
const QUERY = '{ notes(order_by: [{id: asc}]) { id text } }'
const LAST_QUERY = '{ notes(order_by: [{id: desc}], limit: 1) { id text } }'

test('serve processes are restarted one after the other under a writing source and nobody has a gap', async () => {
  await using ring = await ProcessRing.create({ drainSeconds: 4 })
  const ports = await freePorts(2)
  await using balancer = await startBalancer(ports)
  const serves = new Map(ports.map((port) => [port, ring.start('serve', { port })]))
  await Promise.all([ring.start('capture,graph,store'), ...serves.values()].map(({ ready }) => ready))
  await ring.note()
  const direct = ports.map((port) => `http://127.0.0.1:${port}/graphql`)
  const balanced = [`http://${balancer.host}/graphql`]
  await expect.poll(() => balancer.ready().length, PATIENT).toBe(2)
  const pages = await Promise.all([...many(EACH, direct), ...many(EACH, balanced)].map((urls) => PageWatch.open(ring, urls)))
  const official = await Promise.all(many(EACH, balancer.host).map((host) => OfficialWatch.open(ring, host)))

  const writing = new AbortController()
  const writer = repeat(writing.signal, WRITE_EVERY_MS, () => ring.note())
  const asker = new Asker(balanced[0] ?? '', await ring.token())
  const asking = repeat(writing.signal, 20, () => asker.ask())
  for (let round = 0; round < ROUNDS; round++) {
    for (const port of ports) {
      const before = serves.get(port) as RoleProcess
      const turns = [...pages, ...official].map((watch) => watch.connections)
      const written = asker.seen
      expect(await before.stop('SIGTERM')).toBe(0)
      // Shown: it had clients, and all that it had have gone to the other one.
      await expect.poll(() => [...pages, ...official].every((watch) => watch.isConnected), PATIENT).toBe(true)
      expect([...pages, ...official].filter((watch, i) => watch.connections > (turns[i] ?? 0)).length).toBeGreaterThan(0)
      await expect.poll(() => asker.seen, PATIENT).toBeGreaterThan(written)
      const after = ring.start('serve', { port })
      serves.set(port, after)
      await after.ready
      expect(after.pid).not.toBe(before.pid)
      await expect.poll(() => balancer.ready().length, PATIENT).toBe(2)
    }
  }
  writing.abort()
  await Promise.all([writer, asking])

  const written = (await ring.sql('select id::text from notes order by notes.id')).map(({ id }) => String(id))
  expect(written.length).toBeGreaterThan(20)
  for (const watch of [...pages, ...official]) {
    await expect.poll(() => watch.ids, PATIENT).toEqual(written)
    expect(watch.faults).toEqual([])
    // Whoever was with the one that ended had to move; in a round over two processes that is everybody.
    expect(watch.connections).toBeGreaterThan(ROUNDS)
  }
  for (const port of ports) expect(balancer.given.get(port)).toBeGreaterThan(0)
  expect(asker.refused).toEqual([])
  const gaps = pages.flatMap(({ gapsMs }) => gapsMs).sort((a, b) => a - b)
  console.log(
    `${written.length} rows, ${asker.answered} queries, ${gaps.length} moves of ours: offline for ${gaps[gaps.length >> 1]?.toFixed(0)} ms in the middle, at most ${gaps.at(-1)?.toFixed(0)} ms`,
  )
}, 600_000)

function many<T>(count: number, value: T): T[] {
  return Array.from({ length: count }, () => value)
}

async function repeat(signal: AbortSignal, everyMs: number, task: () => Promise<unknown>): Promise<void> {
  while (!signal.aborted) {
    await task()
    await pause(everyMs)
  }
}

/** A page of ours, and everything that was wrong with what it showed. */
class PageWatch {
  readonly faults: string[] = []
  /** How long it was without a connection, each time. */
  readonly gapsMs: number[] = []
  connections = 1
  readonly #client: Client
  readonly #page: Page
  #ids: readonly string[] = []
  #cutAt: number | null = null

  private constructor(client: Client, page: Page) {
    this.#client = client
    this.#page = page
    this.#look(page.picture)
    page.subscribe((picture) => this.#look(picture))
    client.onLink((state) => this.#hearLink(state))
  }

  static async open(ring: ProcessRing, urls: readonly string[]): Promise<PageWatch> {
    const { client, page } = await ring.followAt(urls, QUERY)
    return new PageWatch(client, page)
  }

  get ids(): readonly string[] {
    return this.#ids
  }

  get isConnected(): boolean {
    return this.#client.link === 'connected' && this.#page.picture.state === 'live'
  }

  #hearLink(state: string): void {
    if (state === 'connected') this.connections += 1
    else this.#cutAt ??= performance.now()
  }

  /** Rows only come, in their order. Without a connection what is shown is of one moment; with one it is live, and nothing else. */
  #look({ fields, state }: Picture): void {
    const ids = fields['notes']?.rows.map(({ values }) => JSON.stringify(values['id']).replaceAll('"', '')) ?? []
    const isNext = ids.every((id, i) => id === String(i + 1)) && ids.length >= this.#ids.length
    if (!isNext) this.faults.push(`after ${this.#ids.length} rows: ${ids.join(' ')}`)
    if (state !== 'live' && state !== 'offline') this.faults.push(`${state} at ${ids.length} rows`)
    if (state === 'offline') {
      // The page hears of it before we do.
      if (this.#cutAt === null && this.#client.link === 'connected') this.faults.push('offline with a connection')
      this.#cutAt ??= performance.now()
    }
    if (state === 'live' && this.#cutAt !== null) {
      this.gapsMs.push(performance.now() - this.#cutAt)
      this.#cutAt = null
    }
    this.#ids = ids
  }
}

/** The official client, with nothing of ours but the GraphQL answer that says what to subscribe to. */
class OfficialWatch {
  readonly faults: string[] = []
  readonly ids: string[] = []
  connections = 0
  readonly #client: Centrifuge

  private constructor(client: Centrifuge) {
    this.#client = client
    client.on('connected', () => (this.connections += 1))
  }

  static async open(ring: ProcessRing, host: string): Promise<OfficialWatch> {
    const token = await ring.token()
    const { data, extensions } = await query(`http://${host}/graphql`, token, QUERY)
    const { channel, token: subscribe, epoch, offset } = extensions.live.notes
    const client = new Centrifuge(`ws://${host}/connection/websocket`, { token, websocket: WebSocket })
    const watch = new OfficialWatch(client)
    watch.ids.push(...data.notes.map(({ id }) => String(id)))
    const subscription = client.newSubscription(channel, { token: subscribe, since: { epoch, offset } })
    subscription.on('publication', ({ data: publication }) => watch.#take(publication as Publication))
    subscription.on('subscribed', ({ wasRecovering, recovered }) => {
      if (wasRecovering && !recovered) watch.faults.push('not recovered')
    })
    subscription.on('unsubscribed', ({ code, reason }) => watch.faults.push(`unsubscribed: ${code} ${reason}`))
    client.on('error', () => undefined)
    subscription.on('error', () => undefined)
    subscription.subscribe()
    client.connect()
    await subscription.ready()
    return watch
  }

  get isConnected(): boolean {
    return this.#client.state === 'connected'
  }

  #take(publication: Publication): void {
    if (!('rows' in publication) || publication.rows === undefined) {
      this.faults.push(JSON.stringify(publication))
      return
    }
    for (const [op, key] of publication.rows) {
      const [id = ''] = key as readonly string[]
      if (op !== 'c' || id !== String(this.ids.length + 1)) this.faults.push(`after ${this.ids.length} rows: ${op} ${id}`)
      this.ids.push(id)
    }
  }
}

/** Asks all the while, as pages do that are opened meanwhile. */
class Asker {
  readonly refused: string[] = []
  answered = 0
  /** The last row of the last answer. */
  seen = 0
  readonly #url: string
  readonly #token: string

  constructor(url: string, token: string) {
    this.#url = url
    this.#token = token
  }

  async ask(): Promise<void> {
    try {
      const { data } = await query(this.#url, this.#token, LAST_QUERY)
      this.answered += 1
      this.seen = Number(data.notes[0]?.id)
    } catch (error) {
      this.refused.push(String(error))
    }
  }
}

interface NotesAnswer {
  readonly data: { readonly notes: readonly { readonly id: unknown }[] }
  readonly extensions: {
    readonly live: { readonly notes: { readonly channel: string; readonly token: string; readonly epoch: string; readonly offset: number } }
  }
}

async function query(url: string, token: string, text: string): Promise<NotesAnswer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: text }),
  })
  const answer = await response.text()
  if (response.status !== 200) throw new Error(`${response.status} ${answer}`)
  return JSON.parse(answer) as NotesAnswer
}
