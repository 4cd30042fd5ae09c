import { headers, type Msg, type MsgHdrs } from '@nats-io/transport-node'
import type { BusMessage, StoredMessage } from '@sheetflow/core/ports/bus'
import { plainSubject } from './subjects.ts'

/** A message's id. Not `Nats-Msg-Id`: the server's window of ids is one of time and costs it memory for each message of every stream. */
const ID = 'Sf-Id'
/** When it was stored by its writer's clock, milliseconds since 1970. */
export const AT = 'Sf-At'
/** Which opening of the bus wrote it: an append whose answer was lost is recognised by it. */
export const BY = 'Sf-By'

/** Length, sequence number, time, checksum. */
const RECORD_BYTES = 30
/** `: ` and the end of the line. */
const HEADER_LINE_BYTES = 4
/** The first line, the last line, and their length. */
const HEADER_BLOCK_BYTES = 18
/** In which the server says how large the body is that it left out. */
const SIZE = 'Nats-Msg-Size'

/** Headers that are ours or the server's; what a caller calls so is marked. */
const RESERVED = /^(Sf-|Nats-|~)/i

/** The headers of a message to be stored. */
export function encodeHeaders(message: BusMessage, by: string, at: number): MsgHdrs {
  const all = headers()
  all.set(ID, escaped(message.id))
  all.set(AT, String(at))
  all.set(BY, by)
  if (message.headers !== undefined) {
    for (const [name, value] of Object.entries(message.headers)) all.set(escapedName(name), escaped(value))
  }
  return all
}

/** A stored message, as it came; `offset` is its sequence number. */
export function decodeMessage(stream: string, message: Pick<Msg, 'subject' | 'headers' | 'data'>, offset: number): StoredMessage {
  const { subject, headers: all, data } = message
  const own: Record<string, string> = {}
  let id = ''
  let storedAt = 0
  let count = 0
  for (const [name, [value = '']] of all ?? []) {
    if (name === ID) id = unescaped(value)
    else if (name === AT) storedAt = Number(value)
    else if (!isReserved(name)) {
      own[plainName(name)] = unescaped(value)
      count++
    }
  }
  const stored = { offset, storedAt, subject: plainSubject(stream, subject), id, body: data }
  return count === 0 ? stored : { ...stored, headers: own }
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
