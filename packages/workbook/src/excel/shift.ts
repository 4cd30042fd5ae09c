import type { Corner, CornerPart, Node } from '@sheetflow/formula/syntax/node'

/** The formula as it stands so many rows further down and columns across: references without `$` move along, as when Excel fills cells. */
export function shifted(node: Node, down: number, across: number): Node {
  if (down === 0 && across === 0) return node
  const go = (one: Node): Node => shifted(one, down, across)
  const corner = ({ row, column }: Corner): Corner => ({ row: moved(row, down), column: moved(column, across) })
  switch (node.kind) {
    case 'cell':
      return { ...node, corner: corner(node.corner) }
    case 'cells':
      return { ...node, from: corner(node.from), to: corner(node.to) }
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

function moved(part: CornerPart | null, by: number): CornerPart | null {
  return part === null || part.fixed ? part : { at: part.at + by, fixed: false }
}
