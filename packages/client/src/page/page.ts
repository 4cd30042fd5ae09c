import type { Receipt } from '@sheetflow/core/receipt'
import type { SheetflowError } from '@sheetflow/core/errors'
import { documentError, readAnswer, type FieldError } from '../answer/answered.ts'
import type { PageCache } from '../cache/page-cache.ts'
import { Overlay, type Expectation } from '../commands/overlay.ts'
import type { Feed } from '../follow/feed.ts'
import type { Feeds } from '../follow/feeds.ts'
import type { RandomSource, Timers } from '../host.ts'
import type { Answer, Channels, Queries } from '../net/transport.ts'
import type { FieldPlan, PagePlan } from '../plan/field-plan.ts'
import { BasePainter, type BaseField } from './base-picture.ts'
import { Dresser } from './dress.ts'
import { EarlierHistory } from './earlier-history.ts'
import { FieldNode, type MissingRow } from './field-node.ts'
import { PageKeeper } from './page-keeper.ts'
import { NEXT_STATE, type PageEvent, type PaintState } from './page-state.ts'
import { EMPTY_PICTURE, isSamePicture, type Picture } from './painted.ts'
import { ReceiptLists } from './receipt-lists.ts'
import { RootAsker } from './root-asker.ts'
import { RowAsker } from './row-asker.ts'
import { goesBack, standingOf, standsBehind, type Standing } from './stands.ts'

/** How long lists that stand wait for those that are asked again or refilled (FORMATS 8). */
const HOLD_MS = 5000
/** Views that are loading are asked again after this long, views that are behind less often. */
const LOADING_POLL_MS = 400
const STALE_POLL_MS = 5000
/** A query that the server refused is tried again: sheets are edited while pages are open. */
const REFUSED_RETRY_MS = 3000

/** What a page works with. */
export interface PageHost {
  readonly queries: Queries
  readonly channels: Channels
  readonly feeds: Feeds
  readonly timers: Timers
  readonly random: RandomSource
  readonly cache: PageCache
  /** What names the page in the cache for the reader of now; the name rejects from when another one reads. */
  readonly naming: () => () => Promise<string>
  /** A painted frame carries these receipts of pending commands. */
  onReceipts(receipts: readonly Receipt[]): void
  /** What the server has is of another history than what was shown: all pages of the client are to begin anew, as they share lists and rows. */
  onEarlierHistory(): void
  onClose(page: Page): void
}

/** What a page does for one reader. */
interface Reading {
  readonly left: AbortController
  readonly asker: RootAsker
  readonly rowAsker: RowAsker
  readonly keeper: PageKeeper
}

/** One query, followed live: what a page shows, painted frame by frame. */
export class Page {
  readonly plan: PagePlan
  readonly #host: PageHost
  readonly #nodes = new Map<FieldPlan, FieldNode>()
  readonly #overlay = new Overlay()
  readonly #receipts = new ReceiptLists(this.#overlay)
  readonly #painter = new BasePainter()
  readonly #dresser = new Dresser(this.#overlay)
  readonly #listeners = new Set<(picture: Picture) => void>()
  readonly #ended = new AbortController()
  readonly #earlier: EarlierHistory
  #reading: Reading
  readonly #unlink: () => void
  #base: readonly BaseField[] | null = null
  #stands: Standing['stands'] = new Map()
  #kept: Picture | null = null
  #state: PaintState = 'loading'
  #error: FieldError | null = null
  #picture: Picture = EMPTY_PICTURE
  #frame: (() => void) | null = null
  #hold: (() => void) | null = null
  #isOverdue = false
  /** An answer was taken that no picture shows yet. */
  #isAnswered = false
  #watchesReceipts = false

  constructor(plan: PagePlan, host: PageHost) {
    this.plan = plan
    this.#host = host
    this.#earlier = new EarlierHistory(host.timers, () => host.onEarlierHistory())
    this.#unlink = host.channels.onState(() => this.#linkChanged())
    this.#reading = this.#read()
  }

  /** What is shown now. */
  get picture(): Picture {
    return this.#picture
  }

