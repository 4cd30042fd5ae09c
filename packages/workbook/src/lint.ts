import type { Deployment } from '@sheetflow/core/message'
import type { TableSchema } from '@sheetflow/core/schema'
import { compileWorkbooks } from './compile/compile-graph.ts'
import { Findings, locate, type WorkbookDiagnostic } from './diagnostic.ts'
import { readWorkbooks } from './file/workbook-set.ts'
import { readTests } from './test-runner/read-tests.ts'
import { staleNames } from './deployment.ts'

/**
 * All that is wrong with the files of a graph (FORMATS 7, rule 9), tests included, in the order of files and lines; empty: nothing.
 * `running`: ids of the deployment that runs, so that names which the source has changed are reported as drift, not as unknown.
 */
export function lint(
  files: Readonly<Record<string, string>>,
  tables: ReadonlyMap<string, TableSchema>,
  running: Deployment['ids'] = {},
): readonly WorkbookDiagnostic[] {
  const stale = staleNames(running, tables)
  const known = withOldNames(tables, stale)
  const findings = new Findings()
  const workbooks = readWorkbooks(files, findings)
  compileWorkbooks(workbooks, { files, tables, ids: stale }, findings)
  for (const { sheets } of workbooks) for (const sheet of sheets) readTests(sheet.file, sheet.tests, known, findings)
  return locate(findings.all, files)
}

/** Schemas in which columns have the names that the files know them by. */
function withOldNames(tables: ReadonlyMap<string, TableSchema>, stale: Deployment['ids']): ReadonlyMap<string, TableSchema> {
  return new Map(
    [...tables].map(([id, schema]) => {
      const names = new Map(Object.entries(stale[id] ?? {}).map(([name, column]) => [column, name]))
      const columns = schema.columns.map((column) => ({ ...column, name: names.get(column.id) ?? column.name }))
      return [id, { ...schema, columns }]
    }),
  )
}
