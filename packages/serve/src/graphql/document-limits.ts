import { Kind } from 'graphql'
import type { DocumentNode, FieldNode, FragmentDefinitionNode, SelectionSetNode } from 'graphql'
import type { ServeLimits } from '../limits.ts'

/** What was seen while the limits were checked. */
export interface DocumentShape {
  readonly introspects: boolean
}

/**
 * Checks depth, size, aliases and repeated fields of a parsed document, before it is validated: validation compares fields of a name with each other
 * (S02, S03). The text says which limit was passed.
 */
export function checkShape(document: DocumentNode, limits: ServeLimits): DocumentShape | string {
  const walk = new Walk(document, limits)
  return walk.run(document)
}

/** Fragments that one document may spread, each time counted. */
const MAX_SPREADS = 200
const MAX_DIRECTIVES = 50

/** How deep fields stand, and how many they are with all fragments written out: counted, never written out. */
interface Measure {
  readonly depth: number
  readonly fields: number
}

const NOTHING: Measure = { depth: 0, fields: 0 }

class Walk {
  readonly #limits: ServeLimits
  readonly #fragments = new Map<string, FragmentDefinitionNode>()
  readonly #measured = new Map<string, Measure>()
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
    let whole = NOTHING
    for (const node of document.definitions) {
      if (node.kind === Kind.OPERATION_DEFINITION) whole = beside(whole, this.#set(node.selectionSet))
      else if (node.kind === Kind.FRAGMENT_DEFINITION) this.#fragment(node.name.value)
      else return 'a request holds operations and fragments only'
    }
    const { depth, fields, aliases, duplicates } = this.#limits
    if (whole.depth > depth) return `fields stand deeper than ${depth}`
    if (whole.fields > fields) return `with its fragments written out it has more than ${fields} fields`
    if (this.#aliases > aliases) return `there are more than ${aliases} aliases`
    if (this.#duplicates > duplicates) return `a field is repeated more than ${duplicates} times`
    if (this.#spreads > MAX_SPREADS) return `fragments are spread more than ${MAX_SPREADS} times`
    if (this.#directives > MAX_DIRECTIVES) return `there are more than ${MAX_DIRECTIVES} directives`
    return { introspects: this.#introspects }
  }

  #set(set: SelectionSetNode): Measure {
    const names = new Map<string, number>()
    let whole = NOTHING
    for (const node of set.selections) {
      this.#directives += node.directives?.length ?? 0
      if (node.kind === Kind.FIELD) {
        const name = node.alias?.value ?? node.name.value
        names.set(name, (names.get(name) ?? 0) + 1)
        whole = beside(whole, this.#field(node))
        continue
      }
      this.#spreads += 1
      whole = beside(whole, node.kind === Kind.FRAGMENT_SPREAD ? this.#fragment(node.name.value) : this.#set(node.selectionSet))
    }
    for (const count of names.values()) this.#duplicates = Math.max(this.#duplicates, count)
    return whole
  }

  /** Introspection is as deep as it is: its fields do not count. */
  #field({ alias, name, selectionSet }: FieldNode): Measure {
    if (alias !== undefined) this.#aliases += 1
    const isHidden = name.value.startsWith('__')
    if (isHidden && name.value !== '__typename') this.#introspects = true
    const below = selectionSet === undefined || isHidden ? NOTHING : this.#set(selectionSet)
    return { depth: below.depth + 1, fields: below.fields + 1 }
  }

  #fragment(name: string): Measure {
    const known = this.#measured.get(name)
    if (known !== undefined) return known
    // Fragments that spread each other in a circle are refused by validation; here they only must not recurse for ever.
    this.#measured.set(name, NOTHING)
    const fragment = this.#fragments.get(name)
    const measured = fragment === undefined ? NOTHING : this.#set(fragment.selectionSet)
    this.#measured.set(name, measured)
    return measured
  }
}

function beside(a: Measure, b: Measure): Measure {
  return { depth: Math.max(a.depth, b.depth), fields: a.fields + b.fields }
}
