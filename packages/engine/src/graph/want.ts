import type { KeyJson } from '@sheetflow/core/message'

/**
 * A message that should stand in an inbox because of what this graph's state is. Wants are state, not events: after a restart they are still
 * there; `id` makes the message one, however often it is sent.
 */
export type Want =
  /** The prepared deployment is filled: swap. */
  | { readonly kind: 'activate'; readonly id: string; readonly version: string }
  /** Rows that a sheet needs went by before anybody read them. */
  | { readonly kind: 'resnapshot'; readonly id: string; readonly source: string; readonly tables: readonly string[] }
  /** A row came without a column that did not change, and there is no row here to take it from. */
  | {
      readonly kind: 'reread'
      readonly id: string
      readonly source: string
      readonly table: string
      readonly keys: readonly (readonly string[])[]
    }

/** A key as the exact text that a source compares. */
export function exactKey(key: KeyJson): readonly string[] {
  return key.map((part) => (typeof part === 'string' ? part : JSON.stringify(part)))
}
