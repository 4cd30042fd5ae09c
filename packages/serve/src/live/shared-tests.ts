import { stableJson } from '@sheetflow/core/json-text'
import type { RowJson } from '@sheetflow/core/message'
import { compileRowPredicate } from '@sheetflow/core/predicate-eval'
import type { Predicate } from '@sheetflow/core/predicate'
import type { TableSchema } from '@sheetflow/core/schema'

/** A compiled predicate that several channels use. */
export interface SharedTest {
  readonly key: string
  readonly holds: (row: RowJson) => boolean
}

/**
 * Compiled predicates, equal ones once. What is left to test beside a path is often the same for very many channels (`tenant = 1`), and one
 * function that runs all the time is faster than a hundred thousand equal ones.
 */
export class SharedTests {
  readonly #schema: TableSchema
  readonly #tests = new Map<string, { readonly test: SharedTest; users: number }>()

  constructor(schema: TableSchema) {
    this.#schema = schema
  }

  /** The test, which is used until it is given back. */
  take(predicate: Predicate): SharedTest {
    const key = stableJson(predicate)
    let shared = this.#tests.get(key)
    if (shared === undefined) {
      shared = { test: { key, holds: compileRowPredicate(predicate, this.#schema) }, users: 0 }
      this.#tests.set(key, shared)
    }
    shared.users += 1
    return shared.test
  }

  give({ key }: SharedTest): void {
    const shared = this.#tests.get(key)
    if (shared === undefined) return
    shared.users -= 1
    if (shared.users === 0) this.#tests.delete(key)
  }
}
