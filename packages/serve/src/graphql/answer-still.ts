import { randomBytes } from 'node:crypto'
import { SheetflowError } from '@sheetflow/core/errors'
import type { Claims, Clock, Log } from '@sheetflow/core/ports/host'
import type { ReadableViewStore } from '@sheetflow/core/ports/view-store'
import type { SheetSchema } from '@sheetflow/core/schema'
import { graphStream } from '@sheetflow/core/subject'
import { Catalogue } from '../catalogue/catalogue.ts'
import { DEFAULT_LIMITS, type ServeLimits } from '../limits.ts'
import { SubscriptionTokens } from '../live/subscription-tokens.ts'
import { Cursors } from './cursor.ts'
import { GraphqlService, type GraphqlAnswer } from './graphql-service.ts'
import { rightsIn } from './rights.ts'

/** Views that do not move: those of a moment that is past. */
export interface StillViews {
  readonly store: ReadableViewStore
  /** The schemas of all views that may be asked for, by graph; the store holds those that are. */
  readonly schemas: ReadonlyMap<string, readonly SheetSchema[]>
  readonly limits?: Partial<ServeLimits>
  readonly clock: Clock
  readonly log: Log
}

/**
 * Answers one GraphQL request over views that do not move, with the reader's rights, as a server with these views would. Commands are refused; what the
 * answer says of live channels leads nowhere: no server knows its tokens.
 */
export async function answerStill(views: StillViews, body: string, claims: Claims): Promise<GraphqlAnswer> {
  const { store, schemas, clock, log } = views
  const limits = { ...DEFAULT_LIMITS, ...views.limits }
  const key = new Uint8Array(randomBytes(32))
  const catalogue = new Catalogue()
  for (const [graph, all] of schemas) {
    catalogue.addGraph({ graph, stream: graphStream(graph), storeOf: () => store })
    for (const schema of all) catalogue.set(graph, schema, 'ready')
  }
  const service = new GraphqlService({
    catalogue,
    limits,
    clock,
    log,
    tokens: new SubscriptionTokens({ key, tokenMs: limits.tokenMs, clock, rightsOf: rightsIn(catalogue) }),
    cursors: new Cursors(key),
    commands: { accept: () => Promise.reject(new SheetflowError('access/denied', 'the past takes no commands')) },
    blobUrl: (hash) => hash,
    introspection: true,
    operations: null,
    saw: () => undefined,
  })
  return await service.answer(body, claims)
}
