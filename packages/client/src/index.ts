/** The public face of the client: a page's query, its live pictures, commands, the offline copy. */

export type { FieldError } from './answer/answered.ts'
export { indexedDbCache } from './cache/indexed-db-cache.ts'
export { memoryCache } from './cache/memory-cache.ts'
export type { PageCache } from './cache/page-cache.ts'
export { sessionReaderMemory } from './cache/reader-memory.ts'
export type { ReaderMemory } from './cache/reader-memory.ts'
export { Client, createClient } from './client.ts'
export type { ClientOptions, ClientParts } from './client.ts'
export type { CommandEvent, CommandHandle, CommandOptions } from './commands/commands.ts'
export type { Expectation } from './commands/overlay.ts'
export type { CommandPayload } from './commands/payload.ts'
export { PAGE_TIMERS } from './host.ts'
export type { ClockSource, RandomSource, Timers } from './host.ts'
export type { TokenSource } from './net/graphql-queries.ts'
export type {
  Answer,
  AnswerError,
  ChannelFollower,
  Channels,
  ChannelStart,
  Following,
  LinkState,
  LostReason,
  Queries,
} from './net/transport.ts'
export { NEXT_STATE } from './page/page-state.ts'
export type { PageEvent, PaintState } from './page/page-state.ts'
export { EMPTY_PICTURE } from './page/painted.ts'
export type { PaintedField, PaintedRow, Picture } from './page/painted.ts'
export { Page } from './page/page.ts'
export type { PageHost } from './page/page.ts'
export { Reader } from './reader.ts'
export type { ReaderOptions } from './reader.ts'
