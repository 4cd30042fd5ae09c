import type { BoundGraph, BoundSheet, BoundTable } from '@sheetflow/formula/bound'
import { Findings, locate } from '../diagnostic.ts'
import { readWorkbooks, type Workbook } from '../file/workbook-set.ts'
import { checkHiddenTables, checkPublishedNames, checkViewNames } from './check-names.ts'
import { GraphCompiler } from './graph-compiler.ts'
import type { CompileInput, CompileOutput } from './input.ts'
import { orderSheets, relationsOf } from './order-sheets.ts'
import { splitId } from './table-scope.ts'

/**
 * Makes of the files of a graph what the engine runs: names become ids and indexes, types are inferred, formulas checked (FORMATS 7).
 * Pure and total: whatever the files hold, the answer is a graph, or null and at least one error among the diagnostics.
 */
export function compileGraph(input: CompileInput): CompileOutput {
  const findings = new Findings()
  const compiled = compileWorkbooks(readWorkbooks(input.files, findings), input, findings)
  return { ...compiled, diagnostics: locate(findings.all, input.files) }
}

/** The same for files that have been read already; what is wrong is added to `findings`. */
export function compileWorkbooks(
  workbooks: readonly Workbook[],
  input: CompileInput,
  findings: Findings,
): Omit<CompileOutput, 'diagnostics'> {
  try {
    return bindWorkbooks(workbooks, input, findings)
  } catch (error) {
    // What reads one another in a circle is bound as it is asked for, and the stack ends before a circle of hundreds of columns does.
    if (!(error instanceof RangeError)) throw error
    const file = workbooks.flatMap(({ sheets }) => sheets).at(0)?.at.file ?? ''
    findings.error(
      'formula/cycle',
      { file, start: 0, end: 1 },
      'hundreds of columns, sheets or values of this graph read one another in a circle',
      {
        fix: 'make it shorter, to be told where the circle is',
      },
    )
    return { graph: null, ...new GraphCompiler([], input, findings).usedNames([]), claims: {} }
  }
}

function bindWorkbooks(workbooks: readonly Workbook[], input: CompileInput, findings: Findings): Omit<CompileOutput, 'diagnostics'> {
  const compiler = new GraphCompiler(workbooks, input, findings)
  const { sheets, places } = compiler.finish()
  checkViewNames(sheets, places, findings)
  checkPublishedNames(sheets, places, findings)
  checkHiddenTables(workbooks, input.tables.keys(), findings)
  const ordered = orderSheets(sheets, places, findings)
  const graph: BoundGraph = { tables: tablesOf(ordered, compiler), sheets: ordered, timeZones: timeZonesOf(workbooks, compiler) }
  return {
    graph: findings.hasErrors ? null : graph,
    ...compiler.usedNames(graph.tables.map((table) => table.id)),
    claims: claimsOf(workbooks, compiler),
  }
}

/** Source tables that the sheets read, in the order of their ids. */
function tablesOf(sheets: readonly BoundSheet[], compiler: GraphCompiler): BoundTable[] {
  const ids = [...new Set(sheets.flatMap(relationsOf))].sort()
  return ids.flatMap((id) => {
    const schema = compiler.tableSchema(id)
    return schema === undefined ? [] : [{ id, source: splitId(id)[0], schema }]
  })
}

function timeZonesOf(workbooks: readonly Workbook[], compiler: GraphCompiler): Readonly<Record<string, string>> {
  return Object.fromEntries(workbooks.map(({ name }) => [name, compiler.timeZone(name)]))
}

function claimsOf(workbooks: readonly Workbook[], compiler: GraphCompiler): CompileOutput['claims'] {
  return Object.fromEntries(
    workbooks.map(({ name }) => [name, Object.fromEntries([...compiler.claimsOf(name)].map(([claim, type]) => [claim, type.type]))]),
  )
}
