import { childrenOf } from '@sheetflow/formula/syntax/children'
import type { Node, ReferenceNode } from '@sheetflow/formula/syntax/node'

/** References to tables and columns in a formula, wherever they stand. */
export function referencesOf(node: Node): readonly ReferenceNode[] {
  const found: ReferenceNode[] = []
  const collect = (one: Node): void => {
    if (one.kind === 'reference') found.push(one)
    else childrenOf(one).forEach(collect)
  }
  collect(node)
  return found
}

/** Bare names in a formula: of values, sheets, and what LET and LAMBDA name. */
export function namesIn(node: Node): readonly string[] {
  const found: string[] = []
  const collect = (one: Node): void => {
    if (one.kind === 'name') found.push(one.name)
    else childrenOf(one).forEach(collect)
  }
  collect(node)
  return found
}
