import { SheetflowError } from '@sheetflow/core/errors'
import type { FoundCommit } from '@sheetflow/engine/ledger/find-commit'
import { readView, viewSchemas, type Committed } from '@sheetflow/engine/ledger/read-output'
import { ViewFold, type ViewImage } from '@sheetflow/engine/ledger/view-image'
import type { Rebuilt } from '@sheetflow/engine/ledger/rebuild'
import { lendState } from '../registry.ts'
import { rebuildGraph, type Ledger } from './open-ledger.ts'

/**
 * What the readers of a view had at a commit. Of a moment behind the last checkpoint the state is rebuilt from that; of an earlier one the view's changes are put
 * one on another since its generation began; where that is trimmed, the view as it is now has the changes since taken back. `ledger/out-of-reach` where the view has
 * been filled anew since, and what was before is trimmed.
 */
export async function viewAt(ledger: Ledger, graph: string, view: string, { position }: FoundCommit): Promise<ViewImage> {
  const range = { bus: ledger.bus, graph, signal: ledger.signal }
  if (await hasCheckpointBefore(ledger, graph, position.offset)) {
    const image = await imageIn(ledger, await rebuildGraph(ledger, graph, { until: position.offset }), view)
    if (image !== null) return image
  }
  const fold = new ViewFold(view)
  for await (const transaction of readView({ ...range, until: position.offset }, view)) fold.push(transaction)
  return fold.image ?? (await backwards(ledger, graph, view, position.offset))
}

async function backwards(ledger: Ledger, graph: string, view: string, until: number): Promise<ViewImage> {
  const now = await rebuildGraph(ledger, graph)
  const later: Committed[] = []
  for await (const transaction of readView({ bus: ledger.bus, graph, signal: ledger.signal, until: now.position.offset }, view)) {
    if (transaction.position.offset > until) later.push(transaction)
  }
  const image = await imageIn(ledger, now, view)
  if (image === null) throw outOfReach(view, null)
  const back = new ViewFold(view)
  back.start(image)
  for (const transaction of later.toReversed()) if (!back.undo(transaction)) throw outOfReach(view, transaction)
  return back.image ?? image
}

async function hasCheckpointBefore({ places }: Ledger, graph: string, offset: number): Promise<boolean> {
  using lent = await lendState(places, graph)
  return lent.checkpoint !== null && lent.checkpoint.head.output.offset <= offset
}

/** The view as it is in a rebuilt graph; null: it is not filled there, or it is of a generation whose schema readers have forgotten. */
async function imageIn({ bus }: Ledger, { graph }: Rebuilt, view: string): Promise<ViewImage | null> {
  const published = graph.active?.published.find((one) => one.view === view)
  const schema = (await viewSchemas(bus, graph.name)).get(view)
  const generation = graph.views.save()[view]?.generation
  if (published === undefined || schema === undefined || schema.generation !== generation || !graph.views.isLive(view)) return null
  return { schema, rows: Array.from(published.output.rows(), ([, , row]) => row ?? []) }
}

function outOfReach(view: string, oldest: Committed | null): SheetflowError {
  if (oldest === null) return new SheetflowError('ledger/out-of-reach', `what ${view} was before is trimmed, and nobody can read it now`)
  const { position, commit } = oldest
  const message = `what ${view} was before is trimmed: the oldest position that can be reached is ${position.offset}, ${commit.at}, where it was filled anew`
  return new SheetflowError('ledger/out-of-reach', message, { fix: `Ask --at ${position.offset} or later.`, details: { oldest: position } })
}
