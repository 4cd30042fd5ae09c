import { FUNCTIONS } from '@sheetflow/formula/functions/catalogue'
import type { Random } from '../random.ts'
import { criterionOf, withSerial } from './criteria.ts'
import type { Kind, KnownColumn, KnownRelation } from './known.ts'

/** What a formula may read: `[@x]`, `[x]` of its own sheet or group, tables, names. */
export interface Reach {
  readonly row: readonly KnownColumn[]
  /** `[x]`; in a sheet of GROUPBY of the group's rows. */
  readonly own: KnownRelation | null
  readonly isGroup: boolean
  readonly relations: readonly KnownRelation[]
  /** Named numbers, and named functions of one number. */
  readonly numbers: readonly string[]
  readonly functions: readonly string[]
}

const KINDS: Readonly<Record<Kind, readonly string[]>> = {
  number: ['int', 'bigint', 'decimal', 'double'],
  text: ['text', 'uuid'],
  bool: ['bool'],
  date: ['date', 'timestamp', 'timestamptz'],
}

export function ofKind(columns: readonly KnownColumn[], kind: Kind): readonly KnownColumn[] {
  return columns.filter((column) => KINDS[kind].includes(column.type.type))
}

/** Writes formulas at random. Not all of them compile: whoever asks tries. */
export class FormulaWriter {
  readonly #random: Random
  readonly #reach: Reach

  constructor(random: Random, reach: Reach) {
    this.#random = random
    this.#reach = reach
  }

