import type { Claims } from '@sheetflow/core/ports/host'
import { bindClaims } from '@sheetflow/core/predicate-claims'
import { ALWAYS, NEVER } from '@sheetflow/core/predicate'
import type { Predicate } from '@sheetflow/core/predicate'
import type { SheetSchema } from '@sheetflow/core/schema'
import type { Catalogue } from '../catalogue/catalogue.ts'
import type { Rights, RightsOf } from '../live/subscription-tokens.ts'

/** The role of a reader whose token names none. No rule is named so, so it reads nothing but its receipts. */
export const NO_ROLE = ''

/** What a reader may see of a view: the rule of its role with its claims put in; null if there is no such rule. */
export function rightsTo(schema: SheetSchema, claims: Claims): Rights | null {
  const role = claims.role ?? NO_ROLE
  if (isReceipts(schema)) return { role, rows: ownRows(claims), hide: [] }
  const rule = schema.read !== undefined && Object.hasOwn(schema.read, role) ? schema.read[role] : undefined
  if (rule === undefined) return null
  const rows: Predicate = rule.rows === null ? ALWAYS : bindClaims(rule.rows, claims.all, schema.columns)
  return { role, rows, hide: rule.hide }
}

/** `rightsTo` for a generation that may be one of the past; null if it is not known any more. */
export function rightsIn(catalogue: Catalogue): RightsOf {
  return (view, generation, claims) => {
    const schema = catalogue.generation(view, generation)
    return schema === undefined ? null : rightsTo(schema, claims)
  }
}

function isReceipts(schema: SheetSchema): boolean {
  return schema.table.endsWith('._receipts')
}

function ownRows({ user }: Claims): Predicate {
  return user === null ? NEVER : { op: 'eq', column: 'user', value: user }
}
