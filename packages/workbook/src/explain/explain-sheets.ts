import type { BoundColumn, BoundGraph, BoundSheet, CostClass, Expr, RelationId } from '@sheetflow/formula/bound'
import { costOf, type CostContext } from '@sheetflow/formula/cost'
import { partsOf } from '@sheetflow/formula/expr-parts'
import { costReason } from '@sheetflow/formula/cost-reason'
import { recursiveColumns } from '@sheetflow/formula/recursion'
import { rowsInputs } from '@sheetflow/formula/rows-inputs'
import { typeText } from '@sheetflow/formula/service/describe'
import { Findings } from '../diagnostic.ts'
import { readWorkbooks } from '../file/workbook-set.ts'

/** A column of a sheet, as `explain` shows it. */
export interface ExplainedColumn {
  readonly name: string
  /** `decimal or Blank` */
  readonly type: string
  readonly published: boolean
  /** As it stands in the file; null: the rows bring it. */
  readonly formula: string | null
  readonly cost: CostClass | null
  /** Why it costs that, in a line. */
  readonly reason: string | null
}

/** A sheet, as `explain` shows it. */
export interface ExplainedSheet {
  readonly view: RelationId
  /** Kind of `BoundRows`. */
  readonly rows: string
  /** As it stands in the file; null: rows of its own. */
  readonly formula: string | null
  /** Where the rows come from. */
  readonly inputs: readonly RelationId[]
  readonly key: readonly string[]
  readonly cost: CostClass
  readonly columns: readonly ExplainedColumn[]
}

/** What the sheets of a compiled graph are and cost, in the order in which they run. `files`: what it was compiled from. */
export function explainSheets(files: Readonly<Record<string, string>>, graph: BoundGraph): readonly ExplainedSheet[] {
  const texts = formulaTexts(files)
  return graph.sheets.map((sheet) => explainSheet(sheet, graph, texts.get(sheet.view) ?? new Map<string, string>()))
}

/** The entry of `formulaTexts` that is the formula of the rows: no column has this name. */
const ROWS = ''

/** By sheet: its formulas by column. */
function formulaTexts(files: Readonly<Record<string, string>>): ReadonlyMap<RelationId, ReadonlyMap<string, string>> {
  const texts = new Map<RelationId, ReadonlyMap<string, string>>()
  for (const { name: workbook, file, sheets } of readWorkbooks(files, new Findings())) {
    const values = file.values.flatMap(({ name, formula }): [string, string][] => (formula === null ? [] : [[name, formula.parsed.text]]))
    texts.set(`${workbook}.${workbook}_values`, new Map(values))
    for (const { name, rows, columns } of sheets) {
      const formulas = columns.map((column): [string, string] => [column.name, column.formula.parsed.text])
      texts.set(`${workbook}.${name}`, new Map([...formulas, ...(rows === null ? [] : [[ROWS, rows.parsed.text] as const])]))
    }
  }
  return texts
}

function explainSheet(sheet: BoundSheet, graph: BoundGraph, texts: ReadonlyMap<string, string>): ExplainedSheet {
  const context: CostContext = {
    view: sheet.view,
    key: sheet.key,
    single: sheet.rows.kind === 'single',
    isLive: (view, column) => isLive(graph, view, column),
  }
  const names = (relation: RelationId, column: number): string => columnName(graph, relation, column)
  const recursions = recursiveColumns(sheet)
  const explained = ({ name, type, nullable, formula }: BoundColumn, index: number): ExplainedColumn => {
    const recursive = new Set(recursions.find((group) => group.includes(index)))
    return {
      name,
      type: typeText({ type, nullable }),
      published: sheet.published.includes(index),
      formula: formula === undefined ? null : (texts.get(name) ?? null),
      cost: formula === undefined ? null : costOf(formula, { ...context, recursive }),
      reason: formula === undefined ? null : costReason(formula, { ...context, recursive }, names),
    }
  }
  return {
    view: sheet.view,
    rows: sheet.rows.kind,
    formula: texts.get(ROWS) ?? null,
    inputs: rowsInputs(sheet.rows).map((input) => input.relation),
    key: sheet.key.map((index) => names(sheet.view, index)),
    cost: sheet.cost,
    columns: sheet.columns.map(explained),
  }
}

function columnName(graph: BoundGraph, relation: RelationId, column: number): string {
  const columns =
    graph.sheets.find((one) => one.view === relation)?.columns ?? graph.tables.find((one) => one.id === relation)?.schema.columns
  return columns?.[column]?.name ?? ''
}

/** Does a named value change with tables? */
function isLive(graph: BoundGraph, view: RelationId, column: number): boolean {
  const columns = graph.sheets.find((one) => one.view === view)?.columns ?? []
  const reads = (expr: Expr): boolean =>
    expr.kind === 'lookup' ||
    expr.kind === 'aggregate' ||
    expr.kind === 'columns' ||
    (expr.kind === 'clock' && expr.unit === 'minute') ||
    (expr.kind === 'named' && isLive(graph, expr.view, expr.column)) ||
    (expr.kind === 'column' && isLive(graph, view, expr.column)) ||
    partsOf(expr).some(reads)
  const formula = columns[column]?.formula
  return formula !== undefined && reads(formula)
}
