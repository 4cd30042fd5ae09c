import type { BoundGraph, BoundSheet, CostClass, RelationId } from '@sheetflow/formula/bound'
import { explainSheets, type ExplainedColumn, type ExplainedSheet } from '../explain/explain-sheets.ts'

/** A deployment's text and what it was compiled to. */
export interface CompiledFiles {
  readonly files: Readonly<Record<string, string>>
  readonly graph: BoundGraph
}

/** Something that was one thing and is another. */
export interface Change<T> {
  readonly before: T
  readonly after: T
}

/** A column that is not what it was. */
export interface ColumnDifference {
  readonly column: string
  readonly kind: 'appears' | 'changes' | 'goes'
  /** `decimal or Blank`; of a column that goes the old one. */
  readonly type?: string
  readonly retyped?: Change<string>
  readonly formula?: Change<string | null>
  /** What it costs to keep it right, where that is another class than before or the column is new; with why. */
  readonly cost?: { readonly before: CostClass | null; readonly after: CostClass; readonly reason: string | null }
}

/** A sheet that is not defined as it was. */
export interface SheetDefinitionDifference {
  readonly view: RelationId
  readonly kind: 'appears' | 'changes' | 'goes'
  /** Formula of the rows. */
  readonly rows?: Change<string | null>
  readonly key?: Change<readonly string[]>
  /** Columns that readers see: those that come, go, or change their type, formula or cost. Of a new sheet all. */
  readonly columns: readonly ColumnDifference[]
  /** Roles that may read it, where they or their rules change. */
  readonly readers?: Change<readonly string[]>
}

/**
 * How the sheets of two deployments differ as they are written: what each is made of, its columns and their types, what they cost, who reads them.
 * Sheets that differ in nothing of that are left out; what only follows from another sheet is told there. `old` null: there was none.
 */
export function compareSheets(old: CompiledFiles | null, next: CompiledFiles): readonly SheetDefinitionDifference[] {
  const before = new Map((old === null ? [] : sheetsOf(old)).map((sheet) => [sheet.explained.view, sheet]))
  const after = new Map(sheetsOf(next).map((sheet) => [sheet.explained.view, sheet]))
  return [...new Set([...before.keys(), ...after.keys()])]
    .sort()
    .map((view) => compare(view, before.get(view) ?? null, after.get(view) ?? null))
    .filter((one) => one.kind !== 'changes' || Object.keys(one).length > 3 || one.columns.length > 0)
}

interface Sheet {
  readonly bound: BoundSheet
  readonly explained: ExplainedSheet
}

function sheetsOf({ files, graph }: CompiledFiles): readonly Sheet[] {
  return explainSheets(files, graph).flatMap((explained) => {
    const bound = graph.sheets.find(({ view }) => view === explained.view)
    return bound === undefined ? [] : [{ explained, bound }]
  })
}

function compare(view: RelationId, before: Sheet | null, after: Sheet | null): SheetDefinitionDifference {
  if (after === null) return { view, kind: 'goes', columns: [] }
  const columns = compareColumns(before === null ? [] : shownColumns(before), shownColumns(after))
  if (before === null) {
    const { formula, key } = after.explained
    return {
      view,
      kind: 'appears',
      columns,
      rows: { before: null, after: formula },
      key: { before: [], after: key },
      readers: { before: [], after: rolesOf(after) },
    }
  }
  const [was, is] = [before.explained, after.explained]
  return {
    view,
    kind: 'changes',
    columns,
    ...(was.formula === is.formula ? {} : { rows: { before: was.formula, after: is.formula } }),
    ...(was.key.join() === is.key.join() ? {} : { key: { before: was.key, after: is.key } }),
    ...(rulesOf(before) === rulesOf(after) ? {} : { readers: { before: rolesOf(before), after: rolesOf(after) } }),
  }
}

/** Those that readers see, and those that are computed: another sheet may read them. */
function shownColumns({ explained }: Sheet): readonly ExplainedColumn[] {
  return explained.columns.filter(({ published, formula }) => published || formula !== null)
}

function compareColumns(before: readonly ExplainedColumn[], after: readonly ExplainedColumn[]): readonly ColumnDifference[] {
  const differences: ColumnDifference[] = []
  for (const is of after) {
    const was = before.find((one) => one.name === is.name)
    const difference = was === undefined ? newColumn(is) : changedColumn(was, is)
    if (difference !== null) differences.push(difference)
  }
  for (const was of before) {
    if (after.every((one) => one.name !== was.name)) differences.push({ column: was.name, kind: 'goes', type: was.type })
  }
  return differences
}

function newColumn({ name, type, formula, cost, reason }: ExplainedColumn): ColumnDifference {
  return {
    column: name,
    kind: 'appears',
    type,
    ...(formula === null ? {} : { formula: { before: null, after: formula } }),
    ...(cost === null ? {} : { cost: { before: null, after: cost, reason } }),
  }
}

function changedColumn(was: ExplainedColumn, is: ExplainedColumn): ColumnDifference | null {
  const difference: ColumnDifference = {
    column: is.name,
    kind: 'changes',
    ...(was.type === is.type ? {} : { retyped: { before: was.type, after: is.type } }),
    ...(was.formula === is.formula ? {} : { formula: { before: was.formula, after: is.formula } }),
    ...(is.cost === null || sameCost(was.cost, is.cost) ? {} : { cost: { before: was.cost, after: is.cost, reason: is.reason } }),
  }
  return Object.keys(difference).length > 2 ? difference : null
}

function sameCost(a: CostClass | null, b: CostClass | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function rolesOf({ bound }: Sheet): readonly string[] {
  return Object.keys(bound.schema.read ?? {}).sort()
}

function rulesOf({ bound }: Sheet): string {
  return JSON.stringify(bound.schema.read ?? null)
}
