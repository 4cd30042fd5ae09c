import { refused } from './refused.ts'

const MAX_PARTS = 10_000
const END_OF_DIRECTORY = 0x06_05_4b_50
const DIRECTORY_ENTRY = 0x02_01_4b_50
const DIRECTORY_ENTRY_BYTES = 46
const FILE_HEADER = 0x04_03_4b_50
const FILE_HEADER_BYTES = 30

/** A part, as the zip file lists it. */
export interface Part {
  readonly name: string
  /** 0: as it is, 8: deflated. */
  readonly method: number
  readonly packed: number
  readonly unpacked: number
  /** Where its header begins. */
  readonly at: number
}

/** The parts that the zip file lists at its end; `workbook/shape` if that cannot be read. */
export function directory(bytes: Uint8Array): readonly Part[] {
  const view = viewOf(bytes)
  const end = endOfDirectory(view)
  if (end < 0) throw refused('it is damaged: its end is missing', 'Download or copy it again.')
  const count = view.getUint16(end + 10, true)
  if (count > MAX_PARTS) throw refused(`it has ${count} parts`, 'Open it in Excel and save it again.')
  const parts: Part[] = []
  let at = view.getUint32(end + 16, true)
  for (let index = 0; index < count; index++) {
    if (at + DIRECTORY_ENTRY_BYTES > view.byteLength || view.getUint32(at, true) !== DIRECTORY_ENTRY)
      throw refused('it is damaged: its list of parts is', 'Download or copy it again.')
    const length = view.getUint16(at + 28, true)
    parts.push({
      name: new TextDecoder().decode(bytes.subarray(at + DIRECTORY_ENTRY_BYTES, at + DIRECTORY_ENTRY_BYTES + length)),
      method: view.getUint16(at + 10, true),
      packed: view.getUint32(at + 20, true),
      unpacked: view.getUint32(at + 24, true),
      at: view.getUint32(at + 42, true),
    })
    at += DIRECTORY_ENTRY_BYTES + length + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
  }
  return parts
}

/** The packed bytes of a part. */
export function packedBytes(bytes: Uint8Array, { name, at, packed }: Part): Uint8Array {
  const view = viewOf(bytes)
  if (at + FILE_HEADER_BYTES > view.byteLength || view.getUint32(at, true) !== FILE_HEADER)
    throw refused(`it is damaged: its part ${name} is not where it says`, 'Download or copy it again.')
  const from = at + FILE_HEADER_BYTES + view.getUint16(at + 26, true) + view.getUint16(at + 28, true)
  return bytes.subarray(from, from + packed)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The last record of the file, behind which there is only a comment of at most 64 KiB; −1: there is none. */
function endOfDirectory(view: DataView): number {
  const last = view.byteLength - 22
  for (let at = last; at >= Math.max(0, last - 65_535); at--) if (view.getUint32(at, true) === END_OF_DIRECTORY) return at
  return -1
}
