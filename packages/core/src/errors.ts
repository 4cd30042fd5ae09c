/**
 * Operational errors: every one has a code of the closed list below, says what happened and what to do,
 * and whether trying again can help. Cell errors (`#N/A`) are values, see `cell-error.ts`; bugs are assertions, see `assert.ts`.
 *
 * The comments of the list are the public documentation: `docs/errors.md` is generated from them.
 */
export type ErrorCode =
  // ── core ──────────────────────────────────────────────────────────────────────────────────────────────
  /** A value does not fit its declared type. Fix the value, or the type of the column. In a change on the bus: its row is a dead letter, see `sheetflow dlq list`. */
  | 'core/bad-value'
  /** A message, file or token of a format version that this program does not know. Upgrade Sheetflow. */
  | 'core/unknown-format'
  /** A message could not be read: it is not what the format of its version says. Rows and inbox messages are set aside as dead letters, see `sheetflow dlq list`. */
  | 'core/bad-message'
  /** A name of ours must match `[a-z][a-z0-9_]*`. */
  | 'core/bad-name'
  // ── source ────────────────────────────────────────────────────────────────────────────────────────────
  /** The source cannot be reached or ended the connection. Tried again by itself. */
  | 'source/unreachable'
  /** The source refused user or password. Check the URL or the secret. */
  | 'source/auth'
  /** The source is not set up for change capture; the message holds the SQL to run. */
  | 'source/not-ready'
  /** A table has no primary key, unique not-null index or declared `key:`. */
  | 'source/no-key'
  /** A table or column named in the configuration does not exist. */
  | 'source/unknown-table'
  /** The replication slot is used by another process. Stop it, or name another slot. */
  | 'source/slot-in-use'
  /** The slot, binlog or resume token is gone: a new epoch and a snapshot follow by themselves. */
  | 'source/slot-lost'
  /** The source's history is not the one on the bus (restored backup, other system): new epoch and snapshot follow. */
  | 'source/foreign'
  /** An update left a column unsent and no base row is known. The key is read again. */
  | 'source/base-missing'
  /** The change log holds something the decoder does not understand. */
  | 'source/protocol'
  /** The source is of a version or kind that is not supported. */
  | 'source/unsupported'
  // ── bus ───────────────────────────────────────────────────────────────────────────────────────────────
  /** No space, or the stream's byte limit is reached. Reading of the source pauses until there is room. */
  | 'bus/full'
  /** Another writer appended to this stream: this one must stop. */
  | 'bus/fenced'
  /** A stored message fails its checksum. `sheetflow verify` names the place; restore the file or let it be rebuilt. */
  | 'bus/corrupt'
  /** The stream does not exist. */
  | 'bus/unknown-stream'
  /** The asked position lies before the first retained message, or belongs to an ended epoch. */
  | 'bus/gone'
  /** The bus has lost the end of a stream, or was restored from an older copy: what was read there is not there any more. Readers begin again by themselves. */
  | 'bus/set-back'
  /** The archive has another stream of that name, or more of it than the bus: the stream was begun anew. Move that folder out of the archive, or restore it. */
  | 'bus/archive-ahead'
  /** The bus cannot be reached or its files cannot be opened. */
  | 'bus/unavailable'
  /** A message is larger than the stream allows. */
  | 'bus/too-large'
  // ── formula ───────────────────────────────────────────────────────────────────────────────────────────
  /** The formula cannot be read at the marked place. */
  | 'formula/syntax'
  /** A name in a formula is not known; the message says which ones are close. */
  | 'formula/unknown-name'
  /** A function is not known; the message says which ones are close. */
  | 'formula/unknown-function'
  /** A function is called with too few or too many arguments. */
  | 'formula/arguments'
  /** Types do not fit; the message says how to convert. */
  | 'formula/type'
  /** Something of Excel that has no meaning for live tables; the message says what to write instead. */
  | 'formula/not-allowed'
  /** Formulas refer to each other in a circle. */
  | 'formula/cycle'
  /** The formula recomputes a whole table at each change; accept it with `cost:` or write it as the message says. */
  | 'formula/cost'
  // ── workbook ──────────────────────────────────────────────────────────────────────────────────────────
  /** A file is not YAML, or YAML would read it otherwise than it looks. */
  | 'workbook/yaml'
  /** A file of a workbook is there and cannot be read: rights, too many open files, the disk. What runs goes on; the file is read again. */
  | 'workbook/unreadable'
  /** An unknown or misplaced key, or a value of the wrong shape. */
  | 'workbook/shape'
  /** Two sheets of one name, a column name used twice, or a name that is not allowed. */
  | 'workbook/name'
  /** A `read` rule that is no predicate. */
  | 'workbook/read-rule'
  /** A reference to a graph, workbook or source that may not be used here. */
  | 'workbook/reference'
  /** A table, column or sheet is called otherwise now; `sheetflow fmt --renames` rewrites the files. */
  | 'workbook/drift'
  /** A test of a sheet failed. */
  | 'workbook/test-failed'
  // ── engine ────────────────────────────────────────────────────────────────────────────────────────────
  /** A checkpoint cannot be used; it is rebuilt from the streams. */
  | 'engine/checkpoint'
  /** The state of a graph is larger than `limits.stateBytes`, or would be with a new deployment, which is then not taken; the message says what takes most. The graph goes on as it is. */
  | 'engine/state-limit'
  /** A function of a formula failed inside, which is a bug of ours; the cell is `#CALC!`, everything else goes on, and `sheetflow dlq` names the formula. */
  | 'engine/formula-failed'
  // ── store ─────────────────────────────────────────────────────────────────────────────────────────────
  /** The store cannot be opened or reached. */
  | 'store/unavailable'
  /** The database of the store is not set up for it (user, privileges, version); the message holds what to do. */
  | 'store/not-ready'
  /** No space left for the store. */
  | 'store/full'
  /** Another process writes this store. */
  | 'store/fenced'
  /** A database has no room for a row of a view (`details.view`), whatever is done. That view is empty and `loading` in that store until it is filled anew; everything else goes on. */
  | 'store/refused'
  /** A view, generation or blob is not there. */
  | 'store/unknown'
  // ── query ─────────────────────────────────────────────────────────────────────────────────────────────
  /** The GraphQL document is not well formed. */
  | 'query/parse'
  /** The GraphQL document does not fit the schema. */
  | 'query/invalid'
  /** The document is deeper, longer or costlier than the limits allow. */
  | 'query/limit'
  /** With `serve.persistedOnly`: no page of the deployment has asked this. */
  | 'query/not-persisted'
  /** The list has more rows than `limits.listRows`; ask with `limit` or `where`. */
  | 'query/too-many-rows'
  /** The view is not (any more) there or not yet filled. */
  | 'query/not-ready'
  /** A cursor or token that this server did not sign, or that has ended. */
  | 'query/bad-token'
  // ── access ────────────────────────────────────────────────────────────────────────────────────────────
  /** No identity, or one that could not be verified. */
  | 'access/unauthenticated'
  /** The identity may not do this. */
  | 'access/denied'
  // ── command ───────────────────────────────────────────────────────────────────────────────────────────
  /** Nobody has defined a command of that name. One that was accepted and whose handler is not there waits as long as it is valid. */
  | 'command/unknown'
  /** The payload does not fit the handler's schema. */
  | 'command/bad-payload'
  /** The command waited longer than `validFor`: the source was away, others were before it, or its handler was not there (`command.no-handler` in the log). */
  | 'command/expired'
  /** The handler failed and will not be tried again. */
  | 'command/failed'
  /** The handler ran longer than its `timeout`. It was rolled back and will not be tried again. */
  | 'command/timeout'
  // ── ledger ────────────────────────────────────────────────────────────────────────────────────────────
  /** Nothing has run here yet, so there is nothing to be looked at. Start Sheetflow once. */
  | 'ledger/empty'
  /** The streams are trimmed and no checkpoint reaches back so far; the message names the oldest position that can be reached. */
  | 'ledger/out-of-reach'
  /** Nobody keeps the history of this sheet: it has no readers, so it is in no stream. */
  | 'ledger/not-kept'
  // ── erase ─────────────────────────────────────────────────────────────────────────────────────────────
  /** The row is still at its source, or somebody who follows the source has not seen yet that it is gone; what to do stands beside each reason. */
  | 'erase/not-yet'
  /** Another erasure rewrites the same archive, or has begun to and died. One at a time. */
  | 'erase/busy'
  // ── plugin ────────────────────────────────────────────────────────────────────────────────────────────
  /** Whoever answers an asynchronous function cannot be asked now, or took longer than its `timeoutMs`. Cells that wait for it show their last values or `#BUSY!`; it is asked again by itself. */
  | 'plugin/unavailable'
  /** A formula that runs calls a function, or a version of one, that nobody offers. Offer it again, or deploy files that do not call it. */
  | 'plugin/unknown-function'
  // ── app ───────────────────────────────────────────────────────────────────────────────────────────────
  /** The configuration is wrong; the message names the field. */
  | 'config/invalid'
  /** A secret is not there. */
  | 'config/secret'
  /** The port is taken by another program. */
  | 'app/port-in-use'
  /** The data folder is used by another Sheetflow. */
  | 'app/locked'
  /** This process does not hold the lease of a role any more: it was silent for too long, or the bus was. It stands by again. */
  | 'app/lease-lost'
  /** A role ended again and again. */
  | 'app/role-failed'
  /** A command line that cannot be understood. */
  | 'app/usage'
  /** The connection to the server is lost (client side). */
  | 'client/offline'

