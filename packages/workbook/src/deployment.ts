import { stableJson } from '@sheetflow/core/json-text'
import type { Deployment } from '@sheetflow/core/message'
import type { TableSchema } from '@sheetflow/core/schema'
import { sha256Hex } from '@sheetflow/core/sha256'

/** Version of the formula language that this program speaks; replay compiles an older text by its own. */
export const LANGUAGE = 1

/** What a deployment is made of. */
export interface DeploymentInput {
  /** Path inside the workbooks folder → text. */
  readonly files: Readonly<Record<string, string>>
  /** `source!schema.table` → its schema as of now. */
  readonly tables: ReadonlyMap<string, TableSchema>
  /** ISO time of now. */
  readonly now: string
}

/** A deployment of these files: their text, and the ids that the names of tables' columns stand for today. Equal files and ids, equal version. */
export function makeDeployment({ files, tables, now }: DeploymentInput): Deployment {
  const ids = Object.fromEntries(
    [...tables].map(([table, schema]) => [table, Object.fromEntries(schema.columns.map((column) => [column.name, column.id]))]),
  )
  const version = sha256Hex(new TextEncoder().encode(stableJson({ files, ids, language: LANGUAGE }))).slice(0, 16)
  return { version, files, ids, language: LANGUAGE, now }
}
