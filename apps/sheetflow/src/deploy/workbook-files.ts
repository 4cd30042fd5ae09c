import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** A graph's files as a deployment carries them: path inside the workbooks folder (`sales/open_orders.sheet.yaml`, with `/`) → text. */
export type WorkbookFiles = Readonly<Record<string, string>>

/** Reads the YAML files of some workbooks. What vanishes while it is read is as if it were not there: an edit that is under way is read again. */
export function readWorkbookFiles(folder: string, workbooks: readonly string[]): WorkbookFiles {
  const files: Record<string, string> = {}
  for (const workbook of workbooks) {
    for (const name of yamlFiles(path.join(folder, workbook))) {
      const text = textOf(path.join(folder, workbook, name))
      if (text !== null) files[`${workbook}/${name}`] = text
    }
  }
  return files
}

function yamlFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.yaml') && !name.startsWith('.'))
      .sort()
  } catch {
    return []
  }
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}
