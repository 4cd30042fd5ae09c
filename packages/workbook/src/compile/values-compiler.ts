import type { ReadRule } from '@sheetflow/core/schema'
import type { BoundSheet, CostClass, Expr, RelationId } from '@sheetflow/formula/bound'
import { bindFormula } from '@sheetflow/formula/bind/bind-formula'
import { isLost } from '@sheetflow/formula/bind/dropped'
import { isCellAddress } from '@sheetflow/formula/bind/refused'
import type { NamedLookup, Scope, ScopeColumn } from '@sheetflow/formula/bind/scope'
import { costOf, dearer } from '@sheetflow/formula/cost'
import { partsOf } from '@sheetflow/formula/expr-parts'
import { functionNamed } from '@sheetflow/formula/functions/catalogue'
import { parseFormat } from '@sheetflow/formula/text-format/parse-format'
import { computedType } from '@sheetflow/formula/value/type-rules'
import { leafFirst } from '@sheetflow/formula/leaf-first'
import { formulaFinding } from '../file/formula-source.ts'
import type { NamedEntry, WorkbookFile } from '../file/workbook-file.ts'
import { checkCost } from './check-cost.ts'
import { boundColumns, columnSchemas, COLUMN_NAME, type SheetColumn } from './columns.ts'
import type { GraphContext } from './graph-context.ts'
import { readUntyped } from './literal.ts'
import { bindReadRules } from './read-rules.ts'
import { namesIn } from './references.ts'
import { equalNames, findNamed } from './table-scope.ts'

/** A named formula, bound; not `ok` after an error. */
interface NamedFormula {
  readonly expr: Expr
  readonly ok: boolean
}

/** The named values of one workbook: constants, functions, and formulas, which are the columns of `<workbook>_values`. */
export class ValuesCompiler {
  readonly workbook: string
  readonly view: RelationId
  readonly #file: WorkbookFile
  readonly #graph: GraphContext
  readonly #formulas: readonly NamedEntry[]
  readonly #bound = new Map<string, NamedFormula>()

  constructor(file: WorkbookFile, graph: GraphContext) {
    this.#file = file
    this.#graph = graph
    this.workbook = file.name
    this.view = `${file.name}.${file.name}_values`
    this.#formulas = file.values.filter((entry) => entry.formula !== null && !isFunction(entry))
  }

  /** Checks the names themselves. */
  checkNames(): void {
    for (const [index, entry] of this.#file.values.entries()) {
      const { name, at } = entry
      const { findings } = this.#graph
      if (!COLUMN_NAME.test(name))
        findings.error('workbook/name', at, `"${name}" cannot be the name of a value`, { fix: 'letters, digits and _, a letter first' })
      else if (isCellAddress(name))
        findings.error('workbook/name', at, `"${name}" is the address of a cell in Excel`, { fix: `write ${name}_ or a longer name` })
      else if (functionNamed(name) !== undefined)
        findings.error('workbook/name', at, `"${name}" is a function`, { fix: 'choose another name' })
      if (this.#file.values.some((other, at) => at < index && equalNames(other.name, name)))
        findings.error('workbook/name', at, `there are two values "${name}"`, { fix: 'rename one of them' })
    }
  }

  names(): readonly string[] {
    return this.#file.values.map((entry) => entry.name)
  }

  /** `inside`: asked by a formula of the values themselves. */
  named(name: string, inside: boolean): NamedLookup {
    const entry = this.#file.values.find((one) => equalNames(one.name, name))
    if (entry === undefined) return null
    if (entry.formula === null)
      return entry.text === null
        ? { kind: 'constant', value: null, type: null }
        : { kind: 'constant', ...readUntyped(entry.text, entry.quoted) }
    if (isFunction(entry))
      return entry.formula.parsed.diagnostics.length > 0
        ? { kind: 'broken' }
        : { kind: 'function', name: entry.name, node: entry.formula.parsed.node }
    return this.#namedFormula(entry, inside)
  }

  #namedFormula(entry: NamedEntry, inside: boolean): NamedLookup {
    const result = this.#formula(entry)
    if ('cycle' in result) return { kind: 'cycle', path: result.cycle }
    const { expr, ok } = result
    if (!ok) return { kind: 'broken' }
    if (expr.kind === 'const') return { kind: 'constant', value: expr.value, type: expr.type === null ? null : computedType(expr.type) }
    const column: ScopeColumn = {
      kind: 'column',
      index: this.#formulas.indexOf(entry),
      name: entry.name,
      type: computedType(expr.type),
      nullable: expr.nullable,
      lost: isLost(expr),
    }
    return inside ? { kind: 'own', column } : { kind: 'formula', view: this.view, column, live: readsTables(expr) }
  }

  /** Does the value change with tables? */
  isLive(column: number): boolean {
    const entry = this.#formulas[column]
    const bound = entry === undefined ? undefined : this.#bound.get(entry.name)
    return (
      bound !== undefined && (readsTables(bound.expr) || readsLiveValues(bound.expr, (index) => index !== column && this.isLive(index)))
    )
  }

