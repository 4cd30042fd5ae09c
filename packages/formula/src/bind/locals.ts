import type { Expr } from '../bound.ts'
import type { Node } from '../syntax/node.ts'

/** A function given by LAMBDA: its parameters, its formula, and the names that were known where it was written. */
export interface Lambda {
  readonly params: readonly string[]
  /** So many of them must be given; those behind may be left out (`LAMBDA(x, [y], …)`). */
  readonly required: number
  readonly body: Node
  readonly locals: Locals
  /** The name under `values`, for messages and to find recursion; null for one written in place. */
  readonly name: string | null
}

/** What a name inside a formula stands for: a value (read from its slot, or one that costs nothing), a function, or a column or table by another name. */
export type Local =
  | { readonly kind: 'value'; readonly expr: Expr }
  | { readonly kind: 'lambda'; readonly lambda: Lambda }
  | { readonly kind: 'alias'; readonly node: Node; readonly locals: Locals }

/** Names that are known at one place of a formula, letter case aside. Immutable: inner names hide outer ones. */
export class Locals {
  static readonly NONE: Locals = new Locals(new Map())

  readonly #known: ReadonlyMap<string, Local>

  private constructor(known: ReadonlyMap<string, Local>) {
    this.#known = known
  }

  with(name: string, local: Local): Locals {
    return new Locals(new Map([...this.#known, [name.toLowerCase(), local]]))
  }

  find(name: string): Local | undefined {
    return this.#known.get(name.toLowerCase())
  }

  names(): readonly string[] {
    return [...this.#known.keys()]
  }
}
