import { CellError, isCellError } from '@sheetflow/core/cell-error'
import type { Value } from '@sheetflow/core/value'
import type { Expr } from '@sheetflow/formula/bound'
import { printCorner } from '@sheetflow/formula/syntax/cell-address'
import type { CallNode, Corner, Node } from '@sheetflow/formula/syntax/node'
import type { Areas } from './areas.ts'
import { LAST_COLUMN, LAST_ROW, type Area } from './book.ts'
import { constantOf } from './cell-constant.ts'
import type { CellContext } from './cell-context.ts'

/** A function that asks about cells themselves. `value` null: it is an ordinary function here. `areas`: the reference that it gives. */
interface CellFunction {
  value(scope: CellContext, node: CallNode): Expr | null
  areas?(scope: CellContext, node: CallNode): Areas
}

/** The one area of an argument, or the error instead. `null`: it is no reference. */
function areaOf(scope: CellContext, node: Node | undefined): Area | CellError | null {
  const areas = node === undefined ? null : scope.areas(node)
  if (areas === null) return null
  return typeof areas === 'string' ? new CellError(areas) : (areas[0] ?? new CellError('#REF!'))
}

/** What a property of an area is; without an argument that of the formula's own cell. */
function ofArea(of: (area: Area) => Value): CellFunction {
  return {
    value: (scope, node) => {
      const [arg] = node.args
      if (arg === undefined) return constantOf(of({ sheet: scope.place.sheet, ...spot(scope.place.row, scope.place.column) }))
      const area = areaOf(scope, arg)
      return area === null ? null : constantOf(isCellError(area) ? area : of(area))
    },
  }
}

function spot(row: number, column: number): Omit<Area, 'sheet'> {
  return { top: row, left: column, bottom: row, right: column }
}

/** A function that gives a reference: as a value what it holds. */
function reference(areas: (scope: CellContext, node: CallNode) => Areas): CellFunction {
  return { value: (scope, node) => scope.contents(areas(scope, node)), areas }
}

function offset(scope: CellContext, { args }: CallNode): Areas {
  const area = areaOf(scope, args[0])
  if (area === null || isCellError(area)) return '#REF!'
  const [down, across] = [scope.count(args[1], 0), scope.count(args[2], 0)]
  const [rows, columns] = [scope.count(args[3], area.bottom - area.top + 1), scope.count(args[4], area.right - area.left + 1)]
  if (isCellError(down) || isCellError(across) || isCellError(rows) || isCellError(columns) || rows === 0 || columns === 0) return '#REF!'
  const [top, left] = [area.top + down, area.left + across]
  const [bottom, right] = [top + rows - Math.sign(rows), left + columns - Math.sign(columns)]
  if (Math.min(top, bottom, left, right) < 1) return '#REF!'
  return [
    {
      sheet: area.sheet,
      top: Math.min(top, bottom),
      left: Math.min(left, right),
      bottom: Math.max(top, bottom),
      right: Math.max(left, right),
    },
  ]
}

function indirect(scope: CellContext, { args }: CallNode): Areas {
  const text = scope.constant(args[0])
  return typeof text === 'string' ? scope.areasOfText(text) : '#REF!'
}

/** INDEX of a reference is a reference: `A1:INDEX(A:A, 5)`. */
function indexAreas(scope: CellContext, { args }: CallNode): Areas {
  const areas = args[0] === undefined ? null : scope.areas(args[0])
  if (areas === null || typeof areas === 'string') return areas
  const [first, second, third] = [scope.count(args[1], 0), scope.count(args[2], 0), scope.count(args[3], 1)]
  const area = isCellError(third) ? undefined : areas[third - 1]
  if (area === undefined || isCellError(first) || isCellError(second)) return '#REF!'
  const oneRow = area.top === area.bottom && args.length === 2
  const [row, column] = oneRow ? [0, first] : [first, second]
  const top = row === 0 ? area.top : area.top + row - 1
  const left = column === 0 ? area.left : area.left + column - 1
  if (row < 0 || column < 0 || top > area.bottom || left > area.right) return '#REF!'
  return [{ sheet: area.sheet, top, left, bottom: row === 0 ? area.bottom : top, right: column === 0 ? area.right : left }]
}

/** Of one area it is the ordinary function, which takes arrays too. */
function indexValue(scope: CellContext, node: CallNode): Expr | null {
  const areas = node.args[0] === undefined ? null : scope.areas(node.args[0])
  return Array.isArray(areas) && (areas.length > 1 || node.args.length > 3) ? scope.contents(indexAreas(scope, node)) : null
}

/** What SUMIF adds up is as large as the range that it tests, from its own first cell on: `SUMIF(A1:A9, "x", B1)`. */
function reshaped(scope: CellContext, node: CallNode): Expr | null {
  const [tested, summed] = [areaOf(scope, node.args[0]), areaOf(scope, node.args[2])]
  if (tested === null || summed === null || isCellError(tested) || isCellError(summed)) return null
  const { top, left } = summed
  const [bottom, right] = [top + tested.bottom - tested.top, left + tested.right - tested.left]
  if ((bottom === summed.bottom && right === summed.right) || bottom > LAST_ROW || right > LAST_COLUMN) return null
  const sheet = scope.book.sheets[summed.sheet]?.name ?? ''
  const corner = (row: number, column: number): Corner => ({ row: { at: row, fixed: true }, column: { at: column, fixed: true } })
  const { start, end } = node
  const range: Node = {
    kind: 'cells',
    sheet: { book: null, sheet, to: null },
    from: corner(top, left),
    to: corner(bottom, right),
    start,
    end,
  }
  return scope.bound({ ...node, args: [...node.args.slice(0, 2), range] })
}

