import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { constants, zstdCompress, zstdDecompress } from 'node:zlib'
import { isSheetflowError, SheetflowError } from '@sheetflow/core/errors'
import type { ArchiveStore } from '@sheetflow/core/ports/archive-store'
import type { StoredMessage } from '@sheetflow/core/ports/bus'
import { parseSegmentName, segmentName, type SegmentName } from './segment-name.ts'

/**
 * A segment is JSON lines in one zstd frame, so that `zstd -dc FILE | jq` reads it: first a head, then a message a line,
 * `{"offset","at","subject","id","headers"?,"body"}`; a body that is not UTF-8 text stands as base64 in `bytes`.
 */
interface SegmentHead {
  readonly format: 'sheetflow/segment'
  readonly v: 1
  readonly stream: string
  /** Of the segment before, as it was when this one was written; null: it is the first. */
  readonly prev: string | null
  /** What this one was before something was erased in it, oldest first. */
  readonly replaces: readonly string[]
}

/** A segment as it is read. */
export interface Segment {
  readonly name: SegmentName
  readonly prev: string | null
  readonly replaces: readonly string[]
  readonly messages: readonly StoredMessage[]
}

/** More than this is no segment of ours: the limit before the work of unpacking. */
const MOST_BYTES = 1024 * 1024 * 1024

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)
const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Writes a segment of neighbouring messages of a stream; resolves to its name when it is durable. There is at least one message. */
export async function putSegment(
  store: ArchiveStore,
  stream: string,
  messages: readonly StoredMessage[],
  { prev, replaces }: Pick<SegmentHead, 'prev' | 'replaces'>,
): Promise<SegmentName> {
  const head: SegmentHead = { format: 'sheetflow/segment', v: 1, stream, prev, replaces }
  const text = [JSON.stringify(head), ...messages.map(lineOf), ''].join('\n')
  const bytes = await compress(Buffer.from(text), { params: { [constants.ZSTD_c_checksumFlag]: 1 } })
  const times = messages.map((message) => message.storedAt)
  const name: SegmentName = {
    stream,
    first: messages[0]?.offset ?? 0,
    last: messages.at(-1)?.offset ?? 0,
    from: times.reduce((a, b) => Math.min(a, b), Infinity),
    to: times.reduce((a, b) => Math.max(a, b), 0),
    sha256: hashOf(bytes),
  }
  await store.put(segmentName(name), bytes)
  return name
}

/** The segments of a stream by offset. */
export async function listSegments(store: ArchiveStore, stream: string): Promise<readonly SegmentName[]> {
  return (await store.list(`${stream}/`)).map(parseSegmentName)
}

/** Reads a segment; `bus/corrupt` if its bytes are not what its name says. */
export async function getSegment(store: ArchiveStore, name: SegmentName): Promise<Segment> {
  const bytes = await store.get(segmentName(name))
  if (hashOf(bytes) !== name.sha256) throw damaged(name, 'its bytes are not those that were written')
  try {
    const lines = (await decompress(bytes, { maxOutputLength: MOST_BYTES })).toString('utf8').split('\n')
    const head = JSON.parse(lines[0] ?? '') as SegmentHead
    if (head.v !== 1) {
      throw new SheetflowError('core/unknown-format', `a segment of ${name.stream} has format ${String(head.v)}, known is 1`, {
        fix: 'Upgrade Sheetflow to at least the version that wrote this archive.',
      })
    }
    return { name, prev: head.prev, replaces: head.replaces, messages: lines.slice(1, -1).map(messageOf) }
  } catch (error) {
    throw isSheetflowError(error) ? error : damaged(name, 'it cannot be unpacked', error)
  }
}

/** Reads a segment that was listed a moment ago: one that has been rewritten since (`rewriteArchive`) has the same messages under another name. */
export async function getListedSegment(store: ArchiveStore, name: SegmentName): Promise<Segment> {
  try {
    return await getSegment(store, name)
  } catch (error) {
    if (!isSheetflowError(error, 'store/unknown')) throw error
    const { stream, first, last, sha256 } = name
    const now = (await listSegments(store, stream)).find((one) => one.first === first && one.last === last && one.sha256 !== sha256)
    if (now === undefined) throw error
    return await getListedSegment(store, now)
  }
}

function lineOf({ offset, storedAt, subject, id, headers, body }: StoredMessage): string {
  return JSON.stringify({ offset, at: storedAt, subject, id, ...(headers === undefined ? {} : { headers }), ...bodyOf(body) })
}

function bodyOf(body: Uint8Array): { readonly body: string } | { readonly bytes: string } {
  try {
    return { body: STRICT.decode(body) }
  } catch {
    return { bytes: Buffer.from(body).toString('base64') }
  }
}

interface Line {
  readonly offset: number
  readonly at: number
  readonly subject: string
  readonly id: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly bytes?: string
}

function messageOf(line: string): StoredMessage {
  const { offset, at, subject, id, headers, body, bytes } = JSON.parse(line) as Line
  return {
    offset,
    storedAt: at,
    subject,
    id,
    ...(headers === undefined ? {} : { headers }),
    body: bytes === undefined ? Buffer.from(body ?? '') : Buffer.from(bytes, 'base64'),
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function damaged({ stream, first, last }: SegmentName, what: string, cause?: unknown): SheetflowError {
  return new SheetflowError('bus/corrupt', `the segment ${first}–${last} of ${stream} in the archive is damaged: ${what}`, {
    fix: 'Restore the file from a backup of the archive.',
    details: { stream, first, last },
    cause,
  })
}
