import type { Random } from '../random.ts'
import { columnOf, ofKind } from './formulas.ts'
import type { KnownColumn, KnownRelation } from './known.ts'

/** A sheet's `rows:`, what its formulas may read by `[@x]` and `[x]`, and `map:`. */
export interface RowsDraft {
  readonly rows: string
  readonly row: readonly KnownColumn[]
  /** Of a sheet of groups: the columns of their rows. */
  readonly group: readonly KnownColumn[] | null
  readonly map?: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** `names`: named numbers, which conditions may read. */
export function someRows(random: Random, relations: readonly KnownRelation[], names: readonly string[]): RowsDraft {
  const writer = new RowsWriter(random, relations, names)
  switch (random.below(13)) {
    case 0:
    case 1:
    case 2:
      return writer.table()
    case 3:
    case 4:
      return writer.chain()
    case 5:
      return writer.unique()
    case 6:
    case 7:
      return writer.groups()
    case 8:
      return writer.pivot()
    case 9:
    case 10:
      return writer.stack()
    default:
      return writer.merge()
  }
}

class RowsWriter {
  readonly #random: Random
  readonly #relations: readonly KnownRelation[]
  readonly #names: readonly string[]

  constructor(random: Random, relations: readonly KnownRelation[], names: readonly string[]) {
    this.#random = random
    this.#relations = relations
    this.#names = names
  }

  table(): RowsDraft {
    const relation = this.#random.pick(this.#relations)
    return { rows: `=${relation.label}`, row: relation.columns, group: null }
  }

  chain(): RowsDraft {
    const relation = this.#random.pick(this.#relations)
    return { rows: `=${this.#chained(relation)}`, row: relation.columns, group: null }
  }

  unique(): RowsDraft {
    const relation = this.#random.pick(this.#relations)
    const columns = this.#some(relation.columns, 2)
    const list = columns.map((one) => columnOf(relation, one))
    const rows =
      list.length === 1 && this.#random.chance(0.5)
        ? `=UNIQUE(FILTER(${list[0] ?? ''},${this.#condition(relation)}))`
        : `=UNIQUE(${list.join(',')})`
    return { rows, row: columns, group: null }
  }

  groups(): RowsDraft {
    const relation = this.#random.pick(this.#relations)
    const columns = this.#some(relation.columns, 2)
    const rows = `=GROUPBY(${columns.map((one) => columnOf(relation, one)).join(',')})`
    return { rows, row: columns, group: relation.columns }
  }

  pivot(): RowsDraft {
    const relation = this.#random.pick(this.#relations)
    const [by] = this.#some(
      relation.columns.filter((one) => one.type.type === 'text' || one.type.type === 'int'),
      1,
    )
    const columns = this.#some(relation.columns, 2)
    const values = this.#random.pick(ofKind(relation.columns, 'number').length > 0 ? ofKind(relation.columns, 'number') : relation.columns)
    if (by === undefined) return this.table()
    const list = columns.map((one) => columnOf(relation, one))
    const fields = list.length === 1 ? list.join('') : `HSTACK(${list.join(',')})`
    const given = by.type.type === 'text' ? '{"a","b","ab","2","TRUE","a*",""}' : '{1,2,7}'
    const fn = this.#random.pick(['SUM', 'AVERAGE', 'MIN', 'MAX', 'COUNTA'])
    return {
      rows: `=PIVOTBY(${fields},${columnOf(relation, by)},${columnOf(relation, values)},${fn},${given})`,
      row: columns,
      group: relation.columns,
    }
  }

