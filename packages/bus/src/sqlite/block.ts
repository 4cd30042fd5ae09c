import { crc32 } from 'node:zlib'
import type { BusMessage, StoredMessage } from '@sheetflow/core/ports/bus'

/**
 * A block: the messages of one commit, as one row of the file. One row a message would cost three times the time of both sides.
 *
 * ```
 * u32 little-endian: bytes of the head │ head: JSON text │ the bodies, one after the other
 * head = {"s": [subject…], "m": [[index in s, id, bytes of the body, headers?]…]}
 * ```
 * The checksum is over the row's numbers and the data: a bit that flips anywhere in the row is found.
 */
export interface Block {
  readonly first: number
  readonly last: number
  /** When it was committed, milliseconds since 1970; never decreases in a stream. */
  readonly at: number
  /** Bytes (`messageBytes`) of all messages of the stream up to this block's end, the dropped ones included. */
  readonly total: number
  readonly crc: number
  readonly data: Uint8Array
}

interface BlockHead {
  readonly s: readonly string[]
  readonly m: readonly (readonly [subject: number, id: string, bytes: number, headers?: Readonly<Record<string, string>>])[]
}

/** The row of these messages, the first of which has the offset `first`. */
export function encodeBlock(messages: readonly BusMessage[], first: number, at: number, total: number): Block {
  const data = encodeData(messages)
  const last = first + messages.length - 1
  return { first, last, at, total, crc: checksum(first, last, at, total, data), data }
}

/** Is the row what was written? Values may be of any type here: they come from a file that may be damaged. */
export function isIntact(block: Block): boolean {
  if (!(block.data instanceof Uint8Array) || block.data.byteLength < 4) return false
  return checksum(block.first, block.last, block.at, block.total, block.data) === block.crc
}

/** The messages of an intact block. Their bodies are views of its data: whoever keeps one for long copies it. */
export function decodeBlock(block: Block): StoredMessage[] {
  const { data } = block
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  let place = 4 + bytes.readUInt32LE(0)
  const head = JSON.parse(bytes.toString('utf8', 4, place)) as BlockHead
  let offset = block.first
  return head.m.map(([subject, id, length, headers]) => {
    const body = data.subarray(place, place + length)
    place += length
    const stored = { offset: offset++, storedAt: block.at, subject: head.s[subject] ?? '', id, body }
    return headers === undefined ? stored : { ...stored, headers }
  })
}

/** Nobody looks at the data of this block any more: what is large goes back at once, for the garbage collector comes when it likes. */
export function giveBack({ data }: Block): void {
  const { buffer, byteLength } = data
  if (byteLength >= LARGE_BYTES && byteLength === buffer.byteLength && buffer instanceof ArrayBuffer) buffer.transfer(0)
}

/** Smaller blocks share buffers with others. */
const LARGE_BYTES = 128 * 1024

function encodeData(messages: readonly BusMessage[]): Uint8Array {
  const subjects = new Map<string, number>()
  let bodies = 0
  const m = messages.map(({ subject, id, headers, body }) => {
    let index = subjects.get(subject)
    if (index === undefined) subjects.set(subject, (index = subjects.size))
    bodies += body.byteLength
    return headers === undefined ? [index, id, body.byteLength] : [index, id, body.byteLength, headers]
  })
  const head = Buffer.from(JSON.stringify({ s: [...subjects.keys()], m }))
  const data = Buffer.allocUnsafe(4 + head.byteLength + bodies)
  data.writeUInt32LE(head.byteLength, 0)
  data.set(head, 4)
  let place = 4 + head.byteLength
  for (const { body } of messages) {
    data.set(body, place)
    place += body.byteLength
  }
  return data
}

function checksum(first: number, last: number, at: number, total: number, data: Uint8Array): number {
  return crc32(data, crc32(`${first} ${last} ${at} ${total}`))
}
