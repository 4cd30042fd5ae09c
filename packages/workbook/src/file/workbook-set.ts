import { utf8Length } from '@sheetflow/core/text'
import type { Findings } from '../diagnostic.ts'
import { ReadAgain } from './read-again.ts'
import { readSheetFile, type SheetFile } from './sheet-file.ts'
import { emptyWorkbook, readWorkbookFile, type WorkbookFile } from './workbook-file.ts'

/** One workbook: its own file and its sheets. */
export interface Workbook {
  readonly name: string
  readonly file: WorkbookFile
  readonly sheets: readonly SheetFile[]
}

/** Names of ours (FORMATS 3). */
export const OUR_NAME: RegExp = /^[a-z][a-z0-9_]*$/

/** Bytes that the files of a graph take at most as JSON: they are one message of its inbox, with the ids of all columns beside them (port `Bus`: 4 MiB). */
const MAX_BYTES = 3 * 1024 * 1024
/** Bytes that a UTF-16 unit takes at most: escaped. */
const UNIT_BYTES = 6

const SHEET_PATH = /^([^/]+)\/([^/]+)\.sheet\.yaml$/
const WORKBOOK_PATH = /^([^/]+)\/workbook\.yaml$/

const WORKBOOKS = new ReadAgain((path, text, findings) => readWorkbookFile(path, text, WORKBOOK_PATH.exec(path)?.[1] ?? '', findings))
const SHEETS = new ReadAgain((path, text, findings) => {
  const [, workbook = '', name = ''] = SHEET_PATH.exec(path) ?? []
  return readSheetFile(path, text, workbook, name, findings)
})

/** Reads all files: path inside the workbooks folder (`sales/open_orders.sheet.yaml`) → text. Other files are left alone. */
export function readWorkbooks(files: Readonly<Record<string, string>>, findings: Findings): Workbook[] {
  const sheets = new Map<string, SheetFile[]>()
  const own = new Map<string, WorkbookFile>()
  checkSize(files, findings)
  for (const path of Object.keys(files).sort()) {
    const text = files[path] ?? ''
    const workbook = WORKBOOK_PATH.exec(path)?.[1]
    if (workbook !== undefined) {
      if (checkName('workbook', workbook, path, findings)) own.set(workbook, WORKBOOKS.read(path, text, findings))
      continue
    }
    const match = SHEET_PATH.exec(path)
    const [folder, name] = [match?.[1], match?.[2]]
    if (folder === undefined || name === undefined) {
      reportStray(path, findings)
      continue
    }
    const named = checkName('workbook', folder, path, findings) && checkName('sheet', name, path, findings)
    const sheet = named ? SHEETS.read(path, text, findings) : null
    if (sheet !== null) sheets.set(folder, [...(sheets.get(folder) ?? []), sheet])
  }
  const names = [...new Set([...own.keys(), ...sheets.keys()])].sort()
  return names.map((name) => ({
    name,
    file: own.get(name) ?? emptyWorkbook(name, `${name}/workbook.yaml`),
    sheets: sheets.get(name) ?? [],
  }))
}

function checkSize(files: Readonly<Record<string, string>>, findings: Findings): void {
  const texts = Object.entries(files)
  const units = texts.reduce((sum, [, text]) => sum + text.length, 0)
  if (units * UNIT_BYTES <= MAX_BYTES) return
  const sizes = texts.map(([path, text]) => ({ path, bytes: utf8Length(JSON.stringify(text)) }))
  if (sizes.reduce((sum, { bytes }) => sum + bytes, 0) <= MAX_BYTES) return
  const largest = sizes.reduce((a, b) => (b.bytes > a.bytes ? b : a))
  findings.error('workbook/yaml', { file: largest.path, start: 0, end: 1 }, 'the files of the workbooks are larger than 3 MiB together', {
    why: 'they are deployed as one message; this file is the largest',
    fix: 'keep data in a source',
  })
}

function checkName(what: string, name: string, path: string, findings: Findings): boolean {
  if (OUR_NAME.test(name)) return true
  findings.error('workbook/name', { file: path, start: 0, end: 1 }, `"${name}" cannot be the name of a ${what}`, {
    why: 'names are made of small letters, digits and _, and begin with a letter',
    fix: `rename it, for example to ${suggestedName(name)}`,
  })
  return false
}

/** A name that is allowed, near to the one given. */
export function suggestedName(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
  return /^[a-z]/.test(plain) ? plain : `t_${plain}`.replace(/_$/, '')
}

/** A file that looks as if it were meant to be a sheet. */
function reportStray(path: string, findings: Findings): void {
  if (!/\.ya?ml$/.test(path)) return
  findings.warning('workbook/name', { file: path, start: 0, end: 1 }, 'this file is no sheet and is not read', {
    fix: path.endsWith('.yml') ? `name it ${path.replace(/yml$/, 'yaml')}` : 'name it <workbook>/<sheet>.sheet.yaml',
  })
}
