import { leafFirst } from '@sheetflow/formula/leaf-first'
import type { Workbook } from '../file/workbook-set.ts'
import type { SheetFile } from '../file/sheet-file.ts'
import { namesIn, referencesOf } from './references.ts'

/** Sheets (`workbook.sheet`) in such an order, by what their formulas name; nothing if there are few. */
export function sheetsLeafFirst(workbooks: readonly Workbook[]): string[] {
  const sheets: ReadonlyMap<string, SheetFile> = new Map(
    workbooks.flatMap((one) => one.sheets.map((sheet) => [`${one.name}.${sheet.name}`, sheet] as const)),
  )
  const readsOf = (id: string): readonly string[] => {
    const sheet = sheets.get(id)
    return sheet === undefined ? [] : relationsNamed(sheet).filter((one) => one !== id && sheets.has(one))
  }
  return leafFirst(sheets.keys(), readsOf)
}

/** What the formulas of a sheet name as tables, as ids of sheets. */
function relationsNamed({ workbook, rows, columns }: SheetFile): readonly string[] {
  const formulas = [...(rows === null ? [] : [rows]), ...columns.map((column) => column.formula)]
  return formulas.flatMap(({ parsed: { node } }) => [
    ...referencesOf(node).flatMap(({ source, table }) =>
      table === null ? [] : [`${source?.name ?? workbook}.${table.name}`.toLowerCase()],
    ),
    ...namesIn(node).map((name) => `${workbook}.${name}`.toLowerCase()),
  ])
}
