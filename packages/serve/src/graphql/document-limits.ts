import { Kind } from 'graphql'
import type { DocumentNode, FragmentDefinitionNode, SelectionSetNode } from 'graphql'
import type { ServeLimits } from '../limits.ts'

/** What was seen while the limits were checked. */
export interface DocumentShape {
  readonly introspects: boolean
}

/**
 * Checks depth, aliases and repeated fields of a parsed document, before it is validated: validation compares fields of a name with each other
 * (S02, S03). The text says which limit was passed.
 */
export function checkShape(document: DocumentNode, limits: ServeLimits): DocumentShape | string {
  const walk = new Walk(document, limits)
  return walk.run(document)
}

/** Fragments that one document may spread, each time counted. */
const MAX_SPREADS = 200
const MAX_DIRECTIVES = 50

class Walk {
  readonly #limits: ServeLimits
  readonly #fragments = new Map<string, FragmentDefinitionNode>()
  readonly #depths = new Map<string, number>()
  #introspects = false
  #aliases = 0
  #spreads = 0
  #directives = 0
  #duplicates = 0

  constructor(document: DocumentNode, limits: ServeLimits) {
    this.#limits = limits
    for (const node of document.definitions) if (node.kind === Kind.FRAGMENT_DEFINITION) this.#fragments.set(node.name.value, node)
  }

  run(document: DocumentNode): DocumentShape | string {
    let depth = 0
    for (const node of document.definitions) {
      if (node.kind === Kind.OPERATION_DEFINITION) depth = Math.max(depth, this.#depth(node.selectionSet, true))
      else if (node.kind === Kind.FRAGMENT_DEFINITION) this.#fragmentDepth(node.name.value)
      else return 'a request holds operations and fragments only'
    }
    if (depth > this.#limits.depth) return `fields stand deeper than ${this.#limits.depth}`
    if (this.#aliases > this.#limits.aliases) return `there are more than ${this.#limits.aliases} aliases`
    if (this.#duplicates > this.#limits.duplicates) return `a field is repeated more than ${this.#limits.duplicates} times`
    if (this.#spreads > MAX_SPREADS) return `fragments are spread more than ${MAX_SPREADS} times`
    if (this.#directives > MAX_DIRECTIVES) return `there are more than ${MAX_DIRECTIVES} directives`
    return { introspects: this.#introspects }
  }

  /** Introspection is as deep as it is: its fields do not count. */
  #depth(set: SelectionSetNode, root: boolean): number {
    const names = new Map<string, number>()
    let deepest = 0
    for (const node of set.selections) {
      this.#directives += node.directives?.length ?? 0
      if (node.kind === Kind.FRAGMENT_SPREAD) {
        this.#spreads += 1
        deepest = Math.max(deepest, this.#fragmentDepth(node.name.value))
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        this.#spreads += 1
        deepest = Math.max(deepest, this.#depth(node.selectionSet, root))
      } else {
        const name = node.alias?.value ?? node.name.value
        names.set(name, (names.get(name) ?? 0) + 1)
        if (node.alias !== undefined) this.#aliases += 1
        const hidden = node.name.value.startsWith('__')
        if (hidden && node.name.value !== '__typename') this.#introspects = true
        if (node.selectionSet !== undefined && !hidden) deepest = Math.max(deepest, 1 + this.#depth(node.selectionSet, false))
        else deepest = Math.max(deepest, 1)
      }
    }
    for (const count of names.values()) this.#duplicates = Math.max(this.#duplicates, count)
    return deepest
  }

  #fragmentDepth(name: string): number {
    const known = this.#depths.get(name)
    if (known !== undefined) return known
    // Fragments that spread each other in a circle are refused by validation; here they only must not recurse for ever.
    this.#depths.set(name, 0)
    const fragment = this.#fragments.get(name)
    const depth = fragment === undefined ? 0 : this.#depth(fragment.selectionSet, false)
    this.#depths.set(name, depth)
    return depth
  }
}