  /** Any formula of a column, of few parts or of many. */
  column(): string {
    const kind = this.#random.pick<Kind | 'example' | 'whole'>([
      'number',
      'number',
      'number',
      'number',
      'text',
      'text',
      'bool',
      'date',
      'example',
      'whole',
    ])
    if (kind === 'example') return this.#example()
    if (kind === 'whole') return `=${this.#whole()}`
    return `=${this.of(kind, this.#random.between(1, 3))}`
  }

  of(kind: Kind, depth: number): string {
    if (depth <= 0) return this.#leaf(kind)
    switch (kind) {
      case 'number':
        return this.#number(depth)
      case 'text':
        return this.#text(depth)
      case 'bool':
        return this.#bool(depth)
      case 'date':
        return this.#date(depth)
    }
  }

  #leaf(kind: Kind): string {
    const column = this.#column(kind)
    if (column !== null && this.#random.chance(0.8)) return column
    switch (kind) {
      case 'number':
        return this.#random.pick(['0', '1', '2', '0.5', '10', ...this.#reach.numbers])
      case 'text':
        return this.#random.pick(['"a"', '""', '"B"', '"x*"', '"7"'])
      case 'bool':
        return this.#random.pick(['TRUE', 'FALSE'])
      case 'date':
        return this.#random.pick(['TODAY()', 'DATE(2026,11,23)'])
    }
  }

  /** `[@x]`, or null. */
  #column(kind: Kind): string | null {
    const found = ofKind(this.#reach.row, kind)
    return found.length === 0 ? null : `[@${this.#random.pick(found).name}]`
  }

  #number(depth: number): string {
    const one = (): string => this.of('number', depth - 1)
    const random = this.#random
    const { functions } = this.#reach
    switch (random.below(18)) {
      case 0:
        return `(${one()}+${one()})`
      case 1:
        return `(${one()}-${one()})`
      case 2:
        return `${this.#leaf('number')}*${this.#leaf('number')}`
      case 3:
        return `(${one()})/${this.#leaf('number')}`
      case 4:
        return random.pick([
          `ROUND(${one()},1)`,
          `ABS(${one()})`,
          `INT(${one()})`,
          `MOD(${one()},3)`,
          `-${this.#leaf('number')}`,
          `SIGN(${one()})`,
        ])
      case 5:
        return `IF(${this.of('bool', depth - 1)},${one()},${one()})`
      case 6:
        return `IFERROR(${one()},${this.#leaf('number')})`
      case 7:
        return random.pick([
          `LEN(${this.of('text', depth - 1)})`,
          `YEAR(${this.of('date', depth - 1)})`,
          `N(${this.of('bool', depth - 1)})`,
        ])
      case 8:
        return functions.length > 0 ? `${random.pick(functions)}(${one()})` : `LET(v,${one()},v+v)`
      case 9:
        return random.pick([
          `LAMBDA(a,a*2)(${one()})`,
          `LET(v,${one()},w,v+1,v*w)`,
          `SWITCH(${one()},1,10,2,20,0)`,
          `CHOOSE(2,${one()},${one()})`,
        ])
      case 10:
        return this.#aggregate('number')
      case 11:
      case 12:
        return this.#chain(depth)
      default:
        return this.#beyond('number', depth)
    }
  }

  /** Arithmetic with quotients in it. */
  #chain(depth: number): string {
    const random = this.#random
    const [x, y, z] = [this.of('number', depth - 1), this.#leaf('number'), random.pick(['3', '7', '0.3', '1000', this.#leaf('number')])]
    const [from, to] = [this.#leaf('date'), this.#leaf('date')]
    return random.pick([
      `${x}/${z}*${z}`,
      `(${y}/${z}+${x}/3)`,
      `(${x}/${z}-${y})*${z}`,
      `-(${x}/${z})/${y}*100%`,
      `(${y}/${z})%*(${x})`,
      `(1+${y}/${z})^2*(${x})`,
      `(${z}^0.5)^2*(${x})`,
      `LET(v,${x}/${z},v*${z}-v)`,
      `LET(v,${x}/${z},IF(v>${y},v*${z},v))`,
      `LAMBDA(a,b,a/b)(${x},${z})*${z}`,
      `IF(${this.of('bool', depth - 1)},${x}/${z},${y})*${z}`,
      `IFERROR(${x}/${y},${y}/${z})*${z}`,
      `SWITCH(${y},1,${x}/${z},${y})/${z}`,
      `(${from}-${to})*24/${z}`,
      `SUM({1,2}*(${y})/${z}*3)`,
    ])
  }

  #text(depth: number): string {
    const one = (): string => this.of('text', depth - 1)
    switch (this.#random.below(9)) {
      case 0:
        return `${one()}&${one()}`
      case 1:
        return this.#random.pick([
          `UPPER(${one()})`,
          `LEFT(${one()},1)`,
          `MID(${one()},2,2)`,
          `SUBSTITUTE(${one()},"a","b")`,
          `TRIM(${one()})`,
        ])
      case 2:
        return `TEXT(${this.of('number', depth - 1)},"0.00")`
      case 3:
        return `IF(${this.of('bool', depth - 1)},${one()},${one()})`
      case 4:
        return `${this.of('number', depth - 1)}&""`
      case 5:
        return `TEXT(${this.of('date', depth - 1)},"yyyy-mm")`
      default:
        return this.#beyond('text', depth)
    }
  }

  #bool(depth: number): string {
    const [n, t, d] = [
      (): string => this.of('number', depth - 1),
      (): string => this.of('text', depth - 1),
      (): string => this.of('date', depth - 1),
    ]
    const sign = this.#random.pick(['=', '<>', '<', '>='])
    switch (this.#random.below(8)) {
      case 0:
        return `(${n()}${sign}${n()})`
      case 1:
        return `(${t()}${sign}${t()})`
      case 2:
        return `(${d()}${sign}${d()})`
      case 3:
        return `ISBLANK(${this.#leaf(this.#random.pick<Kind>(['number', 'text', 'date']))})`
      case 4:
        return this.#random.pick([`AND(${this.of('bool', depth - 1)},${n()}>1)`, `OR(${this.of('bool', depth - 1)},${n()}<1)`])
      case 5:
        return `NOT(${this.of('bool', depth - 1)})`
      case 6:
        return `ISERROR(${n()})`
      default:
        return `EXACT(${t()},${t()})`
    }
  }

  #date(depth: number): string {
    switch (this.#random.below(5)) {
      case 0:
        return `(${this.of('date', depth - 1)}+${this.#random.between(0, 3)})`
      case 1:
        return `IF(${this.of('bool', depth - 1)},${this.of('date', depth - 1)},TODAY())`
      case 2:
        return this.#leaf('date')
      default:
        return this.#beyond('date', depth)
    }
  }

  /** What is asked of other rows. */
  #beyond(kind: Kind, depth: number): string {
    const { relations, own } = this.#reach
    const all = own === null ? relations : [...relations, own, ...(this.#reach.isGroup ? [own, own] : [])]
    const relation = this.#random.pick(all)
    const values = ofKind(relation.columns, kind)
    if (values.length === 0) return this.#leaf(kind)
    const value = columnOf(relation, this.#random.pick(values))
    const dice = this.#random.below(kind === 'number' ? 8 : 4)
    if (dice < 2 && relation !== own) return this.#lookup(relation, value, kind, depth)
    if (dice > 5) return this.#rank()
    const criteria = Array.from({ length: this.#random.pick([1, 1, 1, 2, 2, 3]) }, () => this.criterion(relation)).join(',')
    const fn =
      kind === 'number'
        ? this.#random.pick(['SUMIFS', 'SUMIFS', 'AVERAGEIFS', 'MINIFS', 'MAXIFS', 'COUNTIFS'])
        : this.#random.pick(['MINIFS', 'MAXIFS'])
    return fn === 'COUNTIFS' ? `COUNTIFS(${criteria})` : `${fn}(${value},${criteria})`
  }

  /** A column of the relation and what it is asked for. */
  criterion(relation: KnownRelation): string {
    const column = this.#random.pick(relation.columns)
    return `${columnOf(relation, column)},${criterionOf(this.#random, column, this.#reach.row, (kind) => this.of(kind, 1))}`
  }

  #lookup(relation: KnownRelation, value: string, kind: Kind, depth: number): string {
    const key = this.#random.pick(relation.columns)
    const asked = (['number', 'text', 'bool', 'date'] as const).find((one) => KINDS[one].includes(key.type.type))
    if (asked === undefined && key.type.type !== 'time') return this.#leaf(kind)
    const hasSerials = asked === undefined || asked === 'number' || asked === 'date'
    const isBeside = asked === undefined || (hasSerials && this.#random.chance(0.25))
    const wanted = isBeside ? withSerial(this.#random, this.#reach.row, (one) => this.of(one, depth - 1)) : this.of(asked, depth - 1)
    const missing = this.#random.chance(0.5) ? `,${this.of(kind, depth - 1)}` : ','
    const mode = asked === 'bool' ? '' : this.#random.pick(['', '', ',0', ',-1', ',1'])
    return `XLOOKUP(${wanted},${columnOf(relation, key)},${value}${missing === ',' && mode === '' ? '' : missing}${mode})`
  }

  #rank(): string {
    const { relations, own } = this.#reach
    const relation = this.#random.pick(own === null ? relations : [...relations, own])
    const values = ofKind(relation.columns, 'number')
    if (values.length === 0) return '1'
    return `${this.#random.pick(['RANK', 'RANK.AVG'])}(${this.#leaf('number')},${columnOf(relation, this.#random.pick(values))}${this.#random.pick(['', ',1', `,${this.#leaf('number')}`])})`
  }

  /** An aggregate of a whole column, or of a group's. */
  #aggregate(kind: Kind): string {
    const { relations, own, isGroup } = this.#reach
    const relation = own !== null && (isGroup || this.#random.chance(0.3)) ? own : this.#random.pick(relations)
    const any = columnOf(relation, this.#random.pick(relation.columns))
    const numbers = ofKind(relation.columns, kind)
    if (numbers.length === 0 || this.#random.chance(0.2))
      return this.#random.pick([`COUNTA(${any})`, `COUNT(${any})`, `COUNTBLANK(${any})`, `ROWS(${any})`])
    const x = columnOf(relation, this.#random.pick(numbers))
    const k = this.#random.pick(['1', '2', '3', this.#leaf('number')])
    const p = this.#random.pick(['0', '0.25', '0.5', '0.9', '1', this.#leaf('number')])
    return this.#random.pick([
      `SUM(${x})`,
      `AVERAGE(${x})`,
      `MIN(${x})`,
      `MAX(${x})`,
      `MEDIAN(${x})`,
      `LARGE(${x},${k})`,
      `SMALL(${x},${k})`,
      `PERCENTILE(${x},${p})`,
      `PERCENTILE.EXC(${x},${p})`,
      `QUARTILE(${x},${this.#random.between(0, 4)})`,
      `QUARTILE.EXC(${x},${this.#random.between(1, 3)})`,
      `VAR.S(${x})`,
      `VAR.P(${x})`,
      `STDEV.S(${x})`,
      `STDEV.P(${x})`,
    ])
  }

  /** A value of a whole table, which names too may hold. */
  whole(): string {
    return this.#random.chance(0.5) ? this.#aggregate('number') : this.#whole()
  }

  /** Whole columns as arrays. */
  #whole(): string {
    const { relations, own, isGroup } = this.#reach
    const relation = this.#random.pick(own === null || isGroup ? relations : [...relations, own])
    const [numbers, texts] = [ofKind(relation.columns, 'number'), ofKind(relation.columns, 'text')]
    if (numbers.length === 0) return `COUNTA(${columnOf(relation, this.#random.pick(relation.columns))})`
    const [x, y] = [columnOf(relation, this.#random.pick(numbers)), columnOf(relation, this.#random.pick(numbers))]
    const t = columnOf(relation, this.#random.pick(texts.length > 0 ? texts : numbers))
    return this.#random.pick([
      `SUM(${x}*2)`,
      `SUMPRODUCT(${x},${y})`,
      `REDUCE(0,${x},LAMBDA(p,q,p+q))`,
      `SUM(MAP(${x},LAMBDA(q,q*q)))`,
      `TEXTJOIN("|",TRUE,${t})`,
      `CONCAT(${t})`,
      `ROUND(CORREL(${x},${y}),9)`,
      `MAX(IFERROR(${x},0))-${this.#leaf('number')}`,
      `COUNT(IF(${x}>1,${x},""))`,
      `SUM(IFERROR(${x},0)*(${this.#leaf('number')}))`,
    ])
  }

  /** An example of some function, its row read from the columns at hand. */
  #example(): string {
    const all = FUNCTIONS.flatMap((one) => one.examples.map((example) => example.formula)).filter(
      (formula) => !/items|#REF!|ISREF/.test(formula),
    )
    const at = (kind: Kind, types?: readonly string[]): string => {
      const found = ofKind(this.#reach.row, kind).filter((one) => types === undefined || types.includes(one.type.type))
      return found.length === 0 ? this.#leaf(kind) : `[@${this.#random.pick(found).name}]`
    }
    const row = this.#reach.row
    return this.#random
      .pick(all)
      .replaceAll('[@price]', () => at('number'))
      .replaceAll('[@quantity]', () => at('number', ['int']))
      .replaceAll('[@name]', () => at('text'))
      .replaceAll('[@date]', () => at('date', ['date']))
      .replaceAll('[@at]', () => at('date', ['timestamp', 'timestamptz']))
      .replaceAll('[@blank]', () => (row.length === 0 ? '0' : `[@${this.#random.pick(row).name}]`))
  }
}

export function columnOf(relation: KnownRelation, { name }: KnownColumn): string {
  return `${relation.label}[${name}]`
}
