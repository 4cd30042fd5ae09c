/** Bounds of everything that a stranger may ask of this process. Each is checked before the work that it bounds is done. */
export interface ServeLimits {
  // ── GraphQL documents ──
  /** Bytes of one request body. The payload of a command may have 256 Ki characters, of up to three bytes each. */
  readonly bodyBytes: number
  /** Bytes of one document. */
  readonly documentBytes: number
  /** Open brackets at one place, counted before the document is parsed: the parser recurses. */
  readonly brackets: number
  readonly tokens: number
  /** Fields below each other. */
  readonly depth: number
  /** Fields of a document with its fragments written out. */
  readonly fields: number
  readonly aliases: number
  /** Fields of one response name in one selection set: validation compares each with each. */
  readonly duplicates: number
  /** Values that the answer can have at most: rows × fields, nested lists multiplied. */
  readonly cost: number
  /** Values that all filters of one request, and one filter, compare with. */
  readonly requestConstants: number
  readonly filterConstants: number
  /** Conditions of one filter (a list of values is one): stores compare them one by one, and SQLite joins a thousand at most. */
  readonly filterConditions: number
  /** Conditions in each other. */
  readonly filterDepth: number
  /** UTF-16 units of what is searched for: a full-text index asks for each word of it. */
  readonly searchChars: number
  // ── lists ──
  /** Rows of a list without `limit`. */
  readonly listRows: number
  /** Rows of a page (`limit` above `windowRows`, or `after`). */
  readonly pageRows: number
  /** Greatest `limit` that is a live window. */
  readonly windowRows: number
  /** Parents of one page whose nested lists are live. */
  readonly liveParents: number
  // ── live ──
  /** Rows of one publication; more is a reset. */
  readonly channelRows: number
  /** Bytes of one publication; more is a reset. */
  readonly publicationBytes: number
  /** Bytes of recent transactions kept in memory per graph. */
  readonly ringBytes: number
  /**
   * Bytes of one transaction on the bus; of the rows of a view that go beyond, channels are told as a reset. As objects rows take some five times as much, and a transaction is routed whole: this is what
   * one takes of memory, and how long nobody else is answered.
   */
  readonly transactionBytes: number
  /** Transactions and bytes that one recovery may read from the bus. */
  readonly recoverTransactions: number
  readonly recoverBytes: number
  /** Recoveries that read the bus at once; the others wait for their turn. */
  readonly recoveries: number
  /** How long others' frames wait for a window's refill or a reset. */
  readonly holdMs: number
  /**
   * How long a channel without subscribers stays. Law 9: a subscription ends at most 25 s behind its token, and `tokenMs` + 60 s after the last token was
   * granted the channel is gone.
   */
  readonly lingerMs: number
  /** Life of a subscription token. */
  readonly tokenMs: number
  // ── sockets ──
  readonly frameBytes: number
  readonly channelsPerConnection: number
  /** Calls (commands, new subscription tokens, renewals of its own token) of one connection that are being answered. */
  readonly callsPerConnection: number
  readonly connections: number
  readonly connectionsPerAddress: number
  readonly connectionsPerUser: number
  /** Bytes of pushes that wait for a slow client before it is closed with 3008. */
  readonly queueBytes: number
  /** Bytes of answers that may wait beside them: what a client asked for does not make it slow. */
  readonly replyBytes: number
  readonly authMs: number
  readonly pingMs: number
  readonly pongMs: number
}

const MIB = 1024 * 1024

/** What holds where the configuration says nothing. */
export const DEFAULT_LIMITS: ServeLimits = {
  bodyBytes: MIB,
  documentBytes: 64 * 1024,
  brackets: 64,
  tokens: 2_000,
  depth: 12,
  fields: 5_000,
  aliases: 100,
  duplicates: 10,
  cost: 1_000_000,
  requestConstants: 8_000,
  filterConstants: 2_000,
  filterConditions: 500,
  filterDepth: 32,
  searchChars: 500,
  listRows: 1_000,
  pageRows: 10_000,
  windowRows: 200,
  liveParents: 100,
  channelRows: 1_000,
  publicationBytes: 512 * 1024,
  ringBytes: 64 * MIB,
  transactionBytes: 8 * MIB,
  recoverTransactions: 20_000,
  recoverBytes: 32 * MIB,
  recoveries: 4,
  holdMs: 3_000,
  lingerMs: 25_000,
  tokenMs: 600_000,
  frameBytes: 64 * 1024,
  channelsPerConnection: 512,
  callsPerConnection: 64,
  connections: 50_000,
  connectionsPerAddress: 10_000,
  connectionsPerUser: 10_000,
  queueBytes: MIB,
  replyBytes: 16 * MIB,
  authMs: 10_000,
  pingMs: 25_000,
  pongMs: 8_000,
}
