import type { Deployment } from '@sheetflow/core/message'
import type { TableSchema } from '@sheetflow/core/schema'
import type { BoundGraph } from '@sheetflow/formula/bound'

/**
 * Makes a bound graph of a deployment's files; given by the host (`workbook` does it). `schemas`: the newest schema of every table that the
 * graph has seen, by `source!schema.table`. Pure: equal arguments, equal graph (replay compiles again).
 */
export type Compile = (deployment: Deployment, schemas: ReadonlyMap<string, TableSchema>) => CompileResult

/** A graph, or why there is none: one text for each thing that is wrong. */
export type CompileResult =
  | { readonly graph: BoundGraph; readonly problems?: undefined }
  | { readonly graph: null; readonly problems: readonly string[] }
