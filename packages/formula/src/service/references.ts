import type { Scope } from '../bind/scope.ts'
import type { RelationId } from '../bound.ts'
import type { Range } from '../diagnostic.ts'
import { parseFormula } from '../syntax/parse.ts'
import { occurrencesOf } from './occurrences.ts'

/**
 * What a formula reads: a column, a table or sheet, a value or function under `values`. `relation` is null where the name is not known.
 * `range` is the place of the name itself; `row`: only its value in the row at hand (`[@x]`).
 */
export type FoundReference = { readonly range: Range; readonly name: string } & (
  | { readonly kind: 'column'; readonly relation: RelationId | null; readonly row: boolean }
  | { readonly kind: 'table'; readonly relation: RelationId | null }
  | { readonly kind: 'value' }
)

/** Everything that a formula reads, in the order of its text, each place once. Names of LET and LAMBDA and functions of Excel are not among it. */
export function references(text: string, scope: Scope): readonly FoundReference[] {
  return occurrencesOf(parseFormula(text), scope).flatMap((one): FoundReference[] => {
    const { range, name } = one
    switch (one.kind) {
      case 'column':
        return [{ kind: 'column', range, name, relation: one.relation?.id ?? null, row: one.reference.row }]
      case 'table':
        return [{ kind: 'table', range, name, relation: one.relation?.id ?? null }]
      case 'value':
        return [{ kind: 'value', range, name }]
      default:
        return []
    }
  })
}
