import type { BoundSheet } from '@sheetflow/formula/bound'
import type { FileRange, Findings } from '../diagnostic.ts'
import type { Workbook } from '../file/workbook-set.ts'
import { equalNames, splitId, tableLabel } from './table-scope.ts'

type Places = ReadonlyMap<string, FileRange>

/** Views have names of their own: a workbook's values that are formulas are one, too. */
export function checkViewNames(sheets: readonly BoundSheet[], places: Places, findings: Findings): void {
  const seen = new Set<string>()
  for (const { view } of sheets) {
    if (seen.has(view)) {
      findings.error('workbook/name', placeOf(places, view), `"${nameOf(view)}" is the name of the sheet of this workbook's values`, {
        why: 'the values that are formulas are a sheet of one row, <workbook>_values',
        fix: 'rename this sheet',
      })
    }
    seen.add(view)
  }
}

/** Names of published sheets, and of the fields that come with them, are fields of one GraphQL schema: unique over all workbooks. */
export function checkPublishedNames(sheets: readonly BoundSheet[], places: Places, findings: Findings): void {
  const taken = new Map<string, string>()
  const published = sheets.filter(({ schema }) => schema.read !== undefined)
  for (const { view } of published) {
    const name = nameOf(view)
    const other = taken.get(name)
    if (other === undefined) taken.set(name, view)
    else if (other !== view) {
      findings.error('workbook/name', placeOf(places, view), `"${name}" is published by ${other} too`, {
        why: 'published sheets are fields of one GraphQL schema',
        fix: 'rename one of the sheets',
      })
    }
  }
  for (const { view, schema } of published) {
    if (schema.single === true) continue
    for (const field of [`${nameOf(view)}_by_pk`, ...(schema.search.length > 0 ? [`${nameOf(view)}_search`] : [])]) {
      const other = taken.get(field)
      if (other === undefined) continue
      findings.error('workbook/name', placeOf(places, other), `"${field}" is a field that comes with ${view}`, {
        why: 'published sheets are fields of one GraphQL schema',
        fix: 'rename one of the sheets',
      })
    }
  }
}

/** A sheet is found before a table: in a workbook that is called as a source is, it hides the table of its name. */
export function checkHiddenTables(workbooks: readonly Workbook[], tables: Iterable<string>, findings: Findings): void {
  const ids = [...tables]
  for (const { name: workbook, sheets } of workbooks) {
    const own = ids.filter((id) => equalNames(splitId(id)[0], workbook))
    for (const { name, at } of own.length === 0 ? [] : sheets) {
      const hidden = own.find((id) => equalNames(tableLabel(id), `${workbook}!${name}`))
      if (hidden === undefined) continue
      findings.warning('workbook/name', at, `${workbook}!${name} is this sheet, and not the table of the source ${splitId(hidden)[0]}`, {
        why: 'the workbook is called as the source is, and sheets are found first',
        fix: `write ${hidden} for the table, or rename the sheet or the workbook`,
      })
    }
  }
}

function nameOf(view: string): string {
  return view.slice(view.indexOf('.') + 1)
}

function placeOf(places: Places, view: string): FileRange {
  return places.get(view) ?? { file: '', start: 0, end: 1 }
}
