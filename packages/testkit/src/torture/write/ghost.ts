import { Session } from './session.ts'

/**
 * A transaction whose COMMIT waits for a standby that does not exist: it stands in the log and is delivered, but nobody sees it until it is
 * released. Every trap of a snapshot beside a stream needs one.
 */
export interface Ghost {
  /** Lets it become visible. */
  release(): Promise<void>
}

/** Commits the session's open transaction as a ghost. The transaction must have begun with `GHOSTLY`. */
export function commitGhost(session: Session, url: string): Ghost {
  const committing = session.change('commit').catch(() => 0)
  return {
    release: async () => {
      await using other = await Session.connect(url)
      await other.rows('select pg_cancel_backend($1)', [session.pid])
      await committing
    },
  }
}

/** Makes the transaction wait for the standby at its end. */
export const GHOSTLY = 'set local synchronous_commit = on'
