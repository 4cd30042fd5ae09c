import type { Expectation } from '@sheetflow/client'
import type { JsonValue } from '@sheetflow/core/value'
import type { RowScope } from './scope.ts'

/** A template of a payload or an expectation with values of the row put in: the text `"$row.id"` becomes the row's value as it is. */
function filled(template: unknown, scope: RowScope | null): unknown {
  if (typeof template === 'string' && template.startsWith('$row.')) return scope?.row.values[template.slice('$row.'.length)] ?? null
  if (Array.isArray(template)) return template.map((one) => filled(one, scope))
  if (typeof template !== 'object' || template === null) return template
  return Object.fromEntries(Object.entries(template).map(([name, value]) => [name, filled(value, scope)]))
}

/** The payload of a button; `{}` if it has none. Throws what `JSON.parse` throws. */
export function payloadOf(text: string | null, scope: RowScope | null): Readonly<Record<string, JsonValue>> {
  return (text === null ? {} : filled(JSON.parse(text), scope)) as Readonly<Record<string, JsonValue>>
}

/**
 * What a button lets one expect of its row: `leaves`, the values that it will have (`{"status": "shipped"}`), or a list of expectations about any
 * rows (`[{"view": "sales.orders", "key": ["$row.id"], "values": {}}]`). Without any the row is marked as pending.
 */
export function expectationsOf(text: string | null, scope: RowScope | null): Expectation[] {
  if (text !== null && text.trim().startsWith('[')) return filled(JSON.parse(text), scope) as Expectation[]
  if (scope === null || scope.field.view === null) return []
  const values = text === 'leaves' ? null : text === null || text === '' ? {} : (filled(JSON.parse(text), scope) as Expectation['values'])
  return [{ view: scope.field.view, key: scope.row.key, values }]
}
