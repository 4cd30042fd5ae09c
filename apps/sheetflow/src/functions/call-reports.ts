import type { FunctionReport } from '@sheetflow/engine/role/calls/function-sender'

/** How the functions that a graph calls are doing, as its role reports it. */
export function callValues(reports: readonly FunctionReport[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    reports.flatMap(({ function: name, version, isUp, waiting, calls, answered, failures, errors }) => {
      const labels = `{function="${name}",version="${version.replaceAll('"', "'")}"}`
      return [
        [`plugin_up${labels}`, isUp ? 1 : 0],
        [`plugin_waiting${labels}`, waiting],
        [`plugin_calls_total${labels}`, calls],
        [`plugin_rows_total${labels}`, answered],
        [`plugin_failures_total${labels}`, failures],
        [`plugin_errors_total${labels}`, errors],
      ]
    }),
  )
}