  /** By name, or some column of one part beside another of its type. */
  stack(): RowsDraft {
    const first = this.#random.pick(this.#relations)
    const others = this.#relations.filter((one) => one !== first && one.key.length === first.key.length)
    if (others.length === 0) return this.chain()
    const parts = [first, ...this.#some(others, 2)]
    const rows = `=VSTACK(${parts.map((part) => (this.#random.chance(0.3) ? this.#chained(part) : part.label)).join(',')})`
    const map: Record<string, Record<string, string>> = {}
    for (const [i, name] of first.key.entries()) {
      if (parts.some((part) => part.key[i] !== name))
        map[`id${i}`] = Object.fromEntries(parts.map((part) => [part.label, part.key[i] ?? '']))
    }
    const mixed = first.columns.filter(({ name }) => !first.key.includes(name))
    if (mixed.length > 0 && this.#random.chance(0.6)) {
      const chosen = this.#random.pick(mixed)
      const fits = parts.map((part) => part.columns.filter((one) => !part.key.includes(one.name) && one.type.type === chosen.type.type))
      const found = fits.map((columns) => (columns.length === 0 ? null : this.#random.pick(columns)))
      if (found.every((one) => one !== null)) map['mixed'] = Object.fromEntries(parts.map((part, i) => [part.label, found[i]?.name ?? '']))
    }
    const used = new Set(Object.values(map).flatMap((by) => Object.values(by)))
    const row = [
      { name: 'source', type: { type: 'text' as const } },
      ...Object.entries(map).flatMap(([name, by]) =>
        first.columns.flatMap((one) => (one.name === by[first.label] ? [{ name, type: one.type }] : [])),
      ),
      ...parts
        .flatMap((part) => part.columns)
        .filter((one, i, all) => !used.has(one.name) && all.findIndex((other) => other.name === one.name) === i),
    ]
    return { rows, row, group: null, ...(Object.keys(map).length > 0 ? { map } : {}) }
  }

  merge(): RowsDraft {
    const left = this.#random.pick(this.#relations)
    const others = this.#relations.filter((one) => one !== left)
    if (others.length === 0) return this.chain()
    const right = this.#random.pick(others)
    const all = left.columns.flatMap((a) => right.columns.filter((b) => mayMeet(a, b)).map((b) => [a, b] as const))
    const beside = all.filter(([a, b]) => a.type.type !== b.type.type)
    const pairs = beside.length > 0 && this.#random.chance(0.3) ? beside : all
    if (pairs.length === 0) return this.chain()
    const equations = this.#some(pairs, 2).map(([a, b]) => `${columnOf(left, a)}=${columnOf(right, b)}`)
    const condition = equations.length === 1 ? equations.join('') : `AND(${equations.join(',')})`
    const part = (one: KnownRelation): string => (this.#random.chance(0.25) ? this.#chained(one) : one.label)
    const kind = this.#random.pick(['', ',"left"', ',"left"', ',"inner"'])
    const names = new Set(left.columns.map((one) => one.name))
    const prefix = right.label.slice(right.label.lastIndexOf('!') + 1)
    const added = right.columns.map(({ name, type }) => ({ name: names.has(name) ? `${prefix}_${name}` : name, type }))
    return { rows: `=MERGE(${part(left)},${part(right)},${condition}${kind})`, row: [...left.columns, ...added], group: null }
  }

  #chained(relation: KnownRelation): string {
    const random = this.#random
    const filter = (inner: string): string => `FILTER(${inner},${this.#condition(relation)})`
    const take = (inner: string): string => {
      const order = this.#some(relation.columns, 2).map((one) => `${columnOf(relation, one)},${random.pick(['1', '-1'])}`)
      return `TAKE(SORTBY(${inner},${order.join(',')}),${random.pick(['1', '2', '3', '5', '-1', '-3'])})`
    }
    switch (random.below(6)) {
      case 0:
      case 1:
        return filter(relation.label)
      case 2:
      case 3:
        return take(relation.label)
      case 4:
        return take(filter(relation.label))
      default:
        return filter(take(relation.label))
    }
  }

  #condition(relation: KnownRelation): string {
    const random = this.#random
    const [numbers, texts, dates, bools] = (['number', 'text', 'date', 'bool'] as const).map((kind) => ofKind(relation.columns, kind))
    const one = random.pick(relation.columns)
    const pick = (columns: readonly KnownColumn[] | undefined): string =>
      columnOf(relation, random.pick(columns !== undefined && columns.length > 0 ? columns : [one]))
    const has = (columns: readonly KnownColumn[] | undefined): boolean => columns !== undefined && columns.length > 0
    const choices = [
      `NOT(ISBLANK(${columnOf(relation, one)}))`,
      ...(has(numbers)
        ? [
            `${pick(numbers)}>1`,
            `${pick(numbers)}<=${pick(numbers)}`,
            `${pick(numbers)}<${random.pick(['2', ...this.#names])}`,
            `OR(${pick(numbers)}=1,${pick(numbers)}=2)`,
          ]
        : []),
      ...(has(texts)
        ? [
            `${pick(texts)}="a"`,
            `${pick(texts)}<>"B"`,
            `AND(${pick(texts)}>"a",NOT(ISERROR(${columnOf(relation, one)})))`,
            `LEFT(${pick(texts)},1)="a"`,
          ]
        : []),
      ...(has(dates) ? [`${pick(dates)}>=DATE(2026,11,23)`, `${pick(dates)}<=TODAY()`] : []),
      ...(has(bools) ? [pick(bools), `NOT(${pick(bools)})`] : []),
    ]
    const others = this.#relations.filter((other) => other !== relation)
    if (has(numbers) && others.length > 0 && random.chance(0.2)) {
      const other = random.pick(others)
      const found = ofKind(other.columns, 'number')
      if (found.length > 0) return `COUNTIFS(${columnOf(other, random.pick(found))},${pick(numbers)})>0`
    }
    return random.pick(choices)
  }

  /** One to `most` different ones. */
  #some<T>(list: readonly T[], most: number): T[] {
    const left = [...list]
    const count = Math.min(left.length, this.#random.between(1, most))
    return Array.from({ length: count }, () => left.splice(this.#random.below(left.length), 1)).flat()
  }
}

/** Of one type, or dates and times beside each other and numbers. */
function mayMeet({ type: a }: KnownColumn, { type: b }: KnownColumn): boolean {
  if (a.type === b.type) return true
  const isCalendar = [a, b].map(({ type }) => ['date', 'time', 'timestamp', 'timestamptz'].includes(type))
  const hasSerial = [a, b].map(({ type }, i) => isCalendar[i] === true || ['int', 'bigint', 'decimal', 'double'].includes(type))
  return isCalendar.includes(true) && !hasSerial.includes(false)
}
