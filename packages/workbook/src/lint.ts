import type { FunctionSignatures } from '@sheetflow/core/function-signature'
import type { TableSchema } from '@sheetflow/core/schema'
import { compileWorkbooks } from './compile/compile-graph.ts'
import { Findings, locate, type WorkbookDiagnostic } from './diagnostic.ts'
import { readWorkbooks } from './file/workbook-set.ts'
import { withOldNames } from './test-runner/old-name-tables.ts'
import { readTests } from './test-runner/read-tests.ts'
import { staleNames, type KnownNames } from './deployment.ts'

/**
 * All that is wrong with the files of a graph (FORMATS 7, rule 9), tests included, in the order of files and lines; empty: nothing.
 * `running`: the deployment that runs, so that names which have changed are reported as drift, not as unknown. `functions`: asynchronous ones that may be called.
 */
export function lint(
  files: Readonly<Record<string, string>>,
  tables: ReadonlyMap<string, TableSchema>,
  running: KnownNames = { ids: {} },
  functions: FunctionSignatures = {},
): readonly WorkbookDiagnostic[] {
  const stale = staleNames(running, tables, files)
  const known = withOldNames(tables, stale).tables
  const findings = new Findings()
  const workbooks = readWorkbooks(files, findings)
  compileWorkbooks(workbooks, { files, tables, ...stale, functions }, findings)
  for (const { sheets } of workbooks) for (const sheet of sheets) readTests(sheet.file, sheet.tests, known, findings)
  return locate(findings.all, files)
}
