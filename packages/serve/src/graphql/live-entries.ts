import { must } from '@sheetflow/core/assert'
import type { Clock } from '@sheetflow/core/ports/host'
import { and } from '@sheetflow/core/predicate-canonical'
import { constantOf } from '@sheetflow/core/predicate-claims'
import { NEVER } from '@sheetflow/core/predicate'
import type { Predicate } from '@sheetflow/core/predicate'
import type { JsonValue } from '@sheetflow/core/value'
import type { ChannelDescription } from '@sheetflow/core/wire'
import type { SubscriptionTokens } from '../live/subscription-tokens.ts'
import { typeOf } from './column-type.ts'
import type { LoweredList, LoweredLive, ShapeField } from './lowered.ts'
import type { StoreRow } from './render-rows.ts'

/** As of when a list was read. */
export interface ReadAt {
  readonly epoch: number
  readonly offset: number
}

/** An answer that is asked again within this time carries the same token. */
const TOKEN_REUSE_MS = 30_000

/** Writes the entries of `extensions.live` (FORMATS 8) as JSON text. */
export class LiveEntries {
  readonly #tokens: SubscriptionTokens
  readonly #clock: Clock
  /** What does not change from answer to answer, by lowered list: requests that are asked again are lowered once. */
  readonly #known = new WeakMap<LoweredLive, { readonly text: string | null; readonly user: string | null; readonly until: number }>()

  constructor(tokens: SubscriptionTokens, clock: Clock) {
    this.#tokens = tokens
    this.#clock = clock
  }

  /** The entry of a root list; null if it is static, or says too much for a token. */
  root(list: LoweredList, user: string | null, at: ReadAt): string | null {
    const { live } = list
    if (live === null) return null
    const now = this.#clock.now()
    let known = this.#known.get(live)
    if (known === undefined || known.user !== user || known.until < now) {
      known = { text: this.#head(list, live, live.predicate, user), user, until: now + TOKEN_REUSE_MS }
      this.#known.set(live, known)
    }
    return entry(known.text, list, at)
  }

  /** The entry of a nested list of one parent. */
  nested(field: Extract<ShapeField, { kind: 'list' }>, parent: StoreRow, user: string | null, at: ReadAt): string | null {
    const { list, on } = field
    if (list.live === null) return null
    return entry(this.#head(list, list.live, and(list.live.predicate, joined(on, list.type, parent)), user), list, at)
  }

  #head(list: LoweredList, live: LoweredLive, predicate: Predicate, user: string | null): string | null {
    const { schema, graph } = list.type.view
    const window = live.window === null ? {} : { window: live.window }
    const description: ChannelDescription = {
      view: schema.table,
      generation: schema.generation,
      predicate,
      columns: live.columns,
      ...window,
    }
    const granted = this.#tokens.grant(description, user, live.rights)
    if (granted === null) return null
    const { channel, token } = granted
    const order = list.plan.order.map((term) => ({ ...term, ...typeOf(schema.columns, term.column) }))
    const key = schema.key.map((column) => ({ column, ...typeOf(schema.columns, column) }))
    return JSON.stringify({ channel, token, view: schema.table, graph: graph.graph, order, key }).slice(0, -1)
  }
}

function entry(head: string | null, { type }: LoweredList, { epoch, offset }: ReadAt): string | null {
  return head === null ? null : `${head},"epoch":"${epoch}.${type.view.schema.generation}","offset":${offset},"at":${offset}}`
}

/** `child column = parent's value`, as stores join: by value whatever the types, Blank joins Blank, a cell error or a big value nothing. */
function joined(on: readonly (readonly [child: string, parent: string])[], { view }: LoweredList['type'], parent: StoreRow): Predicate {
  const of: Predicate[] = []
  for (const [child, column] of on) {
    const given = (parent[column] ?? null) as JsonValue
    const value = given === null ? null : constantOf(must(view.schema.columns.find(({ name }) => name === child)), given)
    if (value === undefined) return NEVER
    of.push({ op: 'eq', column: child, value })
  }
  return { op: 'and', of }
}
