import type { Corner, CornerPart, Node } from '@sheetflow/formula/syntax/node'
import { mapChildren } from './map-node.ts'

/** The formula as it stands so many rows further down and columns across: references without `$` move along, as when Excel fills cells. */
export function shifted(node: Node, down: number, across: number): Node {
  if (down === 0 && across === 0) return node
  const corner = ({ row, column }: Corner): Corner => ({ row: moved(row, down), column: moved(column, across) })
  if (node.kind === 'cell') return { ...node, corner: corner(node.corner) }
  if (node.kind === 'cells') return { ...node, from: corner(node.from), to: corner(node.to) }
  return mapChildren(node, (child) => shifted(child, down, across))
}

function moved(part: CornerPart | null, by: number): CornerPart | null {
  return part === null || part.fixed ? part : { at: part.at + by, fixed: false }
}
