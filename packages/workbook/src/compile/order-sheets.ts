import type { BoundSheet, Expr } from '@sheetflow/formula/bound'
import { partsOf } from '@sheetflow/formula/expr-parts'
import { rowsInputs } from '@sheetflow/formula/rows-inputs'
import type { FileRange, Findings } from '../diagnostic.ts'

/** Sheets in an order in which each stands behind all that it reads; circles are reported with their path. Ties keep the given order. */
export function orderSheets(sheets: readonly BoundSheet[], places: ReadonlyMap<string, FileRange>, findings: Findings): BoundSheet[] {
  const byId = new Map(sheets.map((sheet) => [sheet.view, sheet]))
  const ordered: BoundSheet[] = []
  const state = new Map<string, 'open' | 'done'>()
  const path: string[] = []

  const visit = (sheet: BoundSheet): void => {
    if (state.get(sheet.view) === 'done') return
    if (state.get(sheet.view) === 'open') {
      reportCircle([...path.slice(path.indexOf(sheet.view)), sheet.view], places, findings)
      return
    }
    state.set(sheet.view, 'open')
    path.push(sheet.view)
    for (const id of relationsOf(sheet)) {
      const next = byId.get(id)
      if (next !== undefined && id !== sheet.view) visit(next)
    }
    path.pop()
    state.set(sheet.view, 'done')
    ordered.push(sheet)
  }

  for (const sheet of sheets) visit(sheet)
  return ordered
}

function reportCircle(path: readonly string[], places: ReadonlyMap<string, FileRange>, findings: Findings): void {
  const at = places.get(path[0] ?? '') ?? { file: '', start: 0, end: 1 }
  findings.error('formula/cycle', at, `these sheets read each other: ${path.join(' → ')}`, {
    why: 'a sheet is computed behind all that it reads',
    fix: 'move the columns that close the circle into a sheet of their own',
  })
}

/** Tables and sheets that a sheet's rows and formulas read, each once. Nested lists read nothing: they are joined by who asks. */
export function relationsOf(sheet: BoundSheet): readonly string[] {
  const found = new Set<string>()
  const collect = (expr: Expr): void => {
    if (expr.kind === 'lookup' || expr.kind === 'aggregate' || expr.kind === 'columns') found.add(expr.relation)
    if (expr.kind === 'named') found.add(expr.view)
    partsOf(expr).forEach(collect)
  }
  for (const { relation, steps } of rowsInputs(sheet.rows)) {
    found.add(relation)
    for (const step of steps) if (step.kind === 'filter') collect(step.where)
  }
  for (const { formula } of sheet.columns) if (formula !== undefined) collect(formula)
  return [...found]
}
