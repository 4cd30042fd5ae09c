import { isCellError } from '@sheetflow/core/cell-error'
import { fold } from '@sheetflow/core/fold'
import { compareNumbers, isNumber } from '@sheetflow/core/number'
import { Decimal } from '@sheetflow/core/decimal'
import type { Value } from '@sheetflow/core/value'
import type { Criterion } from '@sheetflow/formula/bound'
import { lookupKey } from '../operators/match-key.ts'
import type { MatchKey } from '../operators/match-key.ts'

/** What a criterion with a known value asks of a cell. */
export type Matcher =
  /** Equal by the key of `criterionKey`. */
  { readonly kind: 'equals'; readonly key: MatchKey } | { readonly kind: 'test'; readonly test: (cell: Value) => boolean }

/** Normal form of a cell for criteria that are equalities; null: no equality can meet it. */
export function criterionKey(cell: Value): MatchKey | null {
  if (cell === null || isCellError(cell)) return null
  if (typeof cell === 'string') {
    const n = Decimal.tryParse(cell)
    return n === null ? lookupKey(cell) : lookupKey(n)
  }
  return lookupKey(cell)
}

/** The matcher of a criterion. */
export function matcherOf(op: Criterion['op'], value: Value): Matcher {
  let sign = op
  let bound = value
  if (op === 'criterion' && typeof value === 'string') {
    const m = /^(<>|<=|>=|<|>|=)?(.*)$/s.exec(value)
    sign = (m?.[1] ?? '=') as Criterion['op']
    bound = m?.[2] ?? ''
    const n = Decimal.tryParse(bound)
    if (n !== null) bound = n
  }
  if (sign === '=' || sign === 'criterion') return { kind: 'equals', key: criterionKey(bound) ?? '\0never' }
  const key = criterionKey(bound)
  if (sign === '<>') return { kind: 'test', test: (cell) => criterionKey(cell) !== key }
  const holds = { '<': (n: number) => n < 0, '<=': (n: number) => n <= 0, '>': (n: number) => n > 0, '>=': (n: number) => n >= 0 }[sign]
  return {
    kind: 'test',
    test: (cell) => {
      if (isNumber(cell) && isNumber(bound)) return holds(compareNumbers(cell, bound))
      if (typeof cell === 'string' && typeof bound === 'string')
        return holds(fold(cell) < fold(bound) ? -1 : fold(cell) > fold(bound) ? 1 : 0)
      return false
    },
  }
}
