import { isSheetflowError } from '@sheetflow/core/errors'
import { documentError, readAnswer, type AnsweredField } from '../answer/answered.ts'
import type { Feeds } from '../follow/feeds.ts'
import type { Timers } from '../host.ts'
import type { Answer, Queries } from '../net/transport.ts'
import { rowsQuestion, wishAlias, type RowWish } from '../plan/documents.ts'
import type { FieldPlan, PagePlan } from '../plan/field-plan.ts'
import type { MissingRow } from './field-node.ts'
import { Probe } from './probe.ts'

/** More rows than this are cheaper asked as the root field that they are in. */
const MOST_ROWS = 25
const RETRY_MS = 1000

/** What asking for rows works with. */
export interface RowAskerHost {
  readonly plan: PagePlan
  readonly queries: Queries
  readonly feeds: Feeds
  readonly timers: Timers
  readonly signal: AbortSignal
  /** Something came; look at the page again. */
  changed(): void
  /** Ask the root field instead. */
  want(roots: readonly FieldPlan[]): void
}

/** Asks for rows that entered (their nested lists) or were not sent whole: one query a frame, one on its way at a time (FORMATS 8). */
export class RowAsker {
  readonly #host: RowAskerHost
  readonly #probes = new Map<Probe, MissingRow>()
  #isAsking = false

  constructor(host: RowAskerHost) {
    this.#host = host
  }

  /** Is anything asked for, or known of a later moment than the rest of the page? */
  get isWaiting(): boolean {
    return this.#isAsking || this.#probes.size > 0
  }

  /** Feeds that the page waits for beside those it shows. */
  get feeds(): Iterable<Probe['feed']> {
    return [...this.#probes.keys()].map((probe) => probe.feed)
  }

  /** Asks for what is missing in this frame. */
  ask(missing: readonly MissingRow[]): void {
    this.#endProbes()
    const fresh = missing.filter(({ node, row }) => !node.isAsking(row.id))
    if (fresh.length === 0 || this.#isAsking) return
    for (const { node, row } of fresh) node.startAsking(row.id)
    if (fresh.length > MOST_ROWS || fresh.some(({ node }) => node.keyColumns.length === 0))
      this.#host.want(fresh.map(({ node }) => node.root))
    else void this.#send(fresh)
  }

  close(): void {
    for (const probe of this.#probes.keys()) probe.close()
    this.#probes.clear()
  }

  async #send(missing: readonly MissingRow[]): Promise<void> {
    const { plan, queries, signal } = this.#host
    this.#isAsking = true
    const { document, variables } = rowsQuestion(plan, missing.map(wishFor))
    try {
      const answer = await queries.ask(document, variables, signal)
      this.#isAsking = false
      if (!signal.aborted) this.#take(missing, answer)
    } catch (error) {
      this.#isAsking = false
      for (const { node, row } of missing) node.stopAsking(row.id)
      if (!isSheetflowError(error) && !signal.aborted) throw error
      this.#host.timers.after(RETRY_MS, () => this.#host.changed())
    }
  }

  #take(missing: readonly MissingRow[], answer: Answer): void {
    if (documentError(answer) !== null) {
      // What may be asked as a list may not be asked as rows: then the list it is.
      for (const { node, row } of missing) node.stopAsking(row.id)
      this.#host.timers.after(RETRY_MS, () => this.#host.want(missing.map(({ node }) => node.root)))
      return
    }
    const fields = readAnswer(
      answer,
      missing.map(({ node }, i) => ({ plan: node.plan, as: wishAlias(i) })),
    )
    for (const [i, one] of missing.entries()) this.#takeOne(one, fields[i] as AnsweredField)
    this.#host.changed()
  }

  #takeOne(missing: MissingRow, { live, rows: [found] }: AnsweredField): void {
    const { node, row } = missing
    // Not there any more: it will leave the list, which is not as far as the answer yet.
    const isAhead = found === undefined || node.takeRow(row, found, live?.at ?? 0)
    if (live === null || !isAhead) {
      node.stopAsking(row.id)
      return
    }
    node.startAsking(row.id)
    this.#probes.set(new Probe(this.#host.feeds, live, found === undefined ? [] : [found], () => this.#host.changed()), missing)
  }

  #endProbes(): void {
    for (const [probe, { node, row }] of this.#probes) {
      if (!probe.done) continue
      this.#probes.delete(probe)
      node.stopAsking(row.id)
      probe.close()
    }
  }
}

function wishFor({ node, row }: MissingRow): RowWish {
  const view = node.feed?.view ?? ''
  return { field: node.plan, sheet: view.slice(view.indexOf('.') + 1), keyColumns: node.keyColumns, key: row.key }
}
