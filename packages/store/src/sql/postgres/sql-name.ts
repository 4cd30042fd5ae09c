import { assert } from '@sheetflow/core/assert'

/** The store's schema as an identifier. It comes from the configuration, which allows nothing that would need more than quotes. */
export function schemaName(schema: string): string {
  assert(/^[a-z][a-z0-9_]{0,62}$/.test(schema), 'a schema is named as the configuration allows')
  return `"${schema}"`
}