  #formula(entry: NamedEntry): NamedFormula | { readonly cycle: readonly string[] } {
    const known = this.#bound.get(entry.name)
    if (known !== undefined) return known
    for (const one of leafFirst([entry], (other) => this.#valuesReadBy(other))) if (one !== entry) this.#formula(one)
    const result = this.#graph.enter(`${this.workbook}!${entry.name}`, () => this.#bind(entry))
    if ('cycle' in result) return result
    this.#bound.set(entry.name, result.done)
    return result.done
  }

  /** Values that the formula names and that are not bound yet. */
  #valuesReadBy(reader: NamedEntry): readonly NamedEntry[] {
    if (reader.formula === null) return []
    return namesIn(reader.formula.parsed.node).flatMap((name) => {
      const found = this.#formulas.find((one) => equalNames(one.name, name))
      return found === undefined || found === reader || this.#bound.has(found.name) ? [] : [found]
    })
  }

  #bind({ formula }: NamedEntry): NamedFormula {
    if (formula === null) return { expr: { kind: 'const', value: null, type: null, nullable: true }, ok: false }
    const { expr, diagnostics } = this.#graph.reading(formula.at, () => bindFormula(formula.parsed, this.#scope()))
    for (const one of diagnostics) this.#graph.findings.add(formulaFinding(formula, one))
    return { expr, ok: !diagnostics.some((one) => one.severity === 'error') }
  }

  #scope(): Scope {
    const { workbook } = this
    return {
      workbook,
      timeZone: this.#graph.timeZone(workbook),
      row: null,
      relation: (source, table) => this.#graph.relation(workbook, source, table),
      relationNames: () => this.#graph.relationNames(workbook),
      named: (name) => this.named(name, true),
      names: () => this.names(),
      functions: this.#graph.functions,
    }
  }

  /** Functions are bound where they are called; what is wrong with them shows here too. */
  checkFunctions(): void {
    for (const { formula } of this.#file.values.filter(isFunction)) {
      for (const one of formula?.parsed.diagnostics ?? []) if (formula !== null) this.#graph.findings.add(formulaFinding(formula, one))
    }
  }

  /** The one-row sheet of the formulas; null if there are none. */
  finish(): BoundSheet | null {
    const columns = this.#formulas.map((entry): SheetColumn => {
      const bound = this.#formula(entry)
      const expr: Expr = 'cycle' in bound ? { kind: 'const', value: null, type: null, nullable: true } : bound.expr
      return { name: entry.name, type: computedType(expr.type), nullable: expr.nullable, formula: expr }
    })
    if (columns.length === 0) return null
    const bound = boundColumns(columns)
    const published = columns.map((_, index) => index)
    return {
      view: this.view,
      rows: { kind: 'single' },
      columns: bound,
      key: [],
      published,
      schema: {
        table: this.view,
        key: [],
        columns: columnSchemas(bound, published),
        index: [],
        search: [],
        lists: {},
        single: true,
        ...this.#read(columns),
        ...this.#formats(columns),
        ...(this.#file.about === null ? {} : { about: this.#file.about }),
      },
      cost: this.#cost(columns),
    }
  }

  #read(columns: readonly SheetColumn[]): { readonly read?: Readonly<Record<string, ReadRule>> } {
    if (this.#file.read === null) return {}
    const published = new Map(
      columns.map(({ name, type, formula }) => [
        name.toLowerCase(),
        { name, type, indexed: false, where: this.#file.at.file, lost: formula !== null && isLost(formula) },
      ]),
    )
    return {
      read: bindReadRules(
        this.#file.read,
        { workbook: this.workbook, scope: this.#scope(), published, key: new Set(), lists: new Set() },
        this.#graph,
      ),
    }
  }

  #formats(columns: readonly SheetColumn[]): { readonly format?: Readonly<Record<string, string>> } {
    const format: Record<string, string> = {}
    for (const { name, at, text, textAt } of this.#file.format) {
      const column = findNamed(columns, name)
      if (column === undefined) this.#graph.findings.error('formula/unknown-name', at, `there is no value with a formula named "${name}"`)
      else if (parseFormat(text) === null)
        this.#graph.findings.error('workbook/shape', textAt, `"${text}" is no number format`, {
          fix: 'write one as in Excel: "#,##0.00", "yyyy-mm-dd"',
        })
      else format[column.name] = text
    }
    return this.#file.format.length === 0 ? {} : { format }
  }

  #cost(columns: readonly SheetColumn[]): CostClass {
    const context = { view: this.view, key: [], single: true, isLive: (): boolean => false }
    const accepted = this.#file.cost
    let worst: CostClass = { class: 'constant' }
    for (const [index, { name, formula: expr }] of columns.entries()) {
      if (expr === null) continue
      const cost = costOf(expr, context)
      const at = this.#formulas[index]?.formula?.at
      if (at !== undefined) checkCost({ name, at, expr, cost, accepted: accepted !== null, isValue: true }, this.#graph.findings)
      worst = dearer(worst, cost)
    }
    return worst.class === 'whole-table' && accepted !== null ? { ...worst, accepted: { everyMs: accepted.everyMs } } : worst
  }
}

function isFunction({ formula }: NamedEntry): boolean {
  const node = formula?.parsed.node
  return node?.kind === 'call' && node.name.toUpperCase() === 'LAMBDA'
}

/** Does it change with tables, or each minute? */
function readsTables(expr: Expr): boolean {
  if (expr.kind === 'clock') return expr.unit === 'minute'
  return expr.kind === 'lookup' || expr.kind === 'aggregate' || expr.kind === 'columns' || partsOf(expr).some(readsTables)
}

/** Columns of the values' own sheet are other values. */
function readsLiveValues(expr: Expr, isLive: (column: number) => boolean): boolean {
  if (expr.kind === 'column') return isLive(expr.column)
  return partsOf(expr).some((part) => readsLiveValues(part, isLive))
}
