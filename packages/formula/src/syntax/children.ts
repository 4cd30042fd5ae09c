import type { Node } from './node.ts'

const NONE: readonly Node[] = []

/** The nodes directly below, in the order of the text. */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'unary':
    case 'percent':
    case 'spill':
      return [node.operand]
    case 'binary':
    case 'intersection':
      return [node.left, node.right]
    case 'call':
      return node.args
    case 'invoke':
      return [node.callee, ...node.args]
    case 'array':
      return node.rows.flat()
    case 'union':
      return node.parts
    case 'number':
    case 'text':
    case 'bool':
    case 'error':
    case 'name':
    case 'reference':
    case 'cell':
    case 'cells':
    case 'empty':
    case 'hole':
      return NONE
  }
}
