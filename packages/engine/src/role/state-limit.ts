import { SheetflowError } from '@sheetflow/core/errors'
import type { Deployment } from '@sheetflow/core/message'
import type { Graph } from '../graph/graph.ts'
import type { StateBytes } from '../graph/state-bytes.ts'

/** Parts of a state that a person is told of. */
const NAMED = 5

/** A deployment that may not answer. */
export interface Refusal {
  readonly error: SheetflowError
  /** Deployed again, the one that answers takes the place of the prepared one, which is forgotten. */
  readonly instead: Deployment
}

/**
 * May the prepared deployment answer, with at most so many bytes of state? Null: it may. The first one always may, since rows cannot be refused, and one with which the
 * state is no larger than before.
 */
export function refusal(graph: Graph, limit: number): Refusal | null {
  const { active, prepared } = graph
  if (active === null || prepared === null) return null
  const after = graph.stateBytes(prepared)
  if (after.total <= limit || after.total <= graph.stateBytes(active).total) return null
  return { error: tooLarge(graph.name, after, limit, prepared.deployment.version), instead: active.deployment }
}

/** `engine/state-limit`: a state is larger than the limit. `version`: it would be, with that deployment. */
export function tooLarge(graph: string, state: StateBytes, limit: number, version: string | null): SheetflowError {
  const what =
    version === null ? `the state of ${graph} takes` : `deployment ${version} is not taken: with it the state of ${graph} would take`
  return new SheetflowError(
    'engine/state-limit',
    `${what} ${sizeText(state.total)}, and limits.stateBytes is ${sizeText(limit)}: ${largest(state)}`,
    {
      fix: 'Narrow the rows of the sheets, or leave columns out; divide the workbooks over several graphs; or raise limits.stateBytes if the machine has the memory. `sheetflow explain SHEET` says what keeps how much.',
      details: { graph, bytes: state.total, limit, ...(version === null ? {} : { version }) },
    },
  )
}

/** `table shop!public.orders 2.1 GB, sheet sales.orders 0.9 GB`: what takes most. */
export function largest({ parts }: StateBytes): string {
  return parts
    .slice(0, NAMED)
    .map(({ of, bytes }) => `${of} ${sizeText(bytes)}`)
    .join(', ')
}

/** Bytes in the unit in which `limits.stateBytes` is written. */
export function sizeText(bytes: number): string {
  const [unit, size] = bytes >= 1e9 ? ['GB', 1e9] : bytes >= 1e6 ? ['MB', 1e6] : ['kB', 1e3]
  return `${(bytes / size).toFixed(1)} ${unit}`
}