  /** The graphs that it follows. */
  get graphs(): ReadonlySet<string> {
    return new Set([...this.#feeds()].map((feed) => feed.clock.graph))
  }

  /** Calls back with each picture that differs from the one before. Returns the end of it. */
  subscribe(listener: (picture: Picture) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Asks everything again. */
  refresh(): void {
    this.#reading.asker.want(this.#roots)
  }

  /** Shows what a command is expected to do until its receipt comes, in the frame of its effect. */
  expect(command: string, expectations: readonly Expectation[]): void {
    this.#overlay.add(command, expectations)
    this.#watchesReceipts = true
    this.#watchReceipts()
    this.#paint()
  }

  /** Does the page still show what the command is expected to do? */
  awaits(command: string): boolean {
    return this.#overlay.has(command)
  }

  /** The command is known to have no effect (any more). */
  forget(command: string): void {
    if (this.#overlay.drop(command)) this.#paint()
  }

  /** Somebody else reads from now on: what is shown goes, what is on its way is not taken, and everything is asked for that reader. */
  readerChanged(): void {
    this.#base = null
    this.#kept = null
    this.#happens('replaced')
    this.#error = null
    for (const command of this.#overlay.commands) this.#overlay.drop(command)
    this.#letGo()
    this.beginAnew()
    this.#paint()
  }

  /** Lets go of everything that is followed and asks for all of it. What is painted stays until there is more. */
  beginAnew(): void {
    this.#leave()
    this.#nodes.clear()
    this.#endHold()
    this.#stands = new Map()
    this.#isAnswered = false
    this.#reading = this.#read()
  }

  close(): void {
    if (this.#ended.signal.aborted) return
    this.#ended.abort()
    this.#unlink()
    this.#frame?.()
    this.#hold?.()
    this.#listeners.clear()
    this.#leave()
    this.#host.onClose(this)
  }

  /** Begins to ask for the reader of now. */
  #read(): Reading {
    const { plan } = this
    const { queries, feeds, timers, random, cache, naming } = this.#host
    const left = new AbortController()
    const { signal } = left
    const asker = new RootAsker({
      plan,
      queries,
      timers,
      random,
      signal,
      onAnswer: (answer, roots) => this.#take(answer, roots),
      onFailure: (error) => this.#fail(error),
    })
    const changed = (): void => this.#changed()
    const rowAsker = new RowAsker({ plan, queries, feeds, timers, signal, changed, want: (roots) => asker.want(roots) })
    const keeper = new PageKeeper(cache, naming(), timers)
    asker.want(this.#roots)
    void this.#loadKept(keeper, signal)
    return { left, asker, rowAsker, keeper }
  }

  /** Ends what is asked and followed for the reader. */
  #leave(): void {
    const { left, rowAsker, keeper } = this.#reading
    this.#earlier.close()
    left.abort()
    rowAsker.close()
    for (const node of this.#nodes.values()) node.close()
    keeper.close()
  }

  async #loadKept(keeper: PageKeeper, signal: AbortSignal): Promise<void> {
    const kept = await keeper.load()
    if (kept === null || this.#state !== 'loading' || signal.aborted) return
    this.#kept = kept
    // That nobody answers is said by the state now.
    if (this.#error?.code === 'client/offline') this.#error = null
    this.#happens('cached')
    this.#paint()
  }

  #take(answer: Answer, roots: readonly FieldPlan[]): void {
    const refused = documentError(answer)
    // What the client asks for itself is not the page's business.
    if (refused === null || !roots.every((root) => root.hidden)) this.#error = refused
    if (refused !== null) {
      const pause = REFUSED_RETRY_MS * (0.5 + this.#host.random())
      for (const root of roots) this.#reading.asker.wantAfter(root, pause, 'refused')
      this.#paint()
      return
    }
    const answered = readAnswer(
      answer,
      roots.map((plan) => ({ plan, as: plan.as })),
    )
    for (const field of answered.filter(({ plan }) => this.#roots.includes(plan))) {
      const node = this.#nodes.get(field.plan)
      // While a view is rebuilt there is nothing to take: what is shown stays, until it is there or has been behind for too long.
      const isRebuilt = field.state?.status === 'loading' && field.live === null
      if (node === undefined) this.#nodes.set(field.plan, new FieldNode(field, field.plan, this.#nodeHost()))
      else if (!isRebuilt) node.take(field)
      if (field.state?.status === 'loading') this.#reading.asker.wantAfter(field.plan, LOADING_POLL_MS, 'loading')
      // Who follows is told when that is over.
      if (field.state?.status === 'stale' && field.live === null) this.#reading.asker.wantAfter(field.plan, STALE_POLL_MS, 'stale')
    }
    this.#isAnswered = true
    if (this.#watchesReceipts) this.#watchReceipts()
    this.#changed()
  }

  #fail(error: SheetflowError): void {
    if (error.code === 'client/offline' && this.#state !== 'loading') return
    const { code, message, fix } = error
    this.#error = { code, message, ...(fix === undefined ? {} : { fix }) }
    this.#paint()
  }

  #nodeHost(): ConstructorParameters<typeof FieldNode>[2] {
    return {
      feeds: this.#host.feeds,
      changed: () => this.#changed(),
      lost: (root, spreadMs) => this.#reading.asker.lost(root, spreadMs),
      renew: (root, channel) => this.#reading.asker.renew(root, channel),
    }
  }

  /** Receipts of every graph that the page shows, once a command has been given. */
  #watchReceipts(): void {
    const missing = this.#receipts.follow(this.graphs)
    if (missing.length > 0) this.#reading.asker.want(missing)
  }

  /** Lists that the page followed for itself and that have nothing to say any more. */
  #letGo(): void {
    for (const plan of this.#receipts.letGo()) {
      this.#nodes.get(plan)?.close()
      this.#nodes.delete(plan)
    }
  }

  /** A frame may bring many changes: they are looked at together, once it is complete. */
  #changed(): void {
    if (this.#ended.signal.aborted) return
    this.#frame ??= this.#host.timers.after(0, () => {
      this.#frame = null
      this.#look()
    })
  }

  /** The frame is complete: paint if everything live is of one moment, ask for what is missing, else wait. */
  #look(): void {
    const missing = this.#missing()
    this.#reading.rowAsker.ask(missing)
    const standing = standingOf([...this.#feeds(), ...this.#reading.rowAsker.feeds])
    const isAnswered = this.plan.roots.every((root) => this.#nodes.has(root))
    const whole = isAnswered && missing.length === 0 && !this.#reading.rowAsker.isWaiting && this.#isOneMoment(standing)
    const settled = whole && standing.settled
    this.#watchHold(settled)
    this.#earlier.look(standing.settled && goesBack(this.#stands, standing.stands))
    if (whole) this.#showAnswer()
    if (settled) {
      this.#reading.asker.allIsWell()
      this.#happens('settled')
    }
    if (this.#nodes.size > 0 && (whole || this.#isOverdue)) this.#paintBase(standing)
    this.#paint()
  }

  /** What was answered is what will be shown. */
  #showAnswer(): void {
    if (!this.#isAnswered) return
    this.#isAnswered = false
    this.#kept = null
    this.#happens('answered')
  }

  #isOneMoment({ together, stands }: Standing): boolean {
    if (!together || goesBack(this.#stands, stands)) return false
    for (const node of this.#allNodes()) {
      const stand = node.feed === null ? undefined : stands.get(node.feed.clock.graph)
      if (stand !== undefined && node.isAheadOf(stand.offset)) return false
    }
    return true
  }

  #missing(): MissingRow[] {
    const missing: MissingRow[] = []
    for (const root of this.#nodes.values()) root.collect()
    for (const node of this.#allNodes()) missing.push(...node.missing())
    return missing
  }

  #paintBase(standing: Standing): void {
    this.#stands = standsBehind(this.#stands, standing.stands)
    const shown = [...this.#nodes.values()].filter((node) => !node.plan.hidden)
    this.#base = this.plan.roots.flatMap((plan) => shown.filter((node) => node.plan === plan).map((node) => this.#painter.paint(node)))
    const receipts = this.#receipts.read(this.#nodes, this.#feeds())
    if (receipts.length > 0) this.#host.onReceipts(receipts)
    this.#letGo()
    const unseen = this.#receipts.lookFor(this.#nodes)
    if (unseen !== null) this.#reading.asker.want([unseen])
  }

  /** Five seconds after the lists fell apart they are shown as they are, and called stale. */
  #watchHold(settled: boolean): void {
    if (settled || [...this.#feeds()].every((feed) => feed.state === 'refused')) {
      this.#endHold()
      return
    }
    const isCut = this.#state === 'offline' && this.#host.channels.state !== 'connected'
    if (this.#hold !== null || this.#isOverdue || isCut) return
    this.#hold = this.#host.timers.after(HOLD_MS, () => {
      this.#hold = null
      this.#isOverdue = true
      this.#showAnswer()
      this.#happens('overdue')
      this.#look()
    })
  }

  #endHold(): void {
    this.#hold?.()
    this.#hold = null
    this.#isOverdue = false
  }

  #linkChanged(): void {
    if (this.#host.channels.state === 'connected') {
      this.#reading.asker.tryNow()
      this.#changed()
    } else if ([...this.#feeds()].length > 0) {
      this.#endHold()
      this.#happens('cut')
      this.#paint()
    }
  }

  #happens(event: PageEvent): void {
    this.#state = NEXT_STATE[this.#state][event]
  }

  /** All that is asked: what the page shows, and what it follows for itself. */
  get #roots(): readonly FieldPlan[] {
    return [...this.plan.roots, ...this.#receipts.roots]
  }

  *#feeds(): Generator<Feed> {
    for (const { feed } of this.#allNodes()) if (feed !== null) yield feed
  }

  *#allNodes(): Generator<FieldNode> {
    for (const root of this.#nodes.values()) yield* root.all()
  }

  #paint(): void {
    const picture = this.#draw()
    if (isSamePicture(this.#picture, picture)) return
    this.#picture = picture
    if (picture.state === 'live' || picture.state === 'static') this.#reading.keeper.keep(picture)
    for (const listener of this.#listeners) listener(picture)
  }

  #draw(): Picture {
    const state = this.#state
    if (this.#base === null)
      return this.#kept === null ? { ...EMPTY_PICTURE, error: this.#error } : { ...this.#kept, state, error: this.#error }
    const fields = Object.fromEntries(this.#base.map((base) => [base.plan.as, this.#dresser.dress(base, state)]))
    const offsets = Object.fromEntries([...this.#stands].map(([graph, { offset }]) => [graph, offset]))
    return { state, fields, offsets, error: this.#error }
  }
}
