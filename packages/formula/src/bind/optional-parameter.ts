import type { Node } from '../syntax/node.ts'

/** The name of a parameter of LAMBDA that may be left out, `[y]`; null for any other node. */
export function optionalParameter(node: Node): string | null {
  if (node.kind !== 'reference' || node.table !== null || node.row || node.to !== null || node.parts.length > 0) return null
  return node.column?.name ?? null
}
