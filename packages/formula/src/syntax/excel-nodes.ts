import { span } from '../diagnostic.ts'
import { isCell, readCorner } from './cell-address.ts'
import type { Corner, Node, SheetName } from './node.ts'
import { readSheetName } from './sheet-name.ts'

/** Marks that Excel puts before names in its files: of newer functions, of sheet functions, of parameters. */
const FILE_MARKS = /^(?:_xl(?:fn|ws|pm|op|eta|udf)\.)+/i

/** The name without the marks of Excel's files: `_xlfn._xlws.SORT` is SORT. */
export function withoutFileMarks(name: string): string {
  const rest = name.replace(FILE_MARKS, '')
  const isName = /^[\p{L}_\\]/u.test(rest) && !/^(?:true|false)$/i.test(rest) && !isCell(readCorner(rest))
  return isName ? rest : name
}

/** Can it stand for cells, so that the operators `,` and space may join it? */
export function isReferenceLike(node: Node): boolean {
  switch (node.kind) {
    case 'cell':
    case 'cells':
    case 'union':
    case 'intersection':
    case 'spill':
    case 'name':
    case 'reference':
    case 'call':
    case 'invoke':
    case 'error':
    case 'hole':
      return true
    case 'binary':
      return node.op === ':'
    default:
      return false
  }
}

/** `left:right`: a rectangle where both sides are addresses (`A1:B2`, `A:A`, `1:3`), else the operator. */
export function rangeOf(left: Node, right: Node): Node {
  const from = cornerOf(left)
  const to = cornerOf(right)
  const sameForm = from !== null && to !== null && to.sheet === null && form(from.corner) === form(to.corner)
  if (!sameForm) return { kind: 'binary', op: ':', left, right, ...span(left, right) }
  return { kind: 'cells', sheet: from.sheet, from: from.corner, to: to.corner, ...span(left, right) }
}

function form({ column, row }: Corner): string {
  return column === null ? 'rows' : row === null ? 'columns' : 'cells'
}

/** `A1`, `A`, `1` with its sheet. `Sheet1!A` was read as a name of that sheet, `A` as a name, `1` as a number: only `:` makes them places. */
function cornerOf(node: Node): { readonly sheet: SheetName | null; readonly corner: Corner } | null {
  if (node.kind === 'cell') return node
  if (node.kind === 'reference') {
    if (node.source === null || node.table === null || node.row || node.column !== null || node.parts.length > 0) return null
    const corner = readCorner(node.table.name)
    return corner === null ? null : { sheet: readSheetName(node.source.name), corner }
  }
  const corner = node.kind === 'name' ? readCorner(node.name) : node.kind === 'number' ? readCorner(node.text) : null
  return corner === null ? null : { sheet: null, corner }
}

/** `left, right`, flat. */
export function unionOf(left: Node, right: Node): Node {
  const parts = [left, right].flatMap((node) => (node.kind === 'union' ? node.parts : [node]))
  return { kind: 'union', parts, ...span(left, right) }
}

/** A call by name; what Excel's files write for `A1#` and `@x` is read as that. */
export function excelCall(node: Node & { kind: 'call' }): Node {
  const [only] = node.args
  const { start, end } = node
  if (node.args.length !== 1 || only === undefined || only.kind === 'empty') return node
  if (node.name.toUpperCase() === 'ANCHORARRAY') return { kind: 'spill', operand: only, start, end }
  if (node.name.toUpperCase() === 'SINGLE') return { kind: 'unary', op: '@', operand: only, start, end }
  return node
}
