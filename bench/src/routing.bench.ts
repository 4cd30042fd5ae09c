import type { RowChange, RowJson } from '@sheetflow/core/message'
import type { Predicate } from '@sheetflow/core/predicate'
import { compileRowPredicate } from '@sheetflow/core/predicate-eval'
import type { TableSchema } from '@sheetflow/core/schema'
import { PredicateIndex } from '@sheetflow/serve/live/predicate-index'
import { Random } from '@sheetflow/testkit/random'
import { compare } from './lib/measure.ts'
import type { Contender, Figure } from './lib/measure.ts'

/**
 * Changes routed to the predicates that hold before or after them. The rival asks each predicate, which nobody could do with as many: it gets a
 * hundredth of them, as its name says.
 */
export default async function* routing(): AsyncIterable<Figure> {
  for (const { name, predicate } of CASES) {
    const changes = updates()
    yield* await compare({
      bench: 'routing',
      case: name,
      unit: 'changes/CPU-s',
      perCpuSecond: true,
      contenders: [indexed(predicate, changes), bruteForce(predicate, changes)],
    })
  }
}

const PREDICATES = 100_000
const BRUTE_PREDICATES = 1_000
/** Routed over and over: in a running gateway a change has just been read, and lies in the processor's cache. */
const CHANGES = 10_000
const ROUNDS = 40
const VALUES = 1_000_000

type MakePredicate = (random: () => number) => Predicate

const CASES: readonly { readonly name: string; readonly predicate: MakePredicate }[] = [
  {
    name: '100,000 equalities, one a customer',
    predicate: (random) => ({ op: 'eq', column: 'customer_id', value: Math.floor(random() * PREDICATES) }),
  },
  {
    name: '100,000 ranges of totals',
    predicate: (random) => {
      const low = Math.floor(random() * VALUES)
      return { op: 'between', column: 'total', low, high: low + Math.floor(random() * 20) }
    },
  },
]

const SCHEMA: TableSchema = {
  v: 1,
  table: 'sales.orders',
  schema: 1,
  hash: 'bench',
  key: ['id'],
  columns: [
    { name: 'id', id: 1, type: 'int', null: false },
    { name: 'customer_id', id: 2, type: 'int', null: true },
    { name: 'total', id: 3, type: 'int', null: true },
    { name: 'status', id: 4, type: 'text', null: true },
  ],
}

/** Orders that change their total; one in ten changes its customer too. */
function updates(): RowChange[] {
  const random = new Random(11).next
  return Array.from({ length: CHANGES }, (_, id) => {
    const before: RowJson = [id, Math.floor(random() * PREDICATES), Math.floor(random() * VALUES), 'open']
    const customer = random() < 0.1 ? Math.floor(random() * PREDICATES) : (before[1] ?? null)
    return ['u', [id], [id, customer, Math.floor(random() * VALUES), 'open'], before]
  })
}

function indexed(predicate: MakePredicate, changes: readonly RowChange[]): Contender {
  const random = new Random(3).next
  const index = new PredicateIndex<number>(SCHEMA)
  for (let item = 0; item < PREDICATES; item++) index.add(item, predicate(random))
  let hits = 0
  return {
    who: 'sheetflow',
    run: () => {
      for (let round = 0; round < ROUNDS; round++) {
        for (const [, , after, before] of changes) index.match(before, after, () => (hits += 1))
      }
      if (hits === 0) throw new Error('nothing was routed')
      return { items: changes.length * ROUNDS }
    },
  }
}

function bruteForce(predicate: MakePredicate, changes: readonly RowChange[]): Contender {
  const random = new Random(3).next
  const tests = Array.from({ length: BRUTE_PREDICATES }, () => compileRowPredicate(predicate(random), SCHEMA))
  let hits = 0
  return {
    who: `brute force, ${BRUTE_PREDICATES.toLocaleString('en-US')} predicates`,
    run: () => {
      for (const [, , after, before] of changes) {
        for (const holds of tests) if ((before !== null && holds(before)) || (after !== null && holds(after))) hits += 1
      }
      return { items: changes.length }
    },
  }
}
