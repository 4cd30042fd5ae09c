import type { KeyColumn, ViewState } from '@sheetflow/core/wire'
import type { AnsweredField, AnsweredRow } from '../answer/answered.ts'
import type { Feed, FeedUser } from '../follow/feed.ts'
import type { Feeds } from '../follow/feeds.ts'
import type { FieldPlan } from '../plan/field-plan.ts'
import { OrderedRows } from '../rows/ordered-rows.ts'
import type { SharedRow } from '../rows/row-table.ts'

/** What a node tells its page. */
export interface NodeHost {
  readonly feeds: Feeds
  /** Something of the page changed: look at it when the frame is complete. */
  changed(): void
  /** The root field has to be asked again. */
  lost(root: FieldPlan, spreadMs: number): void
  /** The token that a new answer of the root field has for the channel. */
  renew(root: FieldPlan, channel: string): Promise<string | null>
}

/** A row that has to be asked for: its nested lists or wide values are not known. */
export interface MissingRow {
  readonly node: FieldNode
  readonly row: SharedRow
}

/** One place of the page's query in its answer: a root field, or a nested list of one row. Live, with a feed; or static, with the rows as asked. */
export class FieldNode implements FeedUser {
  readonly plan: FieldPlan
  readonly root: FieldPlan
  readonly #host: NodeHost
  #answered: AnsweredField
  #feed: Feed | null = null
  #ordered: OrderedRows | null = null
  #unwatch: () => void = () => undefined
  #asked: readonly SharedRow[] = []
  /** Nested nodes by row, in the order of the plan. */
  #children = new Map<string, readonly FieldNode[]>()
  readonly #asking = new Set<string>()

  constructor(answered: AnsweredField, root: FieldPlan, host: NodeHost) {
    this.plan = answered.plan
    this.root = root
    this.#host = host
    this.#answered = answered
    this.take(answered)
  }

  get feed(): Feed | null {
    return this.#feed
  }

  /** What the last answer said of the field. */
  get answered(): AnsweredField {
    return this.#answered
  }

  /** How the view stands: a list that follows is told by its channel. */
  get server(): ViewState | null {
    return this.#feed === null ? this.#answered.state : this.#feed.status
  }

  get keyColumns(): readonly KeyColumn[] {
    return this.#answered.live?.key ?? []
  }

  /** The rows in order. The array is the same as long as nothing changed. */
  rows(): readonly SharedRow[] {
    return this.#ordered === null ? this.#asked : this.#ordered.rows()
  }

  /** Has a row a value of a later moment than `offset`, from a list that was asked then? */
  isAheadOf(offset: number): boolean {
    return this.#feed !== null && this.rows().some((row) => row.newest > offset)
  }

  /** Nested nodes of a row, in the order of the plan; null if they have to be asked. */
  childrenOf(row: string): readonly FieldNode[] | null {
    return this.plan.nested.length === 0 ? [] : (this.#children.get(row) ?? null)
  }

  /** This node and all below it. */
  *all(): Generator<FieldNode> {
    yield this
    for (const children of this.#children.values()) for (const child of children) yield* child.all()
  }

  /** Takes a new answer: what is the same goes on as it was. */
  take(answered: AnsweredField): void {
    this.#answered = answered
    this.#asking.clear()
    const { live, rows } = answered
    const before = this.#feed
    this.#feed = live === null ? null : this.#host.feeds.attach(this, live, rows, answered.state)
    if (before !== null && before !== this.#feed) this.#host.feeds.detach(this, before)
    this.#order()
    this.#asked = this.#feed === null ? rows.map(looseRow) : []
    // A list that goes on with its own rows may not have come to those of the answer yet.
    for (const row of rows) if (this.#feed === null || this.#feed.list.members.has(row.id)) this.#nest(row)
    this.collect()
    this.#dropLost(new Set(rows.map((row) => row.id)))
    this.#host.changed()
  }

  /**
   * What was asked for one row: values that were not sent, as of `at`, and its nested lists. Says whether it brought values of a moment that the
   * list has not come to yet.
   */
  takeRow(row: SharedRow, answered: AnsweredRow, at: number): boolean {
    this.#asking.delete(row.id)
    if (this.#feed === null || this.#feed.list.members.get(row.id) !== row) return false
    const isAhead = this.#feed.list.complete(row, answered.cells, at)
    this.#nest(answered)
    this.#host.changed()
    return isAhead
  }

  /** Lets go of nested nodes whose rows have left. */
  collect(): void {
    const present = new Set(this.rows().map((row) => row.id))
    for (const [id, children] of this.#children) {
      if (present.has(id)) {
        for (const child of children) child.collect()
        continue
      }
      for (const child of children) child.close()
      this.#children.delete(id)
    }
  }

  /** Rows of this node (not of those below) that have to be asked for and are not being asked. */
  missing(): MissingRow[] {
    if (this.#feed === null || this.#feed.state === 'lost') return []
    const rows = new Set<SharedRow>(this.#feed.list.incomplete)
    if (this.plan.nested.length > 0) for (const row of this.rows()) if (!this.#children.has(row.id)) rows.add(row)
    return [...rows].map((row) => ({ node: this, row }))
  }

  isAsking(row: string): boolean {
    return this.#asking.has(row)
  }

  /** The row is being asked for; `stopAsking` ends it. */
  startAsking(row: string): void {
    this.#asking.add(row)
  }

  stopAsking(row: string): void {
    this.#asking.delete(row)
  }

  feedChanged(): void {
    this.#host.changed()
  }

  feedLost(_feed: Feed, spreadMs: number): void {
    this.#host.lost(this.root, spreadMs)
    this.#host.changed()
  }

  renewToken(feed: Feed): Promise<string | null> {
    return this.#host.renew(this.root, feed.channel)
  }

  close(): void {
    this.#unwatch()
    for (const children of this.#children.values()) for (const child of children) child.close()
    this.#children.clear()
    if (this.#feed !== null) this.#host.feeds.detach(this, this.#feed)
    this.#feed = null
    this.#ordered = null
  }

  /** Lost nested lists of rows that the answer does not have (the list may be ahead of it): they count as missing from now on. */
  #dropLost(answered: ReadonlySet<string>): void {
    for (const [id, children] of this.#children) {
      if (answered.has(id) || !children.some((child) => [...child.all()].some((node) => node.feed?.state === 'lost'))) continue
      for (const child of children) child.close()
      this.#children.delete(id)
    }
  }

  #order(): void {
    this.#unwatch()
    this.#unwatch = () => undefined
    this.#ordered = null
    if (this.#feed === null || this.#answered.live === null) return
    this.#ordered = new OrderedRows(this.#feed.list, this.#answered.live)
    this.#unwatch = this.#feed.list.watch(this.#ordered)
  }

  #nest(row: AnsweredRow): void {
    if (this.plan.nested.length === 0) return
    const known = this.#children.get(row.id)
    if (known === undefined)
      this.#children.set(
        row.id,
        row.nested.map((field) => new FieldNode(field, this.root, this.#host)),
      )
    else for (const [i, field] of row.nested.entries()) known[i]?.take(field)
  }
}

/** A row that does not follow. */
function looseRow({ id, key, cells }: AnsweredRow): SharedRow {
  const at = 0
  return {
    space: '',
    id,
    key,
    cells: new Map(Object.entries(cells).map(([column, value]) => [column, { value, o: at }])),
    holders: new Set(),
    version: 0,
    newest: 0,
  }
}
