import { breakRule } from '@sheetflow/core/breakage'
import { isDeepStrictEqual } from 'node:util'
import { fc } from '@sheetflow/testkit/fast-check'
import type { LiveRow, Publication } from '@sheetflow/core/wire'
import { afterEach, describe, expect, test } from 'vitest'
import { LiveList, type AnswerRow } from './live-list.ts'
import { RowTable } from './row-table.ts'

const KEYS = ['1', '2', '3', '4']
type State = ReadonlyMap<string, number>

/** States of a view after each transaction: which keys match the list's predicate, with which value. */
const states = fc.array(fc.dictionary(fc.constantFrom(...KEYS), fc.integer({ min: 0, max: 9 })), { minLength: 2, maxLength: 12 })

/** What a transaction says to the list: one publication at its offset. */
function publication(o: number, before: State, after: State): Publication {
  const rows: LiveRow[] = []
  for (const key of KEYS) {
    const [was, is] = [before.get(key), after.get(key)]
    if (was === undefined && is !== undefined) rows.push(['c', [key], { id: key, n: is }])
    else if (was !== undefined && is === undefined) rows.push(['d', [key], null])
    else if (was !== is && is !== undefined) rows.push(['u', [key], { n: is }])
  }
  return { o, rows }
}

function answerOf(state: State): AnswerRow[] {
  return [...state].map(([id, n]) => ({ key: [id], cells: { id, n } }))
}

function shown(list: LiveList): Record<string, unknown> {
  return Object.fromEntries([...list.members].map(([, row]) => [row.key[0], row.cells.get('n')?.value]))
}

/**
 * A server that can only say "from here or a little earlier" (a Centrifugo with offsets of its own): publications that the answer holds
 * already come again, one by one, before those that it does not.
 */
function replay(versions: readonly State[], start: { readonly from: number; readonly at: number }): LiveList {
  const list = new LiveList(new RowTable(), 'space')
  list.replace(answerOf(versions[start.at] as State), start.at)
  for (let o = start.from + 1; o < versions.length; o++) list.apply(publication(o, versions[o - 1] as State, versions[o] as State))
  return list
}

/** What comes again is not seen: the list shows the answer as long as nothing newer comes. */
function staysAtTheAnswer(versions: readonly State[], start: { readonly from: number; readonly at: number }): boolean {
  const truth = Object.fromEntries(versions[start.at] as State)
  for (let end = start.from + 1; end <= start.at; end++) {
    const list = new LiveList(new RowTable(), 'space')
    list.replace(answerOf(versions[start.at] as State), start.at)
    for (let o = start.from + 1; o <= end; o++) list.apply(publication(o, versions[o - 1] as State, versions[o] as State))
    if (!isDeepStrictEqual(shown(list), truth)) return false
  }
  return true
}

const scenario = states.chain((given) => {
  const versions = given.map((one) => new Map(Object.entries(one)))
  return fc
    .tuple(fc.nat(versions.length - 1), fc.nat(versions.length - 1))
    .map(([a, b]) => ({ versions, from: Math.min(a, b), at: Math.max(a, b) }))
})

describe('client rule', () => {
  afterEach(() => breakRule(null))

  test('an answer and publications that overlap with it in any way end in the truth', () => {
    fc.assert(
      fc.property(scenario, ({ versions, from, at }) => {
        const list = replay(versions, { from, at })
        expect(shown(list)).toEqual(Object.fromEntries(versions.at(-1) as State))
      }),
    )
  })

  test('at no time is the list or a cell taken back behind the answer', () => {
    fc.assert(
      fc.property(scenario, ({ versions, from, at }) => {
        expect(staysAtTheAnswer(versions, { from, at })).toBe(true)
      }),
    )
  })

  test.each([
    ['lists', 'list-offsets'],
    ['cells', 'cell-offsets'],
  ] as const)('without the offsets of %s it would be noticed', (_name, rule) => {
    breakRule(rule)
    const wrong = fc.check(
      fc.property(scenario, ({ versions, from, at }) => staysAtTheAnswer(versions, { from, at })),
      { numRuns: 2000 },
    )
    expect(wrong.failed).toBe(true)
  })

  test('two lists share their rows, and a row that no list holds is forgotten', () => {
    fc.assert(
      fc.property(states, fc.array(fc.boolean()), (given, turns) => {
        const table = new RowTable()
        const lists = [new LiveList(table, 'space'), new LiveList(table, 'space')] as const
        let before: State = new Map()
        for (const [o, one] of given.entries()) {
          const after = new Map(Object.entries(one))
          for (const list of turns[o] === true ? lists.toReversed() : lists) list.apply(publication(o + 1, before, after))
          before = after
          expect(table.size).toBe(after.size)
          for (const [id, row] of lists[0].members) expect(lists[1].members.get(id)).toBe(row)
        }
        lists[0].close()
        lists[1].close()
        expect(table.size).toBe(0)
      }),
    )
  })
})
