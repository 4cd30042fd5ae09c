import { headers, type Msg, type MsgHdrs } from '@nats-io/transport-node'
import type { BusMessage, StoredMessage } from '@sheetflow/core/ports/bus'
import { garbled } from './failure.ts'
import { plainSubject } from './subjects.ts'

/**
 * When it was stored by its writer's clock, milliseconds since 1970, and of how many bytes its body is: the server's checksum leaves out where the headers end and the body begins. It is the first one,
 * so that headers that end too early are seen as such.
 */
const AT = 'Sf-At'
/** A message's id. Not `Nats-Msg-Id`: the server's window of ids is one of time and costs it memory for each message of every stream. */
const ID = 'Sf-Id'
/** Which opening of the bus wrote it: an append whose answer was lost is recognised by it. */
export const BY = 'Sf-By'

/** Length, sequence number, time, checksum. */
const RECORD_BYTES = 30
/** `: ` and the end of the line. */
const HEADER_LINE_BYTES = 4
/** How a block of headers begins, and the length that the server keeps before it. */
const VERSION = Buffer.from('NATS/1.0\r\n')
const HEADER_LENGTH_BYTES = 4
/** The first line, the last line, and their length. */
const HEADER_BLOCK_BYTES = 18
/** In which the server says how large the body is that it left out. */
const SIZE = 'Nats-Msg-Size'

/** Headers that are ours or the server's; what a caller calls so is marked. */
const RESERVED = /^(Sf-|Nats-|~)/i

/** The headers of a message to be stored. */
export function encodeHeaders(message: BusMessage, by: string, at: number): MsgHdrs {
  const all = headers()
  all.set(AT, `${String(at)} ${String(message.body.byteLength)}`)
  all.set(ID, escaped(message.id))
  all.set(BY, by)
  if (message.headers !== undefined) {
    for (const [name, value] of Object.entries(message.headers)) all.set(escapedName(name), escaped(value))
  }
  return all
}

/** A stored message, as it came; `offset` is its sequence number. Errors: `bus/corrupt` if its headers do not end where its body begins. */
export function decodeMessage(stream: string, message: Pick<Msg, 'subject' | 'headers' | 'data'>, offset: number): StoredMessage {
  const { subject, headers: all, data } = message
  if (!isWhole(all, data)) throw garbled(stream, offset)
  const own: Record<string, string> = {}
  let id = ''
  let storedAt = 0
  let count = 0
  for (const [name, [value = '']] of all ?? []) {
    if (name === ID) id = unescaped(value)
    else if (name === AT) storedAt = Number.parseInt(value)
    else if (!isReserved(name)) {
      own[plainName(name)] = unescaped(value)
      count++
    }
  }
  const stored = { offset, storedAt, subject: plainSubject(stream, subject), id, body: data }
  return count === 0 ? stored : { ...stored, headers: own }
}

/** The id alone, of a message that may have come without its body. */
export function idOf(message: Pick<Msg, 'headers'>): string {
  return unescaped(message.headers?.get(ID) ?? '')
}

/** When it was stored, of a message that may have come without its body; 0: it does not say. */
export function storedAtOf(message: Pick<Msg, 'headers'>): number {
  return Number.parseInt(message.headers?.get(AT) || '0')
}

/** Do the headers end where the body begins? What somebody else wrote need not say so; headers without a single one are those of nobody. */
function isWhole(all: MsgHdrs | undefined, data: Uint8Array): boolean {
  if (all === undefined) return !isHeaderBlock(data.subarray(HEADER_LENGTH_BYTES))
  const at = all.get(AT)
  if (at === '') return !all.has(AT) && all.keys().length > 0
  const [, size] = at.split(' ', 2)
  return size === undefined ? all.has(ID) : Number(size) === data.byteLength
}

/** Is it what the server keeps in front of a body: headers that it took for none? */
function isHeaderBlock(data: Uint8Array): boolean {
  return Buffer.from(data.buffer, data.byteOffset, Math.min(data.byteLength, VERSION.length)).equals(VERSION)
}

/** Are these one message, by its id and by who wrote it? What another life of its writer sends again may be cut into messages in other places. */
export function isSameMessage(one: Pick<Msg, 'headers'>, other: Pick<Msg, 'headers'>): boolean {
  return [ID, BY].every((name) => one.headers?.get(name) === other.headers?.get(name))
}

function isReserved(name: string): boolean {
  return !name.startsWith('~') && RESERVED.test(name)
}

function escapedName(name: string): string {
  const plain = name.toWellFormed().replace(/[^!#$&'*+.^_`|\w~-]/gu, (c) => encodeURIComponent(c))
  return RESERVED.test(plain) || plain === '' ? `~${plain}` : plain
}

function plainName(name: string): string {
  return unescaped(name.startsWith('~') ? name.slice(1) : name)
}

/** A header's value is one line, and the client trims it: what would be lost is percent-escaped. */
function escaped(text: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is escaped
  return /[%\u0000-\u001f\u007f]|^\s|\s$/u.test(text) ? text.replace(/[%\u0000-\u001f\u007f]|^\s|\s$/gu, percent) : text
}

function percent(c: string): string {
  return encodeURIComponent(c)
}

/** What somebody else wrote into the stream may be no escape at all. */
function unescaped(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** What a message takes in the server's files, told by its headers alone (of a consumer without bodies). */
export function storedBytes({ subject, headers: all }: Pick<Msg, 'subject' | 'headers'>): number {
  let bytes = RECORD_BYTES + subject.length
  let head = 0
  let body = 0
  for (const [name, [value = '']] of all ?? []) {
    if (name === SIZE) body = Number(value)
    else head += name.length + Buffer.byteLength(value) + HEADER_LINE_BYTES
  }
  if (head > 0) bytes += head + HEADER_BLOCK_BYTES
  return bytes + body
}
