import { Kind, print, visit } from 'graphql'
import type { ArgumentNode, DocumentNode, FieldNode, FragmentDefinitionNode, SelectionNode, ValueNode } from 'graphql'

/** The operations that a deployment knows (docs/security.md, S05): what its own pages ask, and nothing else where that is wanted. */
export interface Operations {
  /** Says whether this root field may be asked. In development it is written down and may. */
  admits(shape: RootShape): boolean
}

/** A root field as one line of text: see `rootShapes`. */
export interface RootShape {
  readonly text: string
  /** Of a list: the question for one row of it, which a client puts when a row comes that has nested lists. */
  readonly row: string | null
}

/** Arguments whose values are part of what is asked: they decide what it costs. Of all others only the form counts. */
const FIXED_ARGUMENTS: ReadonlySet<string> = new Set(['order_by', 'limit', 'as', 'graph'])

/**
 * The root fields that a document asks for, each as one line of text without its alias and without the values it asks by: `_` stands for a value, `[_]` for a
 * list of them, whether written out or given as a variable. A page may ask its fields together or one by one (a client asks again what it has lost), so the
 * field is what is known, not the document. Mutations have no shapes: a command is allowed by its own rule; nor have receipts, which a client asks for when it has
 * given one. The document must have been validated.
 */
export function rootShapes(document: DocumentNode): readonly RootShape[] {
  const fragments = new Map(
    document.definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [])),
  )
  const roots = document.definitions.flatMap((node) =>
    node.kind === Kind.OPERATION_DEFINITION && node.operation !== 'mutation' ? fieldsOf(node.selectionSet.selections, fragments) : [],
  )
  return roots.filter(({ name }) => !name.value.startsWith('_')).map((field) => shapeOf(field, fragments))
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>

function fieldsOf(selections: readonly SelectionNode[], fragments: Fragments): readonly FieldNode[] {
  return selections.flatMap((one) => {
    if (one.kind === Kind.FIELD) return [one]
    const within = one.kind === Kind.INLINE_FRAGMENT ? one : fragments.get(one.name.value)
    return within === undefined ? [] : fieldsOf(within.selectionSet.selections, fragments)
  })
}

function shapeOf({ alias: _alias, ...field }: FieldNode, fragments: Fragments): RootShape {
  const shape = visit<FieldNode>(field, {
    // What a fragment asks stands in its place: its name says nothing.
    FragmentSpread: (spread) => {
      const fragment = fragments.get(spread.name.value)
      return fragment === undefined ? undefined : { ...fragment, kind: Kind.INLINE_FRAGMENT }
    },
    Argument: (argument) => (FIXED_ARGUMENTS.has(argument.name.value) ? false : withoutValues(argument)),
  })
  const { value: name } = field.name
  const { arguments: _arguments, ...bare } = shape
  if (name.endsWith(BY_KEY)) return { text: lineOf(bare), row: null }
  return { text: lineOf(shape), row: lineOf({ ...bare, name: { ...field.name, value: name + BY_KEY } }) }
}

/** All columns of the key are asked for, always: they say nothing. */
const BY_KEY = '_by_pk'

function lineOf(field: FieldNode): string {
  return print(field).replaceAll(/\s+/g, ' ')
}

function withoutValues(argument: ArgumentNode): ArgumentNode {
  return { ...argument, value: withoutValue(argument.value) }
}

function withoutValue(value: ValueNode): ValueNode {
  switch (value.kind) {
    case Kind.OBJECT:
      return { ...value, fields: value.fields.map((field) => ({ ...field, value: withoutValue(field.value) })) }
    case Kind.LIST: {
      const values = value.values.map(withoutValue)
      return values.every(isBlank) ? { ...value, values: values.slice(0, 1) } : { ...value, values }
    }
    default:
      return { kind: Kind.ENUM, value: '_' }
  }
}

function isBlank(value: ValueNode): boolean {
  return value.kind === Kind.ENUM && value.value === '_'
}
