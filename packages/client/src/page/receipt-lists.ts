import type { Receipt } from '@sheetflow/core/receipt'
import type { Overlay } from '../commands/overlay.ts'
import { commandOf, receiptsOf } from '../commands/receipt-rows.ts'
import type { Feed } from '../follow/feed.ts'
import { RECEIPT_WINDOW, receiptsByIdPlan, receiptsPlan } from '../plan/documents.ts'
import type { FieldPlan } from '../plan/field-plan.ts'
import type { FieldNode } from './field-node.ts'

/** Commands that are asked for in one list: it has to find room in one document with all that a page asks. */
const IDS_PER_LIST = 200

/** A list of certain commands. */
interface IdList {
  readonly graph: string
  readonly plan: FieldPlan
  readonly ids: ReadonlySet<string>
}

/**
 * The lists of receipts that a page follows for itself, once a command has been given: of each graph that it shows the newest, and those of pending commands that went through this window
 * unseen, by their ids. As they are lists of their graphs like any other, a picture that has a receipt has the effect.
 */
export class ReceiptLists {
  readonly #overlay: Overlay
  /** The windows, by graph. */
  readonly #windows = new Map<string, FieldPlan>()
  /** What was last seen in each: command → time of its receipt. */
  readonly #seen = new Map<string, ReadonlyMap<string, unknown>>()
  /** Commands whose receipts may have gone through the window of a graph, and that are not asked yet. */
  readonly #unseen = new Map<string, ReadonlySet<string>>()
  #byId: readonly IdList[] = []
  #count = 0

  constructor(overlay: Overlay) {
    this.#overlay = overlay
  }

  /** The root fields of all of them. */
  get roots(): readonly FieldPlan[] {
    return [...this.#windows.values(), ...this.#byId.map(({ plan }) => plan)]
  }

  /** Those of graphs that are new, to be asked. */
  follow(graphs: Iterable<string>): readonly FieldPlan[] {
    return [...graphs].flatMap((graph) => {
      if (this.#windows.has(graph)) return []
      const plan = receiptsPlan(graph)
      this.#windows.set(graph, plan)
      return [plan]
    })
  }

  /** A picture was made: the receipts of pending commands that it has. What they speak of is not expected any more. */
  read(nodes: ReadonlyMap<FieldPlan, FieldNode>, feeds: Iterable<Feed>): readonly Receipt[] {
    const pending = new Set(this.#overlay.commands)
    if (pending.size === 0) return []
    const graphs = new Map([...feeds].map((feed) => [feed.view, feed.clock.graph]))
    return this.roots.flatMap((root) => {
      const node = nodes.get(root)
      if (node === undefined) return []
      const receipts = receiptsOf(node, pending)
      const graph = node.feed?.clock.graph ?? null
      for (const receipt of receipts) this.#uncover(receipt, (view) => (graphs.get(view) ?? graph) === graph)
      return receipts
    })
  }

  /** The picture has what the receipt speaks of: in its own graph the effect, or everywhere that there is none. */
  #uncover({ id, status }: Receipt, hasEffect: (view: string) => boolean): void {
    if (status === 'applied') this.#overlay.settle(id, hasEffect)
    else if (status !== 'accepted' && status !== 'done') this.#overlay.drop(id)
  }

  /** A list of what may have gone through a window since the last picture, to be asked: nothing of what was there then is there any more. One after the other, as a document has its limits. */
  lookFor(nodes: ReadonlyMap<FieldPlan, FieldNode>): FieldPlan | null {
    for (const [graph, plan] of this.#windows) {
      const rows = nodes.get(plan)?.rows() ?? []
      const now = new Map(rows.map((row) => [commandOf(row), row.cells.get('at')?.value]))
      const before = this.#seen.get(graph)
      this.#seen.set(graph, now)
      const goesOn = before !== undefined && [...now].some(([id, at]) => before.has(id) && before.get(id) === at)
      if (now.size < RECEIPT_WINDOW || goesOn) continue
      this.#unseen.set(graph, new Set([...this.#overlay.commands].filter((id) => !now.has(id))))
    }
    return this.#byId.every(({ plan }) => nodes.has(plan)) ? this.#nextById() : null
  }

  #nextById(): FieldPlan | null {
    for (const [graph, unseen] of this.#unseen) {
      const isAsked = (id: string): boolean => this.#byId.some((list) => list.graph === graph && list.ids.has(id))
      const ids = [...unseen].filter((id) => this.#overlay.has(id) && !isAsked(id)).slice(0, IDS_PER_LIST)
      if (ids.length === 0) this.#unseen.delete(graph)
      else {
        const plan = receiptsByIdPlan(graph, ids, this.#count++)
        this.#byId = [...this.#byId, { graph, plan, ids: new Set(ids) }]
        return plan
      }
    }
    return null
  }

  /** Lists by id whose commands have all ended: they are not followed any more. */
  letGo(): readonly FieldPlan[] {
    const over = this.#byId.filter(({ ids }) => [...ids].every((id) => !this.#overlay.has(id)))
    if (over.length > 0) this.#byId = this.#byId.filter((list) => !over.includes(list))
    return over.map(({ plan }) => plan)
  }
}
