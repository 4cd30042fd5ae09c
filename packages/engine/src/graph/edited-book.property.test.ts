import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { expect, it } from 'vitest'
import { DeploymentBench } from '../testing/deployment-bench.ts'
import { EditedBook, PLACES } from '../testing/edited-book.ts'
import type { BookEdit } from '../testing/edited-book.ts'
import { anyTransaction, fullTransaction, oneCellTransaction } from '../testing/shop-history.ts'
import type { TableChange } from '../testing/shop-history.ts'

type Event =
  | { readonly kind: 'rows'; readonly changes: readonly TableChange[] }
  /** Several edits are one deployment. `waits`: it runs beside the other one until something activates it. */
  | { readonly kind: 'edit'; readonly edits: readonly BookEdit[]; readonly waits: boolean }
  | { readonly kind: 'activate' }
  | { readonly kind: 'day'; readonly day: number }
  | { readonly kind: 'restart' }

const rows = fc
  .oneof(anyTransaction, oneCellTransaction, { weight: 1, arbitrary: fullTransaction })
  .map((changes): Event => ({ kind: 'rows', changes }))
const edit = fc.record({ place: fc.nat(PLACES - 1), to: fc.nat(3) })
const edits = fc
  .tuple(fc.array(edit, { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([all, waits]): Event => ({ kind: 'edit', edits: all, waits }))
const events = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: rows },
    { weight: 5, arbitrary: edits },
    { weight: 2, arbitrary: fc.constant<Event>({ kind: 'activate' }) },
    { weight: 1, arbitrary: fc.integer({ min: 20, max: 27 }).map((day): Event => ({ kind: 'day', day })) },
    { weight: 1, arbitrary: fc.constant<Event>({ kind: 'restart' }) },
  ),
  { minLength: 2, maxLength: 25 },
)

it('a book that is edited in any order under a stream of changes is at any time what a recomputation of it says', async () => {
  const property = fc.asyncProperty(fullTransaction, events, async (first, all) => {
    const book = new EditedBook()
    const graph = new DeploymentBench(book.version, book.graph())
    graph.rows(...first)
    for (const event of all) {
      if (event.kind === 'rows') graph.rows(...event.changes)
      else if (event.kind === 'activate') graph.activate()
      else if (event.kind === 'day') graph.tick(`2026-11-${event.day}T23:00:00.000000Z`)
      else if (event.kind === 'restart') await graph.restart()
      else {
        for (const one of event.edits) book.edit(one)
        graph.prepare(book.version, book.graph())
        if (!event.waits) graph.activate()
      }
      graph.world.expectRead(graph.reader)
    }
  })
  await expect(fc.assert(property, { numRuns: runs(25, 1_000) })).resolves.toBeUndefined()
})
