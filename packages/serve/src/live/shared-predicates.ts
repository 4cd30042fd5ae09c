import { stableJson } from '@sheetflow/core/json-text'
import type { RowJson } from '@sheetflow/core/message'
import { compileRowPredicate } from '@sheetflow/core/predicate-eval'
import type { Predicate } from '@sheetflow/core/predicate'
import type { TableSchema } from '@sheetflow/core/schema'

/** A compiled predicate that several channels use. */
export interface SharedPredicate {
  readonly key: string
  readonly holds: (row: RowJson) => boolean
}

/**
 * Compiled predicates, equal ones once. What is left to test beside a path is often the same for very many channels (`tenant = 1`), and one
 * function that runs all the time is faster than a hundred thousand equal ones.
 */
export class SharedPredicates {
  readonly #schema: TableSchema
  readonly #shared = new Map<string, { readonly predicate: SharedPredicate; users: number }>()

  constructor(schema: TableSchema) {
    this.#schema = schema
  }

  /** The predicate, which is used until it is given back. */
  take(predicate: Predicate): SharedPredicate {
    const key = stableJson(predicate)
    let shared = this.#shared.get(key)
    if (shared === undefined) {
      shared = { predicate: { key, holds: compileRowPredicate(predicate, this.#schema) }, users: 0 }
      this.#shared.set(key, shared)
    }
    shared.users += 1
    return shared.predicate
  }

  give({ key }: SharedPredicate): void {
    const shared = this.#shared.get(key)
    if (shared === undefined) return
    shared.users -= 1
    if (shared.users === 0) this.#shared.delete(key)
  }
}
