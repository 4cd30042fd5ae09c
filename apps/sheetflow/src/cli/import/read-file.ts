import { readFile } from 'node:fs/promises'
import { SheetflowError } from '@sheetflow/core/errors'

/** The bytes of a file that a command line names; `app/usage` if it cannot be read. */
export async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file)
  } catch (error) {
    throw new SheetflowError('app/usage', `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      fix: 'Check the path.',
    })
  }
}
