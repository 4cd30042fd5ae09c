import type { ColumnType } from '@sheetflow/core/type'
import type { BoundSheet, CostClass } from '@sheetflow/formula/bound'
import { bindFormula } from '@sheetflow/formula/bind/bind-formula'
import { refError } from '@sheetflow/formula/bind/build'
import { isLost } from '@sheetflow/formula/bind/dropped'
import type { ColumnLookup, RelationLookup, Scope, ScopeRelation } from '@sheetflow/formula/bind/scope'
import { costOf, dearer } from '@sheetflow/formula/cost'
import { recursiveColumns } from '@sheetflow/formula/recursion'
import { computedType } from '@sheetflow/formula/value/type-rules'
import { leafFirst } from '@sheetflow/formula/leaf-first'
import type { FileRange } from '../diagnostic.ts'
import { formulaFinding, type FormulaSource } from '../file/formula-source.ts'
import type { ColumnFormula, SheetFile } from '../file/sheet-file.ts'
import { boundColumns, columnSchemas, type SheetColumn } from './columns.ts'
import { checkCost } from './check-cost.ts'
import { checkRecursion } from './check-recursion.ts'
import { referencesOf } from './references.ts'
import type { GraphContext, SheetRelation } from './graph-context.ts'
import { isNestedList } from './nested-list.ts'
import { RecursiveTypes, type AssumedType, type Attempt, type Way } from './recursive-types.ts'
import { bindSheetRows, costOfRows, reportMissing, type Rows } from './sheet-rows.ts'
import { publicationOf, type Published } from './publication.ts'
import { chooseColumns, type Chosen } from './choose-columns.ts'
import { findNamed, indexNamed } from './table-scope.ts'

/** A column's formula, bound; not `ok` after an error. */
interface BoundColumnFormula extends Attempt {
  readonly ok: boolean
}

/** A column that is being bound. */
type OpenColumn = { readonly cycle: readonly string[] } | { readonly assumed: AssumedType }

/** Types that a column which reads itself may begin with. */
const KINDS: readonly ColumnType[] = [{ type: 'int' }, { type: 'text' }, { type: 'bool' }]

/** One sheet: binds rows and columns when they are first asked for, and everything in `finish`. */
export class SheetCompiler implements SheetRelation {
  readonly workbook: string
  readonly name: string
  readonly id: string
  readonly label: string
  readonly at: FileRange
  readonly #file: SheetFile
  readonly #graph: GraphContext
  readonly #computed: readonly ColumnFormula[]
  readonly #lists: readonly ColumnFormula[]
  #rows: Rows | null | undefined
  #chosen: Chosen | undefined
  readonly #formulas = new Map<string, BoundColumnFormula>()
  readonly #types = new RecursiveTypes()
  /** Places of computed columns by name, in small letters. */
  readonly #places: ReadonlyMap<string, number>
  #finished: BoundSheet | null | undefined

  constructor(file: SheetFile, graph: GraphContext) {
    this.#file = file
    this.#graph = graph
    this.workbook = file.workbook
    this.name = file.name
    this.label = file.name
    this.id = `${file.workbook}.${file.name}`
    this.at = file.at
    this.#lists = file.columns.filter((column) => isNestedList(column.formula.parsed.node))
    this.#computed = file.columns.filter((column) => !this.#lists.includes(column))
    // Of two with one name, which is an error, the first.
    this.#places = new Map(this.#computed.map((column, place) => [column.name.toLowerCase(), place] as const).reverse())
  }

  get key(): readonly number[] {
    return this.#boundRows()?.key ?? []
  }

