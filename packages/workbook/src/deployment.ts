import type { Deployment } from '@sheetflow/core/message'
import type { TableSchema } from '@sheetflow/core/schema'
import { sha256Hex } from '@sheetflow/core/sha256'
import { stableJson } from '@sheetflow/core/json-text'
import { LANGUAGE_VERSION } from '@sheetflow/formula/language-version'
import { compileGraph } from './compile/compile-graph.ts'
import type { CompileOutput } from './compile/input.ts'

/**
 * A deployment of these files: what is sent to a graph's inbox. Its `ids` say what the names in the files stand for now, so that a rename at
 * the source keeps it working; its `version` is a hash of files, ids and language, so equal content is the same deployment.
 *
 * `tables`: `source!schema.table` → schema. `now`: ISO time. `previous`: ids of the running deployment: names that the source knows no more
 * keep standing for what they stood for.
 */
export function makeDeployment(
  files: Readonly<Record<string, string>>,
  tables: ReadonlyMap<string, TableSchema>,
  now: string,
  previous: Deployment['ids'] = {},
): Deployment {
  const { ids } = compileGraph({ files, tables, ids: staleNames(previous, tables) })
  const content = { files, ids, language: LANGUAGE_VERSION }
  return { version: sha256Hex(stableJson(content)).slice(0, 32), ...content, now }
}

/** Compiles a deployment again, as replay does: the same deployment and schemas give the same graph. */
export function compileDeployment(deployment: Deployment, tables: ReadonlyMap<string, TableSchema>): CompileOutput {
  return compileGraph({ files: deployment.files, tables, ids: deployment.ids })
}

/** Old names that no column has now: all others go by the schema. */
export function staleNames(previous: Deployment['ids'], tables: ReadonlyMap<string, TableSchema>): Deployment['ids'] {
  const stale: Record<string, Readonly<Record<string, number>>> = {}
  for (const [table, names] of Object.entries(previous)) {
    const schema = tables.get(table)
    const gone = Object.entries(names).filter(
      ([name]) => schema?.columns.every((column) => column.name.toLowerCase() !== name.toLowerCase()) === true,
    )
    if (gone.length > 0) stale[table] = Object.fromEntries(gone)
  }
  return stale
}
