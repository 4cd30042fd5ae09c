import type { Answer, Channels, Queries } from '../net/transport.ts'
import { ModelServer } from './model-server.ts'

const OPS = 'ops:'

/**
 * One server with two graphs: `orders` and `_receipts_sales` are of one model, `customers` and `_receipts_ops` of another, which stands where it likes. Commands go to the first.
 */
export class TwoGraphs {
  readonly sales: ModelServer = new ModelServer()
  readonly ops: ModelServer = new ModelServer()
  readonly queries: Queries = { ask: (document, variables) => this.#ask(document, variables) }
  readonly channels: Channels = {
    follow: (start, follower) => {
      const { channel } = start
      if (!channel.startsWith(OPS)) return this.sales.channels.follow(start, follower)
      return this.ops.channels.follow({ ...start, channel: channel.slice(OPS.length) }, follower)
    },
    get state() {
      return 'connected' as const
    },
    onState: () => () => undefined,
    close: () => undefined,
  }

  connect(): void {
    this.sales.connect()
    this.ops.connect()
  }

  async #ask(document: string, variables: Readonly<Record<string, unknown>>): Promise<Answer> {
    const [sales, ops] = await Promise.all([this.sales.queries.ask(document, variables), this.ops.queries.ask(document, variables)])
    const live = Object.entries(ops.live).map(([path, one]) => {
      const theirs = { ...one, channel: OPS + one.channel, graph: 'ops', view: one.view.replace('sales.', 'ops.') }
      return [path, theirs] as const
    })
    return {
      errors: [],
      data: { ...sales.data, ...Object.fromEntries(Object.entries(ops.data ?? {}).filter(([as]) => isOfOps(as))) },
      live: { ...sales.live, ...Object.fromEntries(live.filter(([path]) => isOfOps(path))) },
      state: sales.state,
    }
  }
}

function isOfOps(path: string): boolean {
  return path.startsWith('customers') || path === '_receipts_ops'
}
