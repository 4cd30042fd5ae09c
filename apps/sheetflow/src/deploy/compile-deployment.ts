import type { Compile } from '@sheetflow/engine/graph/compile'
import { compileDeployment as compileText } from '@sheetflow/workbook/deployment'
import { formatDiagnostic } from '@sheetflow/workbook/format-diagnostic'

/** What the engine calls to make a graph of a deployment's text. */
export const compileDeployment: Compile = (deployment, schemas) => {
  const { graph, diagnostics } = compileText(deployment, schemas)
  if (graph !== null) return { graph }
  return { graph: null, problems: diagnostics.filter((one) => one.severity === 'error').map((one) => formatDiagnostic(one)) }
}