  get indexed(): ReadonlySet<string> {
    const keys = this.key.map((index) => this.#boundRows()?.input[index]?.name ?? '')
    return new Set([...this.#file.index.map((one) => one.name), ...keys])
  }

  /** What other sheets see: key, kept and computed columns. */
  column(name: string): ColumnLookup {
    return this.#column(name, 'row')
  }

  ofOtherRows(name: string): ColumnLookup {
    return this.#column(name, 'rows')
  }

  #column(name: string, way: Way): ColumnLookup {
    const rows = this.#boundRows()
    if (rows === null) return { kind: 'broken' }
    const computed = this.#place(name)
    if (computed >= 0) return this.#computedColumn(computed, rows, way)
    const kept = findNamed(this.#choose(rows).kept, name)
    if (kept !== undefined) return this.#inputColumn(rows, kept.index)
    const dropped = findNamed(this.#choose(rows).dropped, name)
    return dropped === undefined ? null : { kind: 'dropped', name: dropped.name, computed: true }
  }

  columnNames(): readonly string[] {
    const rows = this.#boundRows()
    const kept = rows === null ? [] : this.#choose(rows).kept.map((one) => one.name)
    return [...new Set([...kept, ...this.#computed.map((one) => one.name)])]
  }

  finish(): BoundSheet | null {
    if (this.#finished === undefined) {
      const result = this.#graph.enter(this.id, () => this.#finish())
      if ('cycle' in result) return null
      this.#finished = result.done
    }
    return this.#finished
  }

  #finish(): BoundSheet | null {
    const rows = this.#boundRows()
    if (rows === null) {
      for (const column of this.#computed) this.#reportSyntax(column.formula)
      return null
    }
    const chosen = this.#choose(rows)
    const columns = this.#allColumns(rows, chosen)
    const published: Published = publicationOf(this.#file, this.#graph, {
      relation: this,
      scope: this.#scope(rows, null),
      columns,
      key: rows.key,
      input: rows.input.length,
      kept: chosen.kept,
      lists: this.#lists,
    })
    const bound = boundColumns(columns)
    return {
      view: this.id,
      rows: rows.bound,
      columns: bound,
      key: rows.key,
      published: published.indexes,
      schema: {
        table: this.id,
        key: rows.key.map((index) => bound[index]?.name ?? ''),
        columns: columnSchemas(bound, published.indexes),
        ...published.schema,
      },
      cost: this.#cost(columns, rows),
    }
  }

  #allColumns(rows: Rows, chosen: Chosen): SheetColumn[] {
    const computed = this.#computed.map((column): SheetColumn => {
      const bound = this.#formula(column, rows, 'row')
      const expr = 'expr' in bound ? bound.expr : refError(column.name)
      return { name: column.name, type: computedType(expr.type), nullable: expr.nullable, formula: expr }
    })
    const dropped = chosen.dropped.map(({ name }): SheetColumn => ({
      name,
      type: { type: 'text' },
      nullable: false,
      formula: refError(name),
    }))
    return [...rows.input, ...computed, ...dropped]
  }

  #cost(columns: readonly SheetColumn[], rows: Rows): CostClass {
    const context = {
      view: this.id,
      key: rows.key,
      single: false,
      isLive: (view: string, column: number): boolean => this.#graph.isLive(view, column),
    }
    let worst = costOfRows(rows.bound)
    const recursions = this.#recursions(columns)
    for (const [index, column] of columns.entries()) {
      if (column.formula === null) continue
      const recursion = recursions.find((group) => group.has(index))
      const cost = costOf(column.formula, recursion === undefined ? context : { ...context, recursive: recursion })
      const source = this.#computed[index - rows.input.length]
      if (source !== undefined) {
        if (recursion !== undefined)
          checkRecursion({ name: source.name, at: source.formula.at, expr: column.formula }, this.id, recursion, this.#graph.findings)
        const accepted = this.#file.cost !== null
        checkCost({ name: source.name, at: source.formula.at, expr: column.formula, cost, accepted, isValue: false }, this.#graph.findings)
      }
      worst = dearer(worst, cost)
    }
    return worst.class === 'whole-table' && this.#file.cost !== null ? { ...worst, accepted: { everyMs: this.#file.cost.everyMs } } : worst
  }

  /** Columns that read themselves, alone or in a circle. */
  #recursions(columns: readonly SheetColumn[]): readonly ReadonlySet<number>[] {
    const sheet = { view: this.id, columns: columns.map(({ formula }) => (formula === null ? {} : { formula })) }
    return recursiveColumns(sheet).map((group) => new Set(group))
  }

  // ── rows ────────────────────────────────────────────────────────────────────────────────────────────────

  #boundRows(): Rows | null {
    if (this.#rows === undefined) {
      const result = this.#graph.enter(`rows of ${this.id}`, () => bindSheetRows(this.#file, this.#graph, { ...this.#names(), row: null }))
      if ('cycle' in result) return null
      this.#rows = result.done
    }
    return this.#rows
  }

  #choose(rows: Rows): Chosen {
    if (this.#chosen === undefined) {
      this.#checkDrift(rows)
      this.#chosen = chooseColumns(this.#file, rows, this.#computed, this.#lists, this.#graph)
    }
    return this.#chosen
  }

  /** A name that nothing but `keep` uses is told of there. */
  #checkDrift({ relation }: Rows): void {
    const { keep } = this.#file
    if (relation === null || keep === 'all') return
    for (const { name, at } of keep) this.#graph.reading(at, () => relation.column(name))
  }

