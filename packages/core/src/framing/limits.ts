/** Rows of one message at most (FORMATS 4). */
export const MESSAGE_ROWS = 64
/** Bytes of the rows of one message at most; a single row, or a `d` with its `c`, may be bigger. */
export const MESSAGE_BYTES: number = 256 * 1024
