import { APPEND_BYTES, APPEND_MESSAGES } from '../draft.ts'

/** Sizes and times of the SQLite bus, in one place. */

/** An append, a stored block and a batch of `read` hold at most so many messages… */
export const BLOCK_MESSAGES: number = APPEND_MESSAGES
/** …and so many bytes. */
export const BLOCK_BYTES: number = APPEND_BYTES

/** How long a connection waits for another one's transaction. Transactions take milliseconds; a longer wait means trouble. */
export const BUSY_MS: number = 10_000

/** Readers look again after this even if nobody woke them: for file systems that tell nothing about changes of other processes. */
export const FALLBACK_MS: number = 250

/** One transaction of `trim` drops at most so many blocks and bytes, so that it never holds the writer up for long. */
export const TRIM_BLOCKS: number = 500
export const TRIM_BYTES: number = 32 * 1024 * 1024

/** What appends leave free on the disk unless told otherwise. */
export const RESERVE_BYTES: number = 64 * 1024 * 1024