  // ── columns ─────────────────────────────────────────────────────────────────────────────────────────────

  #inputColumn({ input }: Rows, index: number): ColumnLookup {
    const column = input[index]
    if (column === undefined) return null
    const { name, type, nullable, gone = false } = column
    return { kind: 'column', index, name, type, nullable, gone }
  }

  #computedColumn(index: number, rows: Rows, way: Way): ColumnLookup {
    const column = this.#computed[index]
    if (column === undefined) return null
    const result = this.#formula(column, rows, way)
    const place = { kind: 'column', index: rows.input.length + index, name: column.name } as const
    if ('cycle' in result) return { kind: 'cycle', path: result.cycle }
    if ('assumed' in result) return { ...place, ...result.assumed }
    if (!result.ok) return { kind: 'broken' }
    if (result.expr.kind === 'const' && isLost(result.expr)) return { kind: 'dropped', name: column.name, computed: true }
    return { ...place, type: computedType(result.expr.type), nullable: result.expr.nullable, lost: isLost(result.expr) }
  }

  #formula(column: ColumnFormula, rows: Rows, way: Way): BoundColumnFormula | OpenColumn {
    const known = this.#formulas.get(column.name)
    if (known !== undefined) return known
    for (const one of leafFirst([column], (other) => this.#columnsReadBy(other))) if (one !== column) this.#formula(one, rows, way)
    const result = this.#graph.enter(`${this.label}[${column.name}]`, () => this.#bindTyped(column, rows, way))
    if ('done' in result) {
      this.#formulas.set(column.name, result.done)
      return result.done
    }
    const isOwn = result.cycle.every((label) => label.startsWith(`${this.label}[`))
    const assumed = isOwn ? this.#types.assumed(column.name, way) : null
    return assumed === null ? result : { assumed }
  }

  /** Columns of this sheet that the formula names and that are not bound yet. */
  #columnsReadBy(reader: ColumnFormula): readonly ColumnFormula[] {
    return referencesOf(reader.formula.parsed.node).flatMap(({ table, column }) => {
      const found = table === null && column !== null ? this.#computed[this.#place(column.name)] : undefined
      return found === undefined || found === reader || this.#formulas.has(found.name) ? [] : [found]
    })
  }

  /** Binds the formula, again and again if its type follows from itself. */
  #bindTyped(column: ColumnFormula, rows: Rows, way: Way): BoundColumnFormula {
    const { findings } = this.#graph
    const before = findings.count
    const known = this.#formulas.size
    const bound = this.#types.bind(column.name, way, {
      starts: () => [...KINDS, ...rows.input.map((one) => one.type)],
      bind: () => {
        const { expr, ok } = this.#bindColumn(column, rows)
        return { expr, ok, errors: findings.count === before ? 0 : findings.errorsSince(before, this.at.file) }
      },
      forget: () => {
        // What was bound for it since stands behind what had been bound before.
        const since = new Set([...this.#formulas.keys()].slice(known))
        const again = this.#computed.filter((one) => one === column || since.has(one.name))
        for (const { name } of again) this.#formulas.delete(name)
        findings.forget(
          before,
          again.map((one) => one.formula.at),
        )
      },
    })
    if (this.#types.isGivenUp) {
      findings.error('formula/cycle', column.formula.at, 'the types of columns that read one another cannot be found in time', {
        why: 'each follows from all the others',
        fix: 'let fewer of them read each other, or compute what they have in common in one column',
      })
    }
    return bound
  }

  #bindColumn(column: ColumnFormula, rows: Rows): Omit<BoundColumnFormula, 'errors'> {
    const scope = this.#scope(rows, column.name)
    const { expr, diagnostics } = this.#graph.reading(column.formula.at, () => bindFormula(column.formula.parsed, scope))
    this.#report(column.formula, diagnostics)
    return { expr, ok: !diagnostics.some((one) => one.severity === 'error') }
  }

  /** Names inside a formula of this sheet; `self`: the column that it computes, whose name there means the input's column. */
  #scope(rows: Rows, self: string | null): Scope {
    const own: ScopeRelation = {
      id: this.id,
      label: this.label,
      key: rows.key,
      column: (name) => this.#ownColumn(name, rows, self, 'row'),
      ofOtherRows: (name) => this.#ownColumn(name, rows, self, 'rows'),
      columnNames: () => [...new Set([...this.#inputNames(rows), ...this.#computed.map((one) => one.name)])],
    }
    return { ...this.#names(), row: own, ...(rows.group === null ? {} : { group: rows.group }) }
  }

  #ownColumn(name: string, rows: Rows, self: string | null, way: Way): ColumnLookup {
    const computed = this.#place(name)
    if (computed >= 0 && this.#computed[computed]?.name !== self) return this.#computedColumn(computed, rows, way)
    const input = rows.relation === null ? this.#namedInput(name, rows) : this.#renamed(rows.relation, name)
    if (input !== null && input.kind !== 'dropped') return input
    if (input === null && reportMissing(this.#graph, this.#file, rows, name)) return { kind: 'broken' }
    return computed >= 0 ? this.#computedColumn(computed, rows, way) : input
  }

  /** The place of a computed column, −1: there is none of that name. */
  #place(name: string): number {
    return this.#places.get(name.toLowerCase()) ?? -1
  }

  #namedInput(name: string, rows: Rows): ColumnLookup {
    const index = indexNamed(rows.input, name)
    return index < 0 && rows.isLost(name) ? { kind: 'dropped', name } : this.#inputColumn(rows, index)
  }

  #inputNames(rows: Rows): readonly string[] {
    return rows.relation === null ? rows.input.map((one) => one.name) : rows.relation.columnNames()
  }

  /** A column of a table, by the name that the file says it has now, if the one that is used is gone. */
  #renamed(relation: ScopeRelation, name: string): ColumnLookup {
    const found = relation.column(name)
    if (found !== null && found.kind !== 'dropped') return found
    const rename = findNamed(this.#file.renames, name)
    return rename === undefined ? found : relation.column(rename.text)
  }

  #names(): Omit<Scope, 'row'> {
    const { workbook } = this
    return {
      workbook,
      timeZone: this.#graph.timeZone(workbook),
      relation: (source, table) => this.#withRenames(this.#graph.relation(workbook, source, table)),
      relationNames: () => this.#graph.relationNames(workbook),
      named: (name) => this.#graph.named(workbook, name),
      names: () => this.#graph.names(workbook),
      functions: this.#graph.functions,
    }
  }

  #withRenames(found: RelationLookup): RelationLookup {
    if (found?.kind !== 'relation' || this.#file.renames.length === 0) return found
    const { relation } = found
    return {
      kind: 'relation',
      relation: {
        id: relation.id,
        label: relation.label,
        key: relation.key,
        column: (name) => this.#renamed(relation, name),
        ofOtherRows: (name) => relation.ofOtherRows?.(name) ?? this.#renamed(relation, name),
        columnNames: () => relation.columnNames(),
      },
    }
  }

  #report(source: FormulaSource, diagnostics: ReturnType<typeof bindFormula>['diagnostics']): void {
    for (const one of diagnostics) this.#graph.findings.add(formulaFinding(source, one))
  }

  #reportSyntax(source: FormulaSource): void {
    this.#report(source, source.parsed.diagnostics)
  }
}
