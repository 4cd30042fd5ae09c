import type { BoundGraph } from '@sheetflow/formula/bound'
import { GraphBench } from './graph-bench.ts'
import type { TableChange } from './shop-history.ts'
import { World } from './world.ts'

type History = readonly (readonly TableChange[])[]

/** Law 2: after every step readers hold what a recomputation says. */
export function expectEveryStep(graph: BoundGraph, history: History): void {
  const bench = new GraphBench({ a: graph })
  const world = new World(graph)
  bench.start('a', graph)
  world.expectRead(bench.reader)
  for (const changes of history) {
    bench.rows(...changes)
    world.apply(changes)
    world.expectRead(bench.reader)
  }
}

/** Law 3: the end is the same wherever steps end. `cuts[i]`: one ends behind transaction `i`. */
export function expectWhateverCuts(graph: BoundGraph, history: History, cuts: readonly boolean[]): void {
  const bench = new GraphBench({ a: graph })
  const world = new World(graph)
  bench.start('a', graph)
  for (const [i, changes] of history.entries()) {
    bench.enter(...changes)
    world.apply(changes)
    if (cuts[i] === true) bench.commit()
  }
  bench.commit()
  world.expectRead(bench.reader)
}

/** Does a step in which everything comes and goes leave nothing? */
export function leavesNothing(graph: BoundGraph, history: History): boolean {
  const bench = new GraphBench({ a: graph })
  bench.start('a', graph)
  for (const changes of history) bench.enter(...changes)
  bench.enter(...graph.tables.map(({ id }) => [id, ['t', null, null, null]] as const))
  return bench.commit().views.length === 0
}

/** A deployment that comes before transaction `at` is filled from the rows that are there, and right at the end. */
export function expectFilled(graph: BoundGraph, other: BoundGraph, history: History, at: number): void {
  const bench = new GraphBench({ a: graph, b: other })
  const world = new World(other)
  bench.start('a', graph)
  for (const [i, changes] of history.entries()) {
    if (i === at % history.length) bench.deploy('b')
    bench.rows(...changes)
    world.apply(changes)
  }
  world.expectRead(bench.reader)
}
