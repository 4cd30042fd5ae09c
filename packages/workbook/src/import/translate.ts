import type { CallNode, CellNode, CellsNode, Node, ReferenceNode, SheetName } from '@sheetflow/formula/syntax/node'
import { childrenOf } from '@sheetflow/formula/syntax/children'
import { parseFormula } from '@sheetflow/formula/syntax/parse'
import { printFormula } from '@sheetflow/formula/syntax/print'
import { LAST_COLUMN, LAST_ROW, type Area, type ExcelFormula, type Place } from '../excel/book.ts'
import { definedName, nameKey } from '../excel/defined-names.ts'
import { mapChildren } from '../excel/map-node.ts'
import { shifted } from '../excel/shift.ts'
import { tableNamed, withoutTables } from '../excel/table-references.ts'
import { columnsOfArea, type AreaColumns } from './columns-of-area.ts'
import type { Draft, DraftTable, DraftValue } from './draft.ts'
import { translateLookup } from './lookups.ts'
import { callNode, HOLE, nameNode, ownValue, textNode, wholeColumn } from './nodes.ts'

/** A formula of ours, with its equals sign, or why there is none. */
export type Translated = { readonly formula: string } | { readonly why: string; readonly fix: string }

/** Defined names that stand for values and functions of ours, by their names in lower case. */
export type NamedValues = ReadonlyMap<string, DraftValue>

/** A formula of a cell as one of a column (`table`: the table in which it stands), or of a named value (null). */
export function translate(draft: Draft, names: NamedValues, place: Place, formula: ExcelFormula, table: DraftTable | null): Translated {
  if (formula.rows * formula.columns > 1)
    return { why: 'it fills several cells', fix: 'write it as a sheet of its own, or one value at a time' }
  const parsed = parseFormula(`=${formula.text}`, { dialect: 'excel' })
  if (parsed.diagnostics.length > 0) return { why: parsed.diagnostics[0]?.message ?? 'it cannot be read', fix: 'mend it in Excel' }
  return translateNode(draft, names, place, shifted(parsed.node, formula.down, formula.across), table)
}

/** The same for a tree. */
export function translateNode(draft: Draft, names: NamedValues, place: Place, node: Node, table: DraftTable | null): Translated {
  const work = new Translation(draft, names, place, table, localNames(node))
  const translated = work.node(node)
  return work.problem ?? { formula: `=${printFormula(translated)}` }
}

/** Names that LET and LAMBDA give: they stay. */
function localNames(node: Node): ReadonlySet<string> {
  const found = new Set<string>()
  const collect = (one: Node): void => {
    if (one.kind === 'call' && /^(?:LET|LAMBDA)$/i.test(one.name)) {
      const step = one.name.toUpperCase() === 'LET' ? 2 : 1
      for (let index = 0; index < one.args.length - 1; index += step) {
        const arg = one.args[index]
        if (arg?.kind === 'name') found.add(arg.name.toLowerCase())
      }
    }
    childrenOf(one).forEach(collect)
  }
  collect(node)
  return found
}

/** One formula on its way. */
class Translation {
  /** The first thing that has no counterpart. */
  problem: { readonly why: string; readonly fix: string } | null = null
  readonly #draft: Draft
  readonly #names: NamedValues
  readonly #place: Place
  readonly #table: DraftTable | null
  readonly #locals: ReadonlySet<string>

  constructor(draft: Draft, names: NamedValues, place: Place, table: DraftTable | null, locals: ReadonlySet<string>) {
    this.#draft = draft
    this.#names = names
    this.#place = place
    this.#table = table
    this.#locals = locals
  }

