import { must } from '@sheetflow/core/assert'
import { SheetflowError } from '@sheetflow/core/errors'
import type { Deployment } from '@sheetflow/core/message'
import type { RelationId } from '@sheetflow/formula/bound'
import type { Running } from '../graph/running.ts'
import { comparePrograms } from './compare-programs.ts'
import type { ProgramDifference } from './compare-programs.ts'
import type { Rebuilt } from './rebuild.ts'

/** What a deployment would do, told by a graph that was rebuilt for the purpose. */
export interface TriedDeployment extends ProgramDifference {
  /** What answers now; null: nothing does. */
  readonly active: Running | null
  readonly next: Running
  /** By view: tables of which it reads what the rebuilt state does not hold, so that its rows are not known. */
  readonly incomplete: ReadonlyMap<RelationId, readonly string[]>
}

/**
 * Prepares a deployment beside the one that is active in a rebuilt graph, as the running graph would, and compares the two. The graph is used up: it holds two programs now. `workbook/reference` if the deployment does not compile against the
 * schemas that the graph knows.
 */
export function tryDeployment({ graph, at, inputs }: Rebuilt, deployment: Deployment, examples: number): TriedDeployment {
  const { active } = graph
  if (active?.deployment.version === deployment.version)
    return { ...comparePrograms(active, active, 0), active, next: active, incomplete: new Map() }
  // At the graph's own time: a day that begins is no difference between two deployments.
  graph.inbox({ v: 1, kind: 'deploy', ...deployment, now: graph.now })
  graph.commit(at, [], inputs)
  const { problem } = graph
  if (problem !== null) {
    throw new SheetflowError('workbook/reference', `the files do not fit the tables that the graph knows: ${problem.problems.join('; ')}`, {
      fix: "See 'sheetflow lint' for the place and the fix.",
    })
  }
  const next = must(graph.prepared, 'a deployment that compiles is prepared')
  const missing = new Set(next.incompleteTables().map((table) => table.id))
  const incomplete = new Map<RelationId, readonly string[]>()
  for (const { view } of next.graph.sheets) {
    const tables = next.tablesOf(view).flatMap(({ id }) => (missing.has(id) ? [id] : []))
    if (tables.length > 0) incomplete.set(view, tables)
  }
  return { ...comparePrograms(active, next, examples), active, next, incomplete }
}