function chosen(scope: CellContext, { args }: CallNode): Areas {
  const index = scope.count(args[0], 0)
  const node = isCellError(index) || index < 1 ? undefined : args[index]
  return node === undefined ? '#VALUE!' : scope.areas(node)
}

function formulaOf(scope: CellContext, node: CallNode): { readonly text: string | null } | CellError {
  const area = areaOf(scope, node.args[0])
  if (area === null) return new CellError('#VALUE!')
  if (isCellError(area)) return area
  const formula = scope.book.sheets[area.sheet]?.cell(area.top, area.left)?.formula ?? null
  return { text: formula === null ? null : `=${formula.text}` }
}

function sheetOf(scope: CellContext, { args }: CallNode): Expr {
  const [arg] = args
  if (arg === undefined) return constantOf(scope.place.sheet + 1)
  const area = areaOf(scope, arg)
  if (isCellError(area)) return constantOf(area)
  if (area !== null) return constantOf(area.sheet + 1)
  const name = scope.constant(arg)
  if (isCellError(name)) return constantOf(name)
  const index = scope.book.sheets.findIndex((sheet) => typeof name === 'string' && sheet.name.toLowerCase() === name.toLowerCase())
  return constantOf(index < 0 ? new CellError('#N/A') : index + 1)
}

function sheets(scope: CellContext, { args }: CallNode): Expr {
  const [arg] = args
  if (arg === undefined) return constantOf(scope.book.sheets.length)
  const area = areaOf(scope, arg)
  return constantOf(area === null ? new CellError('#NAME?') : isCellError(area) ? area : 1)
}

/** `$A$1` in the forms 1 (both fixed) to 4 (none). */
function address(scope: CellContext, { args }: CallNode): Expr {
  const [row, column, form] = [scope.count(args[0], 0), scope.count(args[1], 0), scope.count(args[2], 1)]
  for (const one of [row, column, form]) if (isCellError(one)) return constantOf(one)
  if (
    isCellError(row) ||
    isCellError(column) ||
    isCellError(form) ||
    row < 1 ||
    column < 1 ||
    form < 1 ||
    form > 4 ||
    row > LAST_ROW ||
    column > LAST_COLUMN
  )
    return constantOf(new CellError('#VALUE!'))
  const a1 = scope.constant(args[3])
  const cell =
    a1 === false || a1 === 0
      ? `R${form <= 2 ? row : `[${row}]`}C${form % 2 === 1 ? column : `[${column}]`}`
      : printCorner({ row: { at: row, fixed: form <= 2 }, column: { at: column, fixed: form % 2 === 1 } })
  const sheet = scope.constant(args[4])
  return constantOf(typeof sheet === 'string' ? `${/^[\w.]+$/.test(sheet) ? sheet : `'${sheet.replaceAll("'", "''")}'`}!${cell}` : cell)
}

/** By Excel's names, upper case. */
const CELL_FUNCTIONS: Readonly<Record<string, CellFunction>> = {
  ROW: ofArea((area) => area.top),
  COLUMN: ofArea((area) => area.left),
  ROWS: ofArea((area) => area.bottom - area.top + 1),
  COLUMNS: ofArea((area) => area.right - area.left + 1),
  OFFSET: reference(offset),
  INDIRECT: reference(indirect),
  INDEX: { value: indexValue, areas: indexAreas },
  SUMIF: { value: reshaped },
  AVERAGEIF: { value: reshaped },
  CHOOSE: { value: () => null, areas: chosen },
  ADDRESS: { value: address },
  SHEET: { value: sheetOf },
  SHEETS: { value: sheets },
  AREAS: {
    value: (scope, node) => {
      const areas = node.args[0] === undefined ? null : scope.areas(node.args[0])
      return constantOf(areas === null ? new CellError('#VALUE!') : typeof areas === 'string' ? new CellError(areas) : areas.length)
    },
  },
  ISREF: { value: (scope, node) => constantOf(Array.isArray(node.args[0] === undefined ? null : scope.areas(node.args[0]))) },
  ISFORMULA: {
    value: (scope, node) => {
      const found = formulaOf(scope, node)
      return constantOf(isCellError(found) ? found : found.text !== null)
    },
  },
  FORMULATEXT: {
    value: (scope, node) => {
      const found = formulaOf(scope, node)
      return constantOf(isCellError(found) ? found : (found.text ?? new CellError('#N/A')))
    },
  },
}

/** The function of that name, whatever its letter case. */
export function cellFunction(name: string): CellFunction | undefined {
  const upper = name.toUpperCase()
  return Object.hasOwn(CELL_FUNCTIONS, upper) ? CELL_FUNCTIONS[upper] : undefined
}