  node(node: Node): Node {
    switch (node.kind) {
      case 'cell':
        return this.#cell(node)
      case 'cells':
        return this.#cells(node)
      case 'reference':
        return this.#reference(node)
      case 'name':
        return this.#name(node)
      case 'call':
        return translateLookup(this, node) ?? callNode(this.#valueNamed(node.name)?.name ?? node.name, this.#arguments(node))
      case 'unary':
        return node.op === '@' ? this.node(node.operand) : mapChildren(node, (child) => this.node(child))
      case 'union':
      case 'intersection':
      case 'spill':
        return this.fail('it joins, crosses or spills ranges of cells', 'name the columns that it reads')
      case 'binary':
        if (node.op === ':') return this.fail('its range begins or ends where a formula says', 'name the column that it reads')
        return mapChildren(node, (child) => this.node(child))
      default:
        return mapChildren(node, (child) => this.node(child))
    }
  }

  fail(why: string, fix: string): Node {
    this.problem ??= { why, fix }
    return HOLE
  }

  /** Whole columns of a table that a node names, for lookups; null: it names none. */
  columns(node: Node): AreaColumns | null {
    const cells =
      node.kind === 'reference' || node.kind === 'name' ? withoutTables(this.#inlined(node), this.#draft.book, this.#place) : node
    const area = cells.kind === 'cell' || cells.kind === 'cells' ? this.#areaOf(cells) : null
    if (area === null || !this.#isFixed(cells)) return null
    return columnsOfArea(this.#draft, area, this.#place)
  }

  // ── cells ───────────────────────────────────────────────────────────────────────────────────────────────

  #cell(node: CellNode): Node {
    const area = this.#areaOf(node)
    if (area === null) return HOLE
    const target: Place = { sheet: area.sheet, row: area.top, column: area.left }
    const table = this.#draft.tableAt(target)
    if (table === null) {
      if (!this.#isFixed(node)) return this.fail('it reads cells beside the table, row by row', 'make them a column of the table')
      return nameNode(this.#draft.valueAt(target).name)
    }
    const { header } = table.region
    if (target.row === header && this.#isFixed(node))
      return textNode(table.region.columns.find(({ at }) => at === target.column)?.name ?? '')
    const column = table.columns.find((one) => one.at === target.column)
    if (
      column !== undefined &&
      table === this.#table &&
      target.row === this.#place.row &&
      (this.#moves(node) || table.region.area.top === table.region.area.bottom)
    )
      return ownValue(column.name)
    const [only] = table.columns
    if (column !== undefined && only !== undefined && table.region.area.top === table.region.area.bottom && table !== this.#table)
      return callNode('MAX', [wholeColumn(table.name, column.name)])
    return this.fail(
      table === this.#table
        ? 'it reads another row of its table by where it stands'
        : `it reads one row of the table ${table.name} by where it stands`,
      'find the row by a value that it holds: XLOOKUP(value, t[key], t[column])',
    )
  }

  #cells(node: CellsNode): Node {
    const area = this.#areaOf(node)
    if (area === null) return HOLE
    const found = this.#isFixed(node) ? columnsOfArea(this.#draft, area, this.#place) : { why: movingRange(node) }
    if ('why' in found) return this.fail(found.why, 'make the range the whole column of a table')
    const [column, other] = found.columns
    if (column === undefined || other !== undefined) return this.fail('it reads several columns at once', 'name each column')
    return wholeColumn(found.table.name, column.name)
  }

  /** Arguments; a range along the row or over several whole columns becomes one argument for each column. */
  #arguments(node: CallNode): readonly Node[] {
    return node.args.flatMap((arg) => {
      const cells = arg.kind === 'reference' || arg.kind === 'name' ? withoutTables(this.#inlined(arg), this.#draft.book, this.#place) : arg
      if (cells.kind !== 'cells') return [this.node(arg)]
      const area = this.#areaOf(cells)
      if (area === null) return [HOLE]
      const { region, columns = [] } = this.#table ?? {}
      const isRow = arg.kind === 'reference' && (arg.row || arg.parts.includes('#This Row'))
      const along =
        area.top === this.#place.row &&
        area.bottom === this.#place.row &&
        (isRow || (cells.from.row?.fixed === false && cells.to.row?.fixed === false))
      const isOwn = region?.area.sheet === area.sheet && area.left >= region.area.left && area.right <= region.area.right
      if (along && isOwn && !SPREADS.has(node.name.toUpperCase()))
        return [this.fail('it reads several columns of its row as one range', 'name each column')]
      if (along && isOwn) return columns.filter(({ at }) => at >= area.left && at <= area.right).map((column) => ownValue(column.name))
      const single = SPREADS.has(node.name.toUpperCase()) ? this.#singleCells(cells, area) : null
      if (single !== null) return single
      const found = this.columns(arg)
      if (found === null || 'why' in found || found.columns.length < 2 || !SPREADS.has(node.name.toUpperCase())) return [this.node(arg)]
      return found.columns.map((column) => wholeColumn(found.table.name, column.name))
    })
  }

  /** A few cells outside of tables as their named values; texts and Blank mean nothing to functions that sum up. */
  #singleCells(node: CellsNode, area: Area): readonly Node[] | null {
    const size = (area.bottom - area.top + 1) * (area.right - area.left + 1)
    if (size > MAX_SINGLE_CELLS || !this.#isFixed(node) || this.#draft.tablesIn(area).length > 0) return null
    const nodes: Node[] = []
    for (let row = area.top; row <= area.bottom; row++) {
      for (let column = area.left; column <= area.right; column++) {
        const place = { sheet: area.sheet, row, column }
        const value = this.#draft.cell(place)?.value ?? null
        if (value !== null && typeof value !== 'string') nodes.push(nameNode(this.#draft.valueAt(place).name))
      }
    }
    return nodes.length === 0 ? null : nodes
  }

  /** The cells of a reference; null after it was refused. */
  #areaOf(node: CellNode | CellsNode): Area | null {
    const sheet = this.#sheetOf(node.sheet)
    if (sheet === null) return null
    const [from, to] = node.kind === 'cell' ? [node.corner, node.corner] : [node.from, node.to]
    const rows = [from.row?.at ?? 1, to.row?.at ?? LAST_ROW]
    const columns = [from.column?.at ?? 1, to.column?.at ?? LAST_COLUMN]
    return { sheet, top: Math.min(...rows), left: Math.min(...columns), bottom: Math.max(...rows), right: Math.max(...columns) }
  }

  #sheetOf(name: SheetName | null): number | null {
    if (name === null) return this.#place.sheet
    if (name.book !== null) {
      this.fail('it reads another file', 'copy what it reads into this workbook, or read it from a source')
      return null
    }
    const sheet = name.to === null ? this.#draft.book.sheets.findIndex((one) => one.name.toLowerCase() === name.sheet.toLowerCase()) : -1
    if (sheet >= 0) return sheet
    this.fail(
      name.to === null ? `there is no sheet "${name.sheet}"` : 'it reads the same cells of several sheets',
      'put the rows into one table',
    )
    return null
  }

  /** Does the reference name the same cells in every row of the table? */
  #isFixed(node: Node): boolean {
    const rows = this.#table === null ? 1 : this.#table.region.area.bottom - this.#table.region.area.top + 1
    return rows === 1 || !this.#moves(node)
  }

  #moves(node: Node): boolean {
    if (node.kind === 'cell') return node.corner.row?.fixed === false
    return node.kind === 'cells' && (node.from.row?.fixed === false || node.to.row?.fixed === false)
  }

  // ── names ───────────────────────────────────────────────────────────────────────────────────────────────

  #name(node: Node & { kind: 'name' }): Node {
    if (this.#locals.has(node.name.toLowerCase())) return node
    const value = this.#valueNamed(node.name)
    if (value !== undefined) return nameNode(value.name)
    const table = this.#tableNamed(node.name)
    if (table !== null) return nameNode(table.name)
    const inlined = this.#inlined(node)
    return inlined === node ? node : this.node(inlined)
  }

  #valueNamed(name: string): DraftValue | undefined {
    const key = nameKey(this.#draft.book, this.#place.sheet, name)
    return key === null ? undefined : this.#names.get(key)
  }

  /** A defined name of cells as those cells. */
  #inlined(node: Node): Node {
    if (node.kind !== 'name' || this.#locals.has(node.name.toLowerCase())) return node
    const meant = definedName(this.#draft.book, this.#place, node.name)
    return meant?.kind === 'cell' || meant?.kind === 'cells' || meant?.kind === 'reference' ? meant : node
  }

  #reference(node: ReferenceNode): Node {
    if (node.table === null || node.source !== null || node.row || node.parts.length > 0) return this.#partOfTable(node)
    const table = this.#tableNamed(node.table.name)
    if (table === null) return this.#partOfTable(node)
    if (node.column === null) return nameNode(table.name)
    return this.#partOfTable(node)
  }

  #partOfTable(node: ReferenceNode): Node {
    const inRow = node.row || node.parts.includes('#This Row')
    const cells = withoutTables(node, this.#draft.book, this.#place)
    if (cells === node) return this.fail('it reads a table that is not there', 'mend it in Excel')
    if (inRow && cells.kind === 'cell') {
      const moving = { ...cells.corner, row: { at: this.#place.row, fixed: false } }
      return this.#cell({ ...cells, corner: moving })
    }
    return inRow ? this.fail('it reads several columns at once', 'name each column') : this.node(cells)
  }

  #tableNamed(name: string): DraftTable | null {
    const table = tableNamed(this.#draft.book, name)
    return table === null ? null : (this.#draft.tables.find((one) => one.region.table === table) ?? null)
  }
}

/** Longer ranges outside of tables are tables that do not look like one. */
const MAX_SINGLE_CELLS = 30

/** Functions to which several ranges are as one. */
const SPREADS: ReadonlySet<string> = new Set(
  'SUM COUNT COUNTA MIN MAX AVERAGE PRODUCT SUMSQ MEDIAN STDEV.S STDEV.P VAR.S VAR.P GCD LCM AND OR XOR CONCAT TEXTJOIN NPV'.split(' '),
)

function movingRange({ from, to }: CellsNode): string {
  if (from.row?.fixed === true || to.row?.fixed === true)
    return 'it reads the rows above (a running total), and rows of live tables have no order'
  return 'the range that it reads moves with the row'
}