/** May the caller try again? `now` at once, `later` after a pause, `never` without a change by somebody. */
export type Retry = 'now' | 'later' | 'never'

/** What an error carries beside its message. Values must be safe to print: no secret, no row content. */
export interface ErrorOptions {
  readonly retry?: Retry
  /** What to do, one sentence or the SQL to run. Printed behind the message. */
  readonly fix?: string
  readonly details?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/** The only error class that packages throw. `message` says what happened, `fix` what to do. */
export class SheetflowError extends Error {
  override readonly name: string = 'SheetflowError'
  readonly code: ErrorCode
  readonly retry: Retry
  readonly fix: string | undefined
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.retry = options.retry ?? 'never'
    this.fix = options.fix
    this.details = options.details ?? {}
  }

  /** The form that logs, `--json` and GraphQL `extensions` carry. */
  toJSON(): Record<string, unknown> {
    return {
      code: this.code,
      message: this.message,
      retry: this.retry,
      ...(this.fix === undefined ? {} : { fix: this.fix }),
      ...(Object.keys(this.details).length === 0 ? {} : { details: this.details }),
    }
  }
}

/** Is this one of ours, and of this code if one is given? Works across threads, where the class is lost. */
export function isSheetflowError(error: unknown, code?: ErrorCode): error is SheetflowError {
  if (typeof error !== 'object' || error === null || !('code' in error) || !('retry' in error)) return false
  return code === undefined || error.code === code
}
