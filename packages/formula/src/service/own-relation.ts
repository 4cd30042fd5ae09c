import type { Scope, ScopeRelation } from '../bind/scope.ts'
import type { OpenCall } from './open-calls.ts'

/** The table of a reference that names none: this sheet, or, where there is no row, what FILTER is given around the cursor. */
export function ownRelation(open: readonly OpenCall[], scope: Scope): ScopeRelation | null {
  if (scope.row !== null) return scope.row
  const filter = open.findLast((call) => call.name?.text.toUpperCase() === 'FILTER' && call.args.length > 1)
  const [first, , third] = filter?.args[0] ?? []
  if (first?.kind !== 'name' && first?.kind !== 'quoted') return null
  const isSourced = third?.kind === 'name' || third?.kind === 'quoted'
  const found = isSourced ? scope.relation(first.text, third.text) : scope.relation(null, first.text)
  return found?.kind === 'relation' ? found.relation : null
}
