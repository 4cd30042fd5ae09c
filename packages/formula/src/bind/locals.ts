import type { ExprType } from '../bound.ts'
import type { Node } from '../syntax/node.ts'

/** A function given by LAMBDA: its parameters, its formula, and the names that were known where it was written. */
export interface Lambda {
  readonly params: readonly string[]
  readonly body: Node
  readonly locals: Locals
  /** The name under `values`, for messages and to find recursion; null for one written in place. */
  readonly name: string | null
}

/** What a name inside a formula stands for: a value computed once, a function, or a column or table by another name. */
export type Local =
  | { readonly kind: 'value'; readonly slot: number; readonly type: ExprType }
  | { readonly kind: 'lambda'; readonly lambda: Lambda }
  | { readonly kind: 'alias'; readonly node: Node; readonly locals: Locals }

/** Names that are known at one place of a formula. Immutable: inner names hide outer ones. */
export class Locals {
  static readonly NONE: Locals = new Locals(null, '', null)

  readonly #outer: Locals | null
  readonly #name: string
  readonly #local: Local | null

  private constructor(outer: Locals | null, name: string, local: Local | null) {
    this.#outer = outer
    this.#name = name
    this.#local = local
  }

  with(name: string, local: Local): Locals {
    return new Locals(this, name.toLowerCase(), local)
  }

  find(name: string): Local | undefined {
    const wanted = name.toLowerCase()
    // Walked, not recursed: a LET may define many names.
    for (let at: Locals | null = this; at !== null; at = at.#outer) {
      if (at.#local !== null && at.#name === wanted) return at.#local
    }
    return undefined
  }

  names(): string[] {
    const names: string[] = []
    for (let at: Locals | null = this; at !== null; at = at.#outer) if (at.#local !== null) names.push(at.#name)
    return names
  }
}
