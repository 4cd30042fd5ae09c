import type { CellsNode, CornerPart, Node } from '@sheetflow/formula/syntax/node'
import { LAST_COLUMN, LAST_ROW } from './book.ts'
import { mapChildren } from './map-node.ts'

/** Where the criteria functions have the ranges whose Blank cells count: all of them, by index. */
const RANGES: Readonly<Record<string, (index: number) => boolean>> = {
  COUNTIF: (index) => index === 0,
  COUNTIFS: (index) => index % 2 === 0,
  COUNTBLANK: (index) => index === 0,
}

/**
 * Counts over whole columns with the cells below the last filled row counted in: they are not brought into formulas (`hidden` says how many of a range are
 * not), but `COUNTIF(A:A, "<>x")` counts them. They are all Blank, so one of them, the last, says whether they count.
 */
export function countingHidden(node: Node, hidden: (range: CellsNode) => number): Node {
  const inside = mapChildren(node, (child) => countingHidden(child, hidden))
  const isRange = inside.kind === 'call' ? RANGES[inside.name.toUpperCase()] : undefined
  if (inside.kind !== 'call' || isRange === undefined) return inside
  const ranges = inside.args.filter((_, index) => isRange(index))
  const counts = new Set(ranges.map((range) => (range.kind === 'cells' ? hidden(range) : 0)))
  const [count = 0] = counts
  if (counts.size !== 1 || count === 0) return inside
  const { start, end } = inside
  const last: Node = { ...inside, args: inside.args.map((arg, index) => (isRange(index) && arg.kind === 'cells' ? lastCell(arg) : arg)) }
  const times: Node = { kind: 'binary', op: '*', left: { kind: 'number', text: String(count), start, end }, right: last, start, end }
  return { kind: 'binary', op: '+', left: inside, right: times, start, end }
}

function lastCell({ sheet, from, to, start, end }: CellsNode): Node {
  const part = (a: CornerPart | null, b: CornerPart | null, last: number): CornerPart => ({
    at: Math.max(a?.at ?? 0, b?.at ?? last),
    fixed: true,
  })
  return {
    kind: 'cells',
    sheet,
    ...both({ row: part(from.row, to.row, LAST_ROW), column: part(from.column, to.column, LAST_COLUMN) }),
    start,
    end,
  }
}

function both(corner: CellsNode['from']): Pick<CellsNode, 'from' | 'to'> {
  return { from: corner, to: corner }
}
