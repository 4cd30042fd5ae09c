import { SheetflowError } from '@sheetflow/core/errors'

/** A segment of a stream's archive: its name says all that is needed to find it, so there is no index that could be wrong. */
export interface SegmentName {
  readonly stream: string
  /** Offsets of the first and the last message. */
  readonly first: number
  readonly last: number
  /** When they were stored, milliseconds since 1970. */
  readonly from: number
  readonly to: number
  /** Of the object's bytes, in hex. */
  readonly sha256: string
}

const DIGITS = 16
const NAME = /^([^/]+)\/(\d{16})-(\d{16})-(\d+)-(\d+)-([0-9a-f]{64})\.ndjson\.zst$/

/** `SF_SRC_shop/0000000000000001-0000000000001000-1795430000000-1795430012345-<sha256>.ndjson.zst`: names sort as offsets do. */
export function segmentName({ stream, first, last, from, to, sha256 }: SegmentName): string {
  return `${stream}/${digits(first)}-${digits(last)}-${from}-${to}-${sha256}.ndjson.zst`
}

/** Reads a name; `bus/corrupt` for what no archive wrote. */
export function parseSegmentName(name: string): SegmentName {
  const [, stream, first, last, from, to, sha256] = NAME.exec(name) ?? []
  if (stream === undefined || sha256 === undefined) {
    throw new SheetflowError('bus/corrupt', `${name} in the archive is no segment of a stream`, {
      fix: 'Move the file out of the archive.',
    })
  }
  return { stream, first: Number(first), last: Number(last), from: Number(from), to: Number(to), sha256 }
}

function digits(offset: number): string {
  return String(offset).padStart(DIGITS, '0')
}
