/** Sizes and times of the NATS driver, in one place. */

/** What our headers need in one message, beside its id. */
export const MESSAGE_ROOM: number = 512
/** What the headers of a thousand messages may need in one request of a reader. */
const HEADER_ROOM: number = 512 * 1024

/** Messages and bytes that one stream has sent and that are not acknowledged yet. */
export const IN_FLIGHT_MESSAGES: number = 4_096
export const IN_FLIGHT_BYTES: number = 16 * 1024 * 1024
/**
 * From so many messages on an append that may be stored in part is a batch: a batch costs the server some 3 ms, however small it is, a message by itself 25 µs more than in one.
 */
export const BATCH_MESSAGES: number = 100
/** The server keeps the ids that it is given for so long, in its memory. We look at the last one alone. */
export const DUPLICATES_MS: number = 1_000

/** An append that is not acknowledged for so long is looked for in the stream. */
export const ACK_MS: number = 10_000
/** How often the oldest append is looked at. */
export const WATCH_MS: number = 1_000
/** So long a bus that is closed waits for what is in flight. */
export const CLOSE_MS: number = 5_000
/** One question to the server may take so long. */
export const REQUEST_MS: number = 10_000
/** So long an append, a reader or a question waits for a server that is away (restart, change of leader) before it is `bus/unavailable`. */
export const PATIENCE_MS: number = 60_000
/** Pause between two tries. */
export const RETRY_MS: number = 100

/** One request of a reader: so many messages, open for so long, with a sign of life in between. */
export const PULL_MESSAGES: number = 1_000
export const PULL_BYTES: number = 4 * 1024 * 1024 + HEADER_ROOM
export const PULL_MS: number = 30_000
export const HEARTBEAT_MS: number = 5_000
/** A consumer that nobody asks for so long is removed by the server: what a killed reader leaves behind. */
export const CONSUMER_IDLE_MS: number = 60_000

/** JetStream's default `sync_interval`: what is acknowledged may be in the memory of the machine alone for so long. */
export const DEFAULT_SYNC_MS: number = 120_000
/** What the sync itself may take, added to its interval: so much, and a tenth of the interval. */
export const SYNC_ROOM_MS: number = 1_000
/** An answer of the monitoring may take so long. */
export const MONITOR_MS: number = 5_000
/** What the server's `max_payload` has to be for an append of the port's largest message. */
export const WANTED_PAYLOAD: number = 8 * 1024 * 1024 - 1
