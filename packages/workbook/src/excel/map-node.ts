import type { Node } from '@sheetflow/formula/syntax/node'

/** The node with each node directly below replaced by what `go` makes of it. */
export function mapChildren(node: Node, go: (child: Node) => Node): Node {
  switch (node.kind) {
    case 'unary':
    case 'percent':
    case 'spill':
      return { ...node, operand: go(node.operand) }
    case 'binary':
    case 'intersection':
      return { ...node, left: go(node.left), right: go(node.right) }
    case 'call':
      return { ...node, args: node.args.map(go) }
    case 'invoke':
      return { ...node, callee: go(node.callee), args: node.args.map(go) }
    case 'union':
      return { ...node, parts: node.parts.map(go) }
    case 'cell':
    case 'cells':
    case 'array':
    case 'number':
    case 'text':
    case 'bool':
    case 'error':
    case 'name':
    case 'reference':
    case 'empty':
    case 'hole':
      return node
  }
}
