import type { Corner, Node, SheetName } from '@sheetflow/formula/syntax/node'
import { parseFormula } from '@sheetflow/formula/syntax/parse'
import { LAST_COLUMN, LAST_ROW, type Area, type ExcelBook, type Place } from './book.ts'
import { definedName } from './defined-names.ts'

/** More parts than this the references of one formula do not have, names put in. */
const MAX_PARTS = 50_000
/** More rectangles than this one reference does not have. */
const MAX_AREAS = 10_000

/** What a reference names, or why not: `null` is no reference at all, `#REF!` one that leads nowhere, `#NULL!` an empty intersection. */
export type Areas = readonly Area[] | '#REF!' | '#NULL!' | '#VALUE!' | null

/** The rectangles that the references of one formula stand for; `#REF!` where a name leads to itself, `#VALUE!` beyond the limits. `call` answers for functions that give references (OFFSET, INDEX, INDIRECT). */
export class Resolver {
  readonly #book: ExcelBook
  readonly #place: Place
  readonly #call: (node: Node & { kind: 'call' }) => Areas
  /** Names that are being followed. */
  readonly #following = new Set<string>()
  #parts = 0

  constructor(book: ExcelBook, place: Place, call: (node: Node & { kind: 'call' }) => Areas) {
    this.#book = book
    this.#place = place
    this.#call = call
  }

  areas(node: Node): Areas {
    if (++this.#parts > MAX_PARTS) return '#VALUE!'
    switch (node.kind) {
      case 'cell':
        return this.#rectangle(node.sheet, node.corner, node.corner)
      case 'cells':
        return this.#rectangle(node.sheet, node.from, node.to)
      case 'union':
        return this.#union(node.parts)
      case 'intersection':
        return this.#pair(node.left, node.right, intersection)
      case 'binary':
        return node.op === ':' ? this.#pair(node.left, node.right, hull) : null
      case 'spill':
        return this.#spill(node.operand)
      case 'name':
        return this.#named(node.name)
      case 'reference':
        return node.source !== null && node.table !== null && node.column === null ? this.#named(node.table.name) : null
      case 'call':
        return this.#call(node)
      default:
        return null
    }
  }

  /** A reference in a text, for INDIRECT. */
  areasOfText(text: string): Areas {
    const { node, diagnostics } = parseFormula(`=${text}`, { dialect: 'excel' })
    return diagnostics.length > 0 ? '#REF!' : (this.areas(node) ?? '#REF!')
  }

  #rectangle(name: SheetName | null, a: Corner, b: Corner): Areas {
    const sheets = this.#sheets(name)
    if (sheets.length === 0) return '#REF!'
    const [top, bottom] = ordered(a.row?.at ?? 1, b.row?.at ?? LAST_ROW)
    const [left, right] = ordered(a.column?.at ?? 1, b.column?.at ?? LAST_COLUMN)
    const isOutside = top < 1 || left < 1 || bottom > LAST_ROW || right > LAST_COLUMN
    return isOutside ? '#REF!' : sheets.map((sheet) => ({ sheet, top, left, bottom, right }))
  }

  /** The sheets that a reference names; none: another file's, or one that is not there. */
  #sheets(name: SheetName | null): readonly number[] {
    if (name === null) return [this.#place.sheet]
    if (name.book !== null) return []
    const [from, to] = [this.#sheetNamed(name.sheet), this.#sheetNamed(name.to ?? name.sheet)]
    if (from < 0 || to < 0) return []
    const [first, last] = ordered(from, to)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  }

  #sheetNamed(name: string): number {
    return this.#book.sheets.findIndex((sheet) => sheet.name.toLowerCase() === name.toLowerCase())
  }

  #named(name: string): Areas {
    const key = name.toLowerCase()
    if (this.#following.has(key)) return '#REF!'
    const node = definedName(this.#book, this.#place, name)
    if (node === null || node.kind === 'name') return null
    this.#following.add(key)
    const areas = this.areas(node)
    this.#following.delete(key)
    return areas
  }

  #union(parts: readonly Node[]): Areas {
    const found: Area[] = []
    for (const part of parts) {
      const areas = this.areas(part)
      if (areas === null || typeof areas === 'string') return areas
      if (found.length + areas.length > MAX_AREAS) return '#VALUE!'
      found.push(...areas)
    }
    return found
  }

  #pair(left: Node, right: Node, join: (a: Area, b: Area) => Area | null): Areas {
    const [a, b] = [this.areas(left), this.areas(right)]
    if (a === null || typeof a === 'string') return a
    if (b === null || typeof b === 'string') return b
    if (a.length * b.length > MAX_AREAS) return '#VALUE!'
    const joined = a.flatMap((one) => b.flatMap((other) => join(one, other) ?? []))
    return joined.length === 0 ? '#NULL!' : joined
  }

  #spill(node: Node): Areas {
    const areas = this.areas(node)
    if (areas === null || typeof areas === 'string') return areas
    const [area] = areas
    if (area === undefined) return '#REF!'
    const formula = this.#book.sheets[area.sheet]?.cell(area.top, area.left)?.formula
    if (formula === undefined || formula === null) return '#REF!'
    return [{ ...area, bottom: area.top + formula.rows - 1, right: area.left + formula.columns - 1 }]
  }
}

function ordered(a: number, b: number): readonly [number, number] {
  return a <= b ? [a, b] : [b, a]
}

function intersection(a: Area, b: Area): Area | null {
  const top = Math.max(a.top, b.top)
  const left = Math.max(a.left, b.left)
  const bottom = Math.min(a.bottom, b.bottom)
  const right = Math.min(a.right, b.right)
  return a.sheet !== b.sheet || top > bottom || left > right ? null : { sheet: a.sheet, top, left, bottom, right }
}

function hull(a: Area, b: Area): Area | null {
  if (a.sheet !== b.sheet) return null
  return {
    sheet: a.sheet,
    top: Math.min(a.top, b.top),
    left: Math.min(a.left, b.left),
    bottom: Math.max(a.bottom, b.bottom),
    right: Math.max(a.right, b.right),
  }
}
