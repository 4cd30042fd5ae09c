import { SheetflowError } from '@sheetflow/core/errors'
import type { FoundCommit } from '@sheetflow/engine/ledger/find-commit'
import { readView, viewSchemas, type Committed } from '@sheetflow/engine/ledger/read-output'
import { ViewFold, type ViewImage } from '@sheetflow/engine/ledger/view-image'
import { activeIn, rebuildGraph, type Ledger } from './open-ledger.ts'

/**
 * What the readers of a view had at a commit. From the log: its changes put one on another since its generation began; where that is trimmed, the
 * view as it is now with the changes since taken back. `ledger/out-of-reach` where the view has been filled anew since, and what was before is trimmed.
 */
export async function viewAt(ledger: Ledger, graph: string, view: string, { position }: FoundCommit): Promise<ViewImage> {
  const range = { bus: ledger.bus, graph, signal: ledger.signal }
  const fold = new ViewFold(view)
  for await (const transaction of readView({ ...range, until: position.offset }, view)) fold.push(transaction)
  const { image } = fold
  if (image !== null) return image
  const now = await rebuildGraph(ledger, graph)
  const published = activeIn(now).published.find((one) => one.view === view)
  const later: Committed[] = []
  for await (const transaction of readView({ ...range, until: now.position.offset }, view)) {
    if (transaction.position.offset > position.offset) later.push(transaction)
  }
  const last = (await viewSchemas(ledger.bus, graph)).get(view) ?? null
  if (published === undefined || last === null || !now.graph.views.isLive(view)) throw outOfReach(view, later.at(0) ?? null)
  const back = new ViewFold(view)
  back.start({ schema: last, rows: Array.from(published.output.rows(), ([, , row]) => row ?? []) })
  for (const transaction of later.toReversed()) if (!back.undo(transaction)) throw outOfReach(view, transaction)
  return back.image ?? { schema: last, rows: [] }
}

function outOfReach(view: string, oldest: Committed | null): SheetflowError {
  if (oldest === null) return new SheetflowError('ledger/out-of-reach', `what ${view} was before is trimmed, and nobody can read it now`)
  const { position, commit } = oldest
  const message = `what ${view} was before is trimmed: the oldest position that can be reached is ${position.offset}, ${commit.at}, where it was filled anew`
  return new SheetflowError('ledger/out-of-reach', message, { fix: `Ask --at ${position.offset} or later.`, details: { oldest: position } })
}
