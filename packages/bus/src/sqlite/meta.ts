import { crc32 } from 'node:zlib'
import type { StreamInfo } from '@sheetflow/core/ports/bus'
import type { Block } from './block.ts'
import { corrupt } from './failure.ts'
import type { StreamFile } from './stream-file.ts'

/** The row of `meta`, see `stream-file.ts`. */
export interface Meta {
  readonly stream: string
  readonly epoch: number
  readonly first: number
  readonly base: number
  readonly last: number
  readonly total: number
  readonly at: number
  readonly maxBytes: number | null
  readonly ids: boolean
}

/** Where the stream ends. */
export interface Tail {
  readonly last: number
  readonly total: number
  readonly at: number
}

const COLUMNS = 'stream, epoch, first, base, last, total, at, max_bytes, ids, crc'

/** The row, checked. */
export function readMeta(file: StreamFile): Meta {
  const row = file.statement(`SELECT ${COLUMNS} FROM meta`).get()
  if (row === undefined) throw corrupt(file.stream, null, 'its description is missing')
  const meta: Meta = {
    stream: row['stream'] as string,
    epoch: row['epoch'] as number,
    first: row['first'] as number,
    base: row['base'] as number,
    last: row['last'] as number,
    total: row['total'] as number,
    at: row['at'] as number,
    maxBytes: row['max_bytes'] as number | null,
    ids: row['ids'] === 1,
  }
  if (checksum(meta) !== row['crc'] || meta.stream !== file.stream) throw corrupt(file.stream, null, 'its description fails its checksum')
  return meta
}

/** Writes the row; only inside a write transaction. */
export function writeMeta(file: StreamFile, meta: Meta): void {
  const { stream, epoch, first, base, last, total, at, maxBytes, ids } = meta
  file
    .statement(`INSERT OR REPLACE INTO meta (one, ${COLUMNS}) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
    .run(stream, epoch, first, base, last, total, at, maxBytes, ids ? 1 : 0, checksum(meta))
}

/** The end of the stream: its last block, or what it was at the last trim if nothing came since. */
export function readTail(file: StreamFile, meta: Meta): Tail {
  const block = file.statement('SELECT last, total, at FROM blocks ORDER BY last DESC LIMIT 1').get() as unknown as Tail | undefined
  return block !== undefined && block.last > meta.last ? block : meta
}

/** What `range` answers. Bytes of single messages kept below `first` count too. */
export function streamInfo(meta: Meta, tail: Tail, keptBytes: number): StreamInfo {
  return { stream: meta.stream, epoch: meta.epoch, first: meta.first, last: tail.last, bytes: tail.total - meta.base + keptBytes }
}

/** The columns of a block, in one place so that every reader asks for all that its checksum needs. */
export const BLOCK_COLUMNS = 'last, first, at, total, crc, data'

/** The block that holds this offset, unchecked; undefined if there is none. */
export function blockAt(file: StreamFile, offset: number): Block | undefined {
  const sql = `SELECT ${BLOCK_COLUMNS} FROM blocks WHERE last >= ? ORDER BY last LIMIT 1`
  const block = file.statement(sql).get(offset) as unknown as Block | undefined
  return block !== undefined && block.first <= offset ? block : undefined
}

function checksum(meta: Meta): number {
  const { stream, epoch, first, base, last, total, at, maxBytes, ids } = meta
  return crc32(JSON.stringify([stream, epoch, first, base, last, total, at, maxBytes, ids]))
}
