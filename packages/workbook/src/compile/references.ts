import { childrenOf } from '@sheetflow/formula/syntax/children'
import type { Node, ReferenceNode } from '@sheetflow/formula/syntax/node'

/** References to tables and columns in a formula, wherever they stand. */
export function referencesOf(node: Node): readonly ReferenceNode[] {
  return node.kind === 'reference' ? [node] : childrenOf(node).flatMap(referencesOf)
}

/** Bare names in a formula: of values, sheets, and what LET and LAMBDA name. */
export function namesIn(node: Node): readonly string[] {
  return node.kind === 'name' ? [node.name] : childrenOf(node).flatMap(namesIn)
}
