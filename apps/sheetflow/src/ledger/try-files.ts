import { isSheetflowError } from '@sheetflow/core/errors'
import type { Rebuilt } from '@sheetflow/engine/ledger/rebuild'
import { tryDeployment, type TriedDeployment } from '@sheetflow/engine/ledger/try-deployment'
import { compileGraph } from '@sheetflow/workbook'
import { makeDeployment, staleNames } from '@sheetflow/workbook/deployment'
import type { WorkbookDiagnostic } from '@sheetflow/workbook/diagnostic'
import { compareSheets, type SheetDefinitionDifference } from '@sheetflow/workbook/preview/compare-sheets'
import { lastDeployment } from '../deploy/last-deployment.ts'
import type { WorkbookFiles } from '../deploy/workbook-files.ts'
import { functionSignatures } from '../functions/load-functions.ts'
import { rebuildGraph, type Ledger } from './open-ledger.ts'

/** What the files of a graph would do if they were deployed. */
export interface TriedFiles {
  readonly rebuilt: Rebuilt
  readonly tried: TriedDeployment
  readonly definitions: readonly SheetDefinitionDifference[]
}

/**
 * Tries the files of a graph on beside what runs, in a state that is rebuilt for the purpose in this process: nobody notices. `examples`: rows shown of
 * each kind. Errors in the files are given back instead.
 */
export async function tryFiles(
  ledger: Ledger,
  graph: string,
  files: WorkbookFiles,
  examples: number,
): Promise<TriedFiles | readonly WorkbookDiagnostic[]> {
  const functions = await functionSignatures(ledger.loaded)
  const running = (await lastDeployment(ledger.bus, graph)) ?? { ids: {} }
  const attempt = (rebuilt: Rebuilt): TriedFiles | readonly WorkbookDiagnostic[] => {
    const tables = rebuilt.graph.tables.schemas()
    const { graph: bound, diagnostics } = compileGraph({ files, tables, ...staleNames(running, tables, files), functions })
    if (bound === null) return diagnostics.filter(({ severity }) => severity === 'error')
    const tried = tryDeployment(rebuilt, makeDeployment(files, tables, rebuilt.graph.now, running, functions), examples)
    const { active, next } = tried
    const old = active === null ? null : { files: active.deployment.files, graph: active.graph }
    return { rebuilt, tried, definitions: compareSheets(old, { files, graph: next.graph }) }
  }
  const rebuilt = await rebuildGraph(ledger, graph)
  const first = attempt(rebuilt)
  if (!('tried' in first) || first.tried.incomplete.size === 0) return first
  // It reads what the running graph has not kept: the streams may still hold it.
  try {
    return attempt(await rebuildGraph(ledger, graph, { until: rebuilt.position.offset, whole: true }))
  } catch (error) {
    if (isSheetflowError(error, 'ledger/out-of-reach')) return first
    throw error
  }
}
