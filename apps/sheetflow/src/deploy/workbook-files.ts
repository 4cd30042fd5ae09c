import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** A graph's files as a deployment carries them: path inside the workbooks folder (`sales/open_orders.sheet.yaml`, with `/`) → text. */
export type WorkbookFiles = Readonly<Record<string, string>>

/** Reads the YAML files of some workbooks. A folder that vanished while it was read is as if it were empty. */
export function readWorkbookFiles(folder: string, workbooks: readonly string[]): WorkbookFiles {
  const files: Record<string, string> = {}
  for (const workbook of workbooks) {
    for (const name of yamlFiles(path.join(folder, workbook)))
      files[`${workbook}/${name}`] = readFileSync(path.join(folder, workbook, name), 'utf8')
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
