import type { SheetflowError } from '@sheetflow/core/errors'
import { refused } from './refused.ts'
import { directory, type Part } from './zip-directory.ts'

/** A file larger than this is refused before it is opened. */
const MAX_FILE_BYTES = 64 * 1024 * 1024
/** What all parts of a file may unpack to, by what the file says itself; the reader holds each part to what it says. */
const MAX_UNPACKED_BYTES = 512 * 1024 * 1024
/** Spreadsheets pack well, but not as well as this. Small files may. */
const MAX_RATIO = 200
const SMALL_BYTES = 8 * 1024 * 1024

/**
 * Refuses, before anything is unpacked, what is no .xlsx file, is encrypted, or would unpack to more than the limits (a zip bomb): `workbook/shape` with what
 * to do. The parts of what is none of these.
 */
export function checkFile(bytes: Uint8Array): readonly Part[] {
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
  return parts
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
