import { getArgumentValues, getDirectiveValues, GraphQLIncludeDirective, GraphQLSkipDirective, Kind } from 'graphql'
import type { DocumentNode, FieldNode, FragmentDefinitionNode, GraphQLObjectType, SelectionSetNode } from 'graphql'

/** The values of a request's variables, coerced. */
export type Variables = Readonly<Record<string, unknown>>

/** One field of an answer: all nodes that ask for it under one name. */
export interface SelectedField {
  readonly responseKey: string
  readonly name: string
  readonly args: Readonly<Record<string, unknown>>
  readonly nodes: readonly FieldNode[]
}

/** Reads selection sets of one valid document: fragments put in, `@skip` and `@include` heeded, equal names merged. */
export class SelectionReader {
  readonly #fragments = new Map<string, FragmentDefinitionNode>()
  readonly #variables: Variables

  constructor(document: DocumentNode, variables: Variables) {
    for (const node of document.definitions) if (node.kind === Kind.FRAGMENT_DEFINITION) this.#fragments.set(node.name.value, node)
    this.#variables = variables
  }

  /** The fields under `nodes`, in the order in which they are first asked for. */
  fields(type: GraphQLObjectType, sets: readonly SelectionSetNode[]): readonly SelectedField[] {
    const byKey = new Map<string, FieldNode[]>()
    for (const set of sets) this.#collect(set, byKey, new Set())
    return [...byKey].map(([responseKey, nodes]) => this.#field(type, responseKey, nodes))
  }

  #field(type: GraphQLObjectType, responseKey: string, nodes: readonly FieldNode[]): SelectedField {
    const [first] = nodes as readonly [FieldNode]
    const name = first.name.value
    const definition = type.getFields()[name]
    const args = definition === undefined ? {} : getArgumentValues(definition, first, this.#variables)
    return { responseKey, name, args, nodes }
  }

  #collect(set: SelectionSetNode, byKey: Map<string, FieldNode[]>, spread: Set<string>): void {
    for (const node of set.selections) {
      if (!this.#isIncluded(node)) continue
      if (node.kind === Kind.FIELD) {
        const key = node.alias?.value ?? node.name.value
        const nodes = byKey.get(key)
        if (nodes === undefined) byKey.set(key, [node])
        else nodes.push(node)
      } else if (node.kind === Kind.INLINE_FRAGMENT) this.#collect(node.selectionSet, byKey, spread)
      else {
        const fragment = this.#fragments.get(node.name.value)
        if (fragment === undefined || spread.has(node.name.value)) continue
        spread.add(node.name.value)
        this.#collect(fragment.selectionSet, byKey, spread)
      }
    }
  }

  #isIncluded(node: SelectionSetNode['selections'][number]): boolean {
    if (node.directives === undefined || node.directives.length === 0) return true
    const skip = getDirectiveValues(GraphQLSkipDirective, node, this.#variables)
    if (skip?.['if'] === true) return false
    return getDirectiveValues(GraphQLIncludeDirective, node, this.#variables)?.['if'] !== false
  }
}

/** The selection sets below the nodes of one field. */
export function setsBelow(field: SelectedField): readonly SelectionSetNode[] {
  return field.nodes.flatMap((node) => (node.selectionSet === undefined ? [] : [node.selectionSet]))
}
