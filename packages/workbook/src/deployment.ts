import type { Deployment } from '@sheetflow/core/message'
import type { FunctionSignatures } from '@sheetflow/core/function-signature'
import { isAnotherTable } from '@sheetflow/core/schema'
import type { TableSchema } from '@sheetflow/core/schema'
import { sha256Hex } from '@sheetflow/core/sha256'
import { stableJson } from '@sheetflow/core/json-text'
import { LANGUAGE_VERSION } from '@sheetflow/formula/language-version'
import { calledFunctions } from './compile/called-functions.ts'
import { compileGraph } from './compile/compile-graph.ts'
import type { CompileInput, CompileOutput } from './compile/input.ts'
import { tableWithId } from './compile/table-scope.ts'
import { goneSheets, renamedSheets } from './renamed-sheets.ts'

/** What a deployment before knew of names. `files`: its files, by which a sheet whose file is called otherwise now is known again. */
export type KnownNames = Pick<Deployment, 'ids' | 'tableIds' | 'sheetNames'> & Partial<Pick<Deployment, 'files'>>

/**
 * A deployment of these files: what is sent to a graph's inbox. Its `ids`, `tableIds` and `sheetNames` say what the names in the files stand for now, so
 * that a rename at the source, or of a sheet's file, keeps it working; its `version` is a hash of all that, of the keys and types of what they stand for, and of
 * the language, so equal content is the same deployment. `schemas` has no part in it: a table may get columns that nobody asks for.
 *
 * `tables`: `source!schema.table` → schema. `now`: ISO time. `previous`: the running deployment: names that nothing has now keep standing for what
 * they stood for. `functions`: those that may be called: the signatures of those that are called become part of it (ADR 029).
 */
export function makeDeployment(
  files: Readonly<Record<string, string>>,
  tables: ReadonlyMap<string, TableSchema>,
  now: string,
  previous: KnownNames = { ids: {} },
  functions: FunctionSignatures = {},
): Deployment {
  const { sheetNames, ...stale } = staleNames(previous, tables, files)
  const { graph, ids, tableIds, used } = compileGraph({ files, tables, sheetNames, ...stale, functions })
  const called = graph === null ? functions : calledFunctions(graph, functions)
  const content = {
    files,
    ids,
    ...(Object.keys(tableIds).length === 0 ? {} : { tableIds }),
    ...(Object.keys(sheetNames).length === 0 ? {} : { sheetNames }),
    ...(Object.keys(called).length === 0 ? {} : { functions: called }),
    language: LANGUAGE_VERSION,
  }
  const shapes = mapValues(used, ({ shape }) => shape)
  const schemas = mapValues(used, ({ schema }) => schema)
  return { version: sha256Hex(stableJson({ ...content, shapes })).slice(0, 32), ...content, schemas, now }
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))
}

/** Compiles a deployment again, as replay does: the same deployment and schemas give the same graph. */
export function compileDeployment(deployment: Deployment, tables: ReadonlyMap<string, TableSchema>): CompileOutput {
  const { files, ids, tableIds = {}, sheetNames = {}, functions = {} } = deployment
  return compileGraph({ files, tables, ids, tableIds, sheetNames, functions })
}

/** Old names that no table, column or sheet has now: all others go by what is there. For `compileGraph`. */
export function staleNames(
  { ids, tableIds = {}, sheetNames = {}, files: before = {} }: KnownNames,
  tables: ReadonlyMap<string, TableSchema>,
  files: Readonly<Record<string, string>>,
): Required<Pick<CompileInput, 'ids' | 'tableIds' | 'sheetNames' | 'goneSheets'>> {
  const renamed = new Map(
    Object.entries(tableIds).flatMap(([name, known]) => {
      const now = tables.has(name) ? null : tableWithId(tables, name, known)
      return now === null ? [] : [[name, { now, known }] as const]
    }),
  )
  const columns: Record<string, Readonly<Record<string, number>>> = {}
  for (const [table, names] of Object.entries(ids)) {
    const schema = tables.get(renamed.get(table)?.now ?? table)
    // Numbers of columns are those of one table: they say nothing of another one that has its name now.
    if (isAnotherTable(schema?.id, tableIds[table])) continue
    const gone = Object.entries(names).filter(
      ([name]) => schema?.columns.every((column) => column.name.toLowerCase() !== name.toLowerCase()) === true,
    )
    if (gone.length > 0) columns[table] = Object.fromEntries(gone)
  }
  const names = renamedSheets(sheetNames, before, files)
  return {
    ids: columns,
    tableIds: Object.fromEntries([...renamed].map(([name, { known }]) => [name, known])),
    sheetNames: names,
    goneSheets: goneSheets(names, before, files),
  }
}
