import { must } from '@sheetflow/core/assert'
import { CellError, isCellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import { fold } from '@sheetflow/core/fold'
import type { Value } from '@sheetflow/core/value'
import type { CallNode, Node } from '@sheetflow/formula/syntax/node'
import { widenAll } from '@sheetflow/formula/value/type-rules'
import { readFormula } from './formula.ts'
import { CellsRow, columnAt } from './model.ts'
import type { BookSheet, PlainColumn, PlainRelation, PlainRow } from './model.ts'
import type { Names } from './names.ts'
import { compare, compareExactly, kindOf, plainOf, widened } from './plain.ts'
import { besideEachOther } from './serials.ts'

/** What `rows:` gives, and the columns that PIVOTBY adds. */
export interface MadeRows {
  readonly relation: PlainRelation
  readonly columns: Readonly<Record<string, Node>>
}

/** Rows of sheets, as docs/sheet-files.md says: from nothing, each row beside each other. */
export class RowsReader {
  readonly #names: Names
  readonly #map: NonNullable<BookSheet['map']>

  constructor(names: Names, map: BookSheet['map'] = {}) {
    this.#names = names
    this.#map = map
  }

  made(node: Node): MadeRows {
    const name = node.kind === 'call' ? node.name.toUpperCase() : ''
    if (node.kind !== 'call') return { relation: this.chain(node), columns: {} }
    if (name === 'UNIQUE' || name === 'GROUPBY') return { relation: this.#groups(node.args, name === 'GROUPBY'), columns: {} }
    if (name === 'PIVOTBY') return this.#pivot(node)
    if (name === 'VSTACK') return { relation: this.#stack(node.args), columns: {} }
    if (name === 'MERGE') return { relation: this.#merge(node), columns: {} }
    return { relation: this.chain(node), columns: {} }
  }

  /** A table, or FILTER, SORTBY, TAKE of one: rows that are left, in key order. */
  chain(node: Node): PlainRelation {
    const { relation, rows } = this.#ordered(node)
    const left = new Set(rows)
    return { ...relation, rows: relation.rows.filter((row) => left.has(row)) }
  }

  #ordered(node: Node): { readonly relation: PlainRelation; readonly rows: readonly PlainRow[] } {
    if (node.kind === 'name') return all(must(this.#names.relation(null, node.name), node.name))
    if (node.kind === 'reference') return all(must(this.#names.relation(node.source?.name ?? null, must(node.table).name), 'a table'))
    if (node.kind !== 'call') throw new Error(`no rows: ${node.kind}`)
    const [first, ...others] = node.args
    const inner = this.#ordered(must(first))
    switch (node.name.toUpperCase()) {
      case 'FILTER':
        return { ...inner, rows: this.#filtered(inner.relation, inner.rows, must(others[0])) }
      case 'TAKE': {
        const count = this.#constant(must(others[0]))
        return { ...inner, rows: count < 0 ? inner.rows.slice(count) : inner.rows.slice(0, count) }
      }
      case 'SORTBY':
        return { ...inner, rows: this.#sorted(inner.relation, inner.rows, others) }
      default:
        throw new Error(`no rows: ${node.name}`)
    }
  }

  #filtered(relation: PlainRelation, rows: readonly PlainRow[], condition: Node): readonly PlainRow[] {
    const holds = readFormula(condition, this.#names, { own: null, filtered: relation })
    return rows.filter((row) => holds.run(row) === true)
  }

  #sorted(relation: PlainRelation, rows: readonly PlainRow[], others: readonly Node[]): readonly PlainRow[] {
    const keys = others.flatMap((column, i) => {
      if (i % 2 === 1) return []
      const order = others[i + 1]
      const isDescending = order !== undefined && this.#constant(order) < 0
      const at = this.#place(relation, column)
      return [{ at, type: must(relation.columns[at]).type, sign: isDescending ? -1 : 1 }]
    })
    // Equal rows stay as they are, which is in key order.
    return rows.toSorted((a, b) => {
      for (const { at, type, sign } of keys) {
        const [x, y] = [plainOf(type, a.get(at)), plainOf(type, b.get(at))]
        const order = x === null || y === null ? Number(x === null) - Number(y === null) : compare(x, y) * sign
        if (order !== 0) return order
      }
      return 0
    })
  }

  #constant(node: Node): number {
    const value = readFormula(node, this.#names, { own: null, filtered: null }).run(NO_ROW)
    return value instanceof Decimal ? value.toNumber() : Number(value)
  }

  #place(relation: PlainRelation, node: Node): number {
    const name = node.kind === 'reference' ? must(node.column).name : ''
    const at = columnAt(relation, name)
    if (at < 0) throw new Error(`${relation.label} has no column ${name}`)
    return at
  }

  #groups(args: readonly Node[], isGrouped: boolean): PlainRelation {
    const [first] = args
    const filter = first?.kind === 'call' ? first : null
    const columns = filter === null ? args : columnsOf(must(filter.args[0]))
    const table = must(columns[0])
    const whole = this.chain(tableOf(table))
    const rows = filter === null ? whole.rows : this.#filtered(whole, whole.rows, must(filter.args[1]))
    const places = columns.map((column) => this.#place(whole, column))
    const made = places.map((at) => must(whole.columns[at]))
    const groups: PlainRow[][] = []
    for (const row of rows) {
      if (places.some((at) => made.some((one) => one.lost === true) || isCellError(row.get(at)))) continue
      const group = groups.find(([shown]) => places.every((at) => isSame(must(whole.columns[at]), must(shown).get(at), row.get(at))))
      if (group === undefined) groups.push([row])
      else group.push(row)
    }
    const shown = groups.map(
      (members) =>
        new CellsRow(
          places.map((at) => must(members[0]).get(at)),
          members,
        ),
    )
    const key = places.map((_, i) => i)
    return { label: '', columns: made, key, rows: inKeyOrder(shown, key, made), ...(isGrouped ? { group: whole } : {}) }
  }

  #pivot(node: CallNode): MadeRows {
    const [rows, by, values, fn, given] = node.args
    const relation = this.#groups(columnsOf(must(rows)), true)
    const [of, where] = [ownColumn(must(values)), ownColumn(must(by))]
    const name = fn?.kind === 'name' ? fn.name.toUpperCase() : ''
    if (given?.kind !== 'array') throw new Error('PIVOTBY has its columns given')
    const cells = given.rows.flat().map((value): readonly [string, Node] => {
      const criterion: Node = value.kind === 'text' ? { ...value, asGroup: true } : value
      const args = name === 'COUNTA' ? [where, criterion, of, { ...value, kind: 'text' as const, value: '<>' }] : [of, where, criterion]
      const shown =
        value.kind === 'text'
          ? value.value
          : value.kind === 'number'
            ? value.text
            : String(value.kind === 'bool' && value.value).toUpperCase()
      return [nameOf(shown), { ...node, name: name === 'COUNTA' ? 'COUNTIFS' : `${name}IFS`, args }]
    })
    return { relation, columns: Object.fromEntries(cells) }
  }

  #stack(args: readonly Node[]): PlainRelation {
    const parts = args.map((arg) => this.chain(arg))
    const mapped = (part: PlainRelation, name: string): string | undefined =>
      Object.entries(this.#map[name] ?? {}).find(([label]) => label.toLowerCase() === part.label.toLowerCase())?.[1]
    const taken = (part: PlainRelation, name: string): boolean =>
      Object.keys(this.#map).some(
        (one) => one.toLowerCase() !== name.toLowerCase() && mapped(part, one)?.toLowerCase() === name.toLowerCase(),
      )
    const names = Object.keys(this.#map)
    for (const part of parts) {
      for (const { name } of part.columns) {
        const known = names.some((one) => one.toLowerCase() === name.toLowerCase())
        if (!known && !taken(part, name)) names.push(name)
      }
    }
    const placeOf = (part: PlainRelation, name: string): number => {
      const own = mapped(part, name)
      return own === undefined && taken(part, name) ? -1 : columnAt(part, own ?? name)
    }
    const columns = names.flatMap((name): PlainColumn[] => {
      const found = parts.flatMap((part) => part.columns[placeOf(part, name)] ?? [])
      const type = widenAll(found.filter((one) => one.lost !== true))
      if (type === null || type.type?.type === 'any') return []
      // Gone from every part that had it, it is gone.
      const isLost = found.length > 0 && found.every((one) => one.lost === true)
      return [{ name, type: type.type, nullable: true, kept: true, ...(isLost ? { lost: true } : {}) }]
    })
    const source: PlainColumn = { name: 'source', type: { type: 'text' }, nullable: false }
    const rows = parts.flatMap((part) => {
      const places = columns.map(({ name }) => placeOf(part, name))
      return part.rows.map((row) => {
        const cells = places.map((at, i): Value => {
          const column = part.columns[at]
          if (columns[i]?.lost === true) return new CellError('#REF!', columns[i].name)
          if (column === undefined) return null
          return column.lost === true ? new CellError('#REF!', column.name) : widened(row.get(at), must(columns[i]))
        })
        return new CellsRow([part.label, ...cells])
      })
    })
    const first = must(parts[0])
    const key = first.key.map((at) => columns.findIndex(({ name }) => placeOf(first, name) === at) + 1)
    const made = [source, ...columns]
    return { label: '', columns: made, key: [0, ...key], rows: inKeyOrder(rows, [0, ...key], made) }
  }

  #merge(node: CallNode): PlainRelation {
    const [one, two, condition, kind] = node.args
    const [left, right] = [this.chain(must(one)), this.chain(must(two))]
    const keepsLeft = kind?.kind === 'text' && kind.value.toLowerCase() === 'left'
    const pairs = equations(must(condition)).map(([a, b]) => {
      const isLeft = this.chain(tableOf(a)).label === left.label
      return [this.#place(left, isLeft ? a : b), this.#place(right, isLeft ? b : a)] as const
    })
    const prefix = must(right.label.split('!').at(-1)).replaceAll(/\W/g, '_')
    const columns = [
      ...left.columns,
      ...right.columns.map((column) => ({
        ...column,
        nullable: true,
        name: columnAt(left, column.name) < 0 ? column.name : `${prefix}_${column.name}`,
      })),
    ]
    const cellsOf = (relation: PlainRelation, row: PlainRow): Value[] => relation.columns.map((_, i) => row.get(i))
    const rows = left.rows.flatMap((row) => {
      const partners = right.rows.filter((other) =>
        pairs.every(([x, y]) => {
          const [one, two] = [left.columns[x]?.type ?? null, right.columns[y]?.type ?? null]
          const [a, b] = besideEachOther(plainOf(one, row.get(x)), one, plainOf(two, other.get(y)), two, this.#names.timeZone)
          const known = kindOf(a) !== 'blank' && kindOf(a) !== 'error'
          return known && left.columns[x]?.lost !== true && right.columns[y]?.lost !== true && compare(a, b) === 0
        }),
      )
      const own = cellsOf(left, row)
      // A key holds no errors.
      const blank = right.columns.map(({ name, lost }, i) =>
        lost === true && !right.key.includes(i) ? new CellError('#REF!', name) : null,
      )
      if (partners.length === 0) return keepsLeft ? [new CellsRow([...own, ...blank])] : []
      return partners.map((other) => new CellsRow([...own, ...cellsOf(right, other)]))
    })
    const key = [...left.key, ...right.key.map((at) => left.columns.length + at)]
    return { label: '', columns, key, rows: inKeyOrder(rows, key, columns) }
  }
}

const NO_ROW: PlainRow = { get: () => null }

function all(relation: PlainRelation): { readonly relation: PlainRelation; readonly rows: readonly PlainRow[] } {
  return { relation, rows: relation.rows }
}

/** Blank is a group of its own, letter case no difference. */
function isSame({ type }: PlainColumn, a: Value, b: Value): boolean {
  if (typeof a === 'string' && typeof b === 'string') return fold(a) === fold(b)
  return compare(plainOf(type, a), plainOf(type, b)) === 0
}

export function inKeyOrder<Row extends PlainRow>(rows: readonly Row[], key: readonly number[], columns: readonly PlainColumn[]): Row[] {
  return rows.toSorted((a, b) => {
    for (const at of key) {
      const type = columns[at]?.type ?? null
      const order = compareExactly(plainOf(type, a.get(at)), plainOf(type, b.get(at)))
      if (order !== 0) return order
    }
    return 0
  })
}

/** A value as the name of a column: `not yet` is `not_yet`, 1 is `t_1`. */
function nameOf(shown: string): string {
  if (/^[A-Za-z]\w*$/.test(shown)) return shown
  const plain = shown.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')
  return /^[a-z]/.test(plain) ? plain : `t_${plain}`
}

function columnsOf(node: Node): readonly Node[] {
  return node.kind === 'call' && node.name.toUpperCase() === 'HSTACK' ? node.args : [node]
}

/** The table of `t[x]`. */
function tableOf(node: Node): Node {
  if (node.kind !== 'reference') throw new Error('a column is needed')
  return node.source === null ? { kind: 'name', name: must(node.table).name, start: 0, end: 0 } : { ...node, column: null }
}

/** `[x]`, of `t[x]`. */
function ownColumn(node: Node): Node {
  return node.kind === 'reference' ? { ...node, source: null, table: null } : node
}

function equations(node: Node): readonly (readonly [Node, Node])[] {
  if (node.kind === 'call') return node.args.flatMap(equations)
  if (node.kind !== 'binary') throw new Error('tables are merged by equations')
  return node.op === '*' ? [...equations(node.left), ...equations(node.right)] : [[node.left, node.right]]
}
