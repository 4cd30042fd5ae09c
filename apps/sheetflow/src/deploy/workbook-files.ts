import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { SheetflowError } from '@sheetflow/core/errors'

/** A graph's files as a deployment carries them: path inside the workbooks folder (`sales/open_orders.sheet.yaml`, with `/`) → text. */
export type WorkbookFiles = Readonly<Record<string, string>>

/**
 * Reads the YAML files of some workbooks; those in `.yml` so that somebody is told that they are none. What vanishes while it is read is as if it were not there: an edit that is under way is read again.
 * `workbook/unreadable` for what is there and cannot be read: nobody has deleted it. `details.file` is its path inside the folder.
 */
export function readWorkbookFiles(folder: string, workbooks: readonly string[]): WorkbookFiles {
  const files: Record<string, string> = {}
  for (const workbook of workbooks) {
    const names = unlessGone(workbook, () => readdirSync(path.join(folder, workbook))) ?? []
    for (const name of names.filter((one) => /\.ya?ml$/.test(one) && !one.startsWith('.')).sort()) {
      const file = `${workbook}/${name}`
      const text = unlessGone(file, () => readFileSync(path.join(folder, file), 'utf8'))
      if (text !== null) files[file] = text
    }
  }
  return files
}

/** What no file or folder of that kind is: it was deleted, or something else stands in its place. */
const GONE: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR'])

function unlessGone<T>(file: string, read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (GONE.has(code)) return null
    throw new SheetflowError('workbook/unreadable', `${file} is there and cannot be read: ${code || String(error)}`, {
      retry: 'later',
      fix: 'look at its rights and at the disk; delete it if it is not wanted',
      details: { file },
      cause: error,
    })
  }
}
