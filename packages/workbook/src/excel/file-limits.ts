import { SheetflowError } from '@sheetflow/core/errors'

/** A file larger than this is refused before it is opened. */
const MAX_FILE_BYTES = 64 * 1024 * 1024
/** What all parts of a file may unpack to, by what the file says itself; the reader holds each part to what it says. */
const MAX_UNPACKED_BYTES = 512 * 1024 * 1024
/** Spreadsheets pack well, but not as well as this. Small files may. */
const MAX_RATIO = 200
const SMALL_BYTES = 8 * 1024 * 1024
const MAX_PARTS = 10_000

const END_OF_DIRECTORY = 0x06_05_4b_50
const DIRECTORY_ENTRY = 0x02_01_4b_50
const DIRECTORY_ENTRY_BYTES = 46

/**
 * Refuses, before anything is unpacked, what is no .xlsx file, is encrypted, or would unpack to more than the limits (a zip bomb): `workbook/shape` with what
 * to do.
 */
export function checkFile(bytes: Uint8Array): void {
  if (bytes.length > MAX_FILE_BYTES) throw refused(`it has ${bytes.length} bytes`, 'Import a part of it: at most 64 MiB.')
  if (startsWith(bytes, [0xd0, 0xcf, 0x11, 0xe0])) throw refusedContainer(bytes)
  if (!startsWith(bytes, [0x50, 0x4b])) throw refused('it is no .xlsx file', 'Open it in Excel and save it as .xlsx.')
  const parts = directory(bytes)
  const names = new Set(parts.map((part) => part.name))
  if (names.has('xl/workbook.bin')) throw refused('it is an .xlsb file', 'Open it in Excel and save it as .xlsx.')
  if (names.has('mimetype')) throw refused('it is an OpenDocument file', 'Save it as .xlsx.')
  const unpacked = parts.reduce((sum, part) => sum + part.unpacked, 0)
  const liar = parts.find((part) => part.unpacked === 0 && part.packed > 16)
  if (liar !== undefined) throw refused(`its part ${liar.name} does not say how large it is`, 'Open it in Excel and save it again.')
  if (unpacked > MAX_UNPACKED_BYTES || (unpacked > SMALL_BYTES && unpacked > bytes.length * MAX_RATIO))
    throw refused(
      `it has ${bytes.length} bytes and unpacks to ${unpacked}`,
      'Import a part of it: at most 512 MiB unpacked, and no more than 200 times the size of the file.',
    )
}

/** The error with which files are refused. */
export function refused(why: string, fix: string): SheetflowError {
  return new SheetflowError('workbook/shape', `This is no workbook that can be read: ${why}`, { fix })
}

/** An OLE container holds an .xls file, or an .xlsx file behind a password. */
function refusedContainer(bytes: Uint8Array): SheetflowError {
  const mark = Array.from('EncryptedPackage').flatMap((letter) => [letter.charCodeAt(0), 0])
  const first = mark[0] ?? 0
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1))
    if (startsWith(bytes.subarray(at, at + mark.length), mark))
      return refused('it is encrypted', 'Take the password off in Excel (File, Info, Protect Workbook) and save it again.')
  return refused('it is an .xls file', 'Open it in Excel and save it as .xlsx.')
}

function startsWith(bytes: Uint8Array, mark: readonly number[]): boolean {
  return mark.every((byte, index) => bytes[index] === byte)
}

interface Part {
  readonly name: string
  readonly packed: number
  readonly unpacked: number
}

/** The parts that the zip file lists at its end. */
function directory(bytes: Uint8Array): readonly Part[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
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
    const name = new TextDecoder().decode(bytes.subarray(at + DIRECTORY_ENTRY_BYTES, at + DIRECTORY_ENTRY_BYTES + length))
    parts.push({ name, packed: view.getUint32(at + 20, true), unpacked: view.getUint32(at + 24, true) })
    at += DIRECTORY_ENTRY_BYTES + length + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
  }
  return parts
}

/** The last record of the file, behind which there is only a comment of at most 64 KiB; −1: there is none. */
function endOfDirectory(view: DataView): number {
  const last = view.byteLength - 22
  for (let at = last; at >= Math.max(0, last - 65_535); at--) if (view.getUint32(at, true) === END_OF_DIRECTORY) return at
  return -1
}
