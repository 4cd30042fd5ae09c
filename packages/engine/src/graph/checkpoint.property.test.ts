import type { Page } from '@sheetflow/core/ports/state-store'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { must } from '@sheetflow/core/assert'
import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { compileFrom } from '../testing/compile-from.ts'
import { expectRestored } from '../testing/expect-restored.ts'
import { GraphBench, NOW } from '../testing/graph-bench.ts'
import { anyTransaction } from '../testing/shop-history.ts'
import { SHOP } from '../testing/sketches.ts'
import { WHOLE } from '../testing/whole-sketch.ts'
import { Checkpoints, FORMAT } from './checkpoint.ts'
import { Graph } from './graph.ts'

const RUNS = runs(30, 500)
const GRAPH = boundGraph(SHOP)
const OUTPUT = { epoch: 1, offset: 1 }

describe('checkpoints', () => {
  it.each([
    ['', GRAPH],
    [', with whole columns as arrays', boundGraph(WHOLE)],
  ])('a graph that was restored goes on exactly as the one that was saved%s', async (_, graph) => {
    const history = fc.array(anyTransaction, { minLength: 2, maxLength: 20 })
    const property = fc.asyncProperty(history, fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }), (transactions, saves) =>
      expectRestored(graph, transactions, saves),
    )
    await expect(fc.assert(property, { numRuns: RUNS })).resolves.toBeUndefined()
  })

  it('writes only pages that changed', () => {
    const bench = new GraphBench({ a: GRAPH })
    bench.start('a', GRAPH)
    const checkpoints = new Checkpoints(bench.graph)
    bench.rows(['crm!public.regions', ['c', ['Poland', 'PL'], ['Poland', 'PL', '1.00'], null]])
    expect(checkpoints.take({}, OUTPUT, NOW)).toMatchObject({ full: true })
    const idle = must(checkpoints.take({}, OUTPUT, NOW))
    expect([idle.full, [...idle.pages], idle.dropped]).toEqual([false, [], []])
    bench.rows(['crm!public.regions', ['u', ['Poland', 'PL'], ['Poland', 'PL', '2.00'], null]])
    const delta = must(checkpoints.take({}, OUTPUT, NOW))
    expect(new Set([...delta.pages].map(({ id }) => (JSON.parse(id) as string[])[0]))).toEqual(new Set(['crm!public.regions']))
  })

  it('refuses another format', async () => {
    const graph = new Graph({ name: 'g', compile: compileFrom({ a: GRAPH }) })
    const head = { format: FORMAT + 1, inputs: {}, output: OUTPUT, meta: '{}' }
    const restoring = new Checkpoints(graph).restore({ head, pages: noPages })
    await expect(restoring).rejects.toMatchObject({ code: 'engine/checkpoint' })
  })
})

// oxlint-disable-next-line typescript/require-await -- an empty page list
async function* noPages(): AsyncIterable<Page> {
  yield* []
}
