import { droppedColumn, readsDropped } from '@sheetflow/formula/bind/dropped'
import type { ColumnLookup } from '@sheetflow/formula/bind/scope'
import { didYouMean } from '@sheetflow/formula/suggest'
import type { Findings } from '../diagnostic.ts'
import type { ColumnFormula, PlacedName, SheetFile } from '../file/sheet-file.ts'
import { suggestedName } from '../file/workbook-set.ts'
import { COLUMN_NAME } from './columns.ts'
import type { GraphContext } from './graph-context.ts'
import { reportMissing, type Rows } from './sheet-rows.ts'
import { findNamed, indexNamed } from './table-scope.ts'

/** Columns of the input that are passed on. */
export interface Chosen {
  /** Key columns first, then `keep` in its order: name as published, index in the input. */
  readonly kept: readonly { readonly name: string; readonly index: number }[]
  /** Kept columns that the source has dropped: they stay, as `#REF!`. */
  readonly dropped: readonly { readonly name: string }[]
}

/** Resolves `keep` and checks the names of all columns of the sheet (rule 3). */
export function chooseColumns(
  file: SheetFile,
  rows: Rows,
  computed: readonly ColumnFormula[],
  lists: readonly ColumnFormula[],
  graph: GraphContext,
): Chosen {
  const { findings } = graph
  const kept = rows.key.map((index) => ({ name: rows.input[index]?.name ?? '', index }))
  const dropped: { name: string }[] = []
  for (const wanted of wantedColumns(file, rows, findings)) {
    const found = find(rows, file, wanted.name)
    if (found !== null && typeof found === 'object') {
      dropped.push({ name: wanted.name })
      const label = rows.relation?.label ?? file.name
      const { message, ...advice } = found.computed === true ? readsDropped(`${label}[${found.name}]`) : droppedColumn(label, found.name)
      findings.warning('formula/unknown-name', wanted.at, message, advice)
    } else if (found === null) {
      if (!reportMissing(graph, file, rows, wanted.name)) reportUnknown(rows, wanted, findings)
    } else if (!kept.some((one) => one.index === found)) {
      const name = rows.input[found]?.name ?? wanted.name
      checkColumnName(name, wanted, findings)
      kept.push({ name, index: found })
    }
  }
  checkComputedNames(file, [...computed, ...lists], [...kept, ...dropped], findings)
  return { kept, dropped }
}

function wantedColumns(file: SheetFile, rows: Rows, findings: Findings): readonly PlacedName[] {
  // A sheet with data of its own shows all of it, unless it says otherwise.
  if (rows.showsAll && (file.keep === 'all' || file.keep.length === 0)) return rows.input.map((one) => ({ name: one.name, at: file.at }))
  if (file.keep !== 'all') return file.keep
  const names = rows.relation?.columnNames() ?? rows.input.map((one) => one.name)
  findings.warning('workbook/shape', file.keepAt, `"keep: all" passes on ${names.length} columns: ${names.join(', ')}`, {
    why: 'columns that are added to the source later are passed on too',
    fix: `keep: [${names.join(', ')}]`,
  })
  return names.map((name) => ({ name, at: file.keepAt }))
}

function find(rows: Rows, file: SheetFile, name: string): number | Extract<ColumnLookup, { kind: 'dropped' }> | null {
  if (rows.relation === null) {
    const index = indexNamed(rows.input, name)
    if (index >= 0) return index
    return rows.isLost(name) ? { kind: 'dropped', name } : null
  }
  const found = rows.relation.column(name)
  if (found?.kind === 'column') return found.index
  const rename = findNamed(file.renames, name)
  const renamed = rename === undefined ? null : rows.relation.column(rename.text)
  if (renamed?.kind === 'column') return renamed.index
  return found?.kind === 'dropped' ? found : null
}

function reportUnknown(rows: Rows, { name, at }: PlacedName, findings: Findings): void {
  const names = rows.relation?.columnNames() ?? rows.input.map((one) => one.name)
  const fix = didYouMean(name, names) ?? `the columns are ${names.join(', ')}`
  findings.error('formula/unknown-name', at, `${rows.relation?.label ?? 'the sheet'} has no column "${name}"`, { fix })
}

function checkColumnName(name: string, { at }: PlacedName, findings: Findings): void {
  if (COLUMN_NAME.test(name)) return
  findings.error('workbook/name', at, `"${name}" cannot be the name of a column that is passed on`, {
    why: 'columns become names in GraphQL: letters, digits and _, a letter first',
    fix: `give it another name under columns: ${suggestedName(name)}: "=[@[${name}]]"`,
  })
}

function checkComputedNames(
  file: SheetFile,
  computed: readonly ColumnFormula[],
  kept: readonly { readonly name: string }[],
  findings: Findings,
): void {
  const keptNames = new Set(kept.map((one) => one.name.toLowerCase()))
  const before = new Set<string>()
  for (const column of computed) {
    const name = column.name.toLowerCase()
    if (!COLUMN_NAME.test(column.name)) {
      findings.error('workbook/name', column.at, `"${column.name}" cannot be the name of a column`, {
        why: 'columns become names in GraphQL: letters, digits and _, a letter first',
        fix: `write ${suggestedName(column.name)}`,
      })
    }
    if (keptNames.has(name))
      findings.error('workbook/name', column.at, `"${column.name}" is kept from the rows already`, {
        fix: 'give the computed column another name, or take it out of keep',
      })
    if (before.has(name))
      findings.error('workbook/name', column.at, `there are two columns "${column.name}"`, { fix: 'rename one of them' })
    before.add(name)
  }
  for (const entry of file.renames)
    if (entry.name === entry.text) findings.warning('workbook/shape', entry.at, 'this renames a column to its own name')
}
