import type { Socket } from 'node:net'
import type pg from 'pg'
import { SheetflowError } from '@sheetflow/core/errors'

/** What runs when the signal aborts is given so long. */
export const GRACE_MS = 5_000
/** A timer that is set for longer goes off at once. */
const MOST_MS = 2 ** 31 - 1

/** How long work may take that uses a connection. */
export interface Limits {
  readonly limitMs: number
  /** Whoever stops: the work is given `GRACE_MS` from then on. */
  readonly signal: AbortSignal | undefined
}

/** The time of the work is over, and its connection is cut: what became of it at the database is not known. */
export class OutOfTime extends SheetflowError {
  /** Not by its own limit: everything is to stop. */
  readonly stopped: boolean

  constructor(limitMs: number, stopped: boolean) {
    const why = stopped ? 'was given up: it is to stop' : `has taken longer than ${limitMs} ms`
    super('source/unreachable', `Work at Postgres ${why}`, { retry: 'later' })
    this.stopped = stopped
  }
}

/**
 * What the work gives; `OutOfTime` when it takes longer than it may. Its connection is cut then, so that the server rolls back and whoever waits for an answer gets an error; what the work itself
 * does after that, nobody hears. It is told by the signal that it is given.
 */
export async function within<T>(client: pg.ClientBase, { limitMs, signal }: Limits, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { promise: over, reject } = Promise.withResolvers<never>()
  const ending = new AbortController()
  const end = (stopped: boolean): void => {
    const error = new OutOfTime(limitMs, stopped)
    reject(error)
    cut(client)
    ending.abort(error)
  }
  const limit = setTimeout(() => end(false), Math.min(limitMs, MOST_MS))
  let grace: NodeJS.Timeout | undefined
  const stop = (): void => {
    ending.abort(signal?.reason)
    grace = setTimeout(() => end(true), GRACE_MS)
  }
  if (signal?.aborted === true) stop()
  else signal?.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([work(ending.signal), over])
  } finally {
    clearTimeout(limit)
    clearTimeout(grace)
    signal?.removeEventListener('abort', stop)
  }
}

/** Without a goodbye: one that the network swallows would be waited for. */
function cut(client: pg.ClientBase): void {
  const { connection } = client as unknown as { readonly connection: { readonly stream: Socket } }
  connection.stream.destroy()
}
