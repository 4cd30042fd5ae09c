import { must } from '@sheetflow/core/assert'
import type { FunctionSignatures } from '@sheetflow/core/function-signature'
import type { ColumnSchema, TableSchema } from '@sheetflow/core/schema'
import type { ColumnType } from '@sheetflow/core/type'
import type { Value } from '@sheetflow/core/value'
import type { BoundColumn, BoundGraph, BoundRows, BoundSheet } from '@sheetflow/formula/bound'
import { bindFormula } from '@sheetflow/formula/bind/bind-formula'
import { bindRows } from '@sheetflow/formula/bind/bind-rows'
import { groupScope, isLayoutProblem, layoutRows } from '@sheetflow/formula/bind/rows-layout'
import type { ColumnLookup, NamedLookup, RelationLookup, Scope, ScopeGroup, ScopeRelation } from '@sheetflow/formula/bind/scope'
import type { FormulaDiagnostic } from '@sheetflow/formula/diagnostic'
import { parseFormula } from '@sheetflow/formula/syntax/parse'
import { computedType } from '@sheetflow/formula/value/type-rules'

/** A source table in few words: columns by name, the first `key` ones (default 1) are the key. */
export interface TableSketch {
  readonly columns: Readonly<Record<string, ColumnType>>
  readonly key?: number
}

/** A sheet in few words. Formulas may read the columns written before theirs, and sheets written before this one. */
export interface SheetSketch {
  /** `=shop!orders`, `=FILTER(…)`, the name of a sheet, or rows of their own; absent: the one row of named values. */
  readonly rows?: string | { readonly columns: Readonly<Record<string, ColumnType>>; readonly data: readonly (readonly Value[])[] }
  readonly columns?: Readonly<Record<string, string>>
  /** Types of columns that read themselves, or a later one, in other rows. */
  readonly types?: Readonly<Record<string, ColumnType>>
  /** `map:` of a stack: column → label of a table → its column. */
  readonly map?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Published; default all. */
  readonly keep?: readonly string[]
}

/** A graph in few words: tables as `source!schema.table`, sheets as `workbook.sheet`. */
export interface GraphSketch {
  readonly tables: Readonly<Record<string, TableSketch>>
  readonly sheets: Readonly<Record<string, SheetSketch>>
  readonly timeZone?: string
  /** Asynchronous functions that formulas may call. */
  readonly functions?: FunctionSignatures
}

/** A table's schema from a sketch; columns have ids 1, 2, 3 … */
export function tableSchema(table: string, sketch: TableSketch, schema = 1): TableSchema {
  const columns = Object.entries(sketch.columns).map(([name, type], i): ColumnSchema => ({
    ...type,
    name,
    id: i + 1,
    null: i >= (sketch.key ?? 1),
  }))
  const key = columns.slice(0, sketch.key ?? 1).map((column) => column.name)
  return { v: 1, table, schema, hash: JSON.stringify([key, columns]), key, columns }
}

/** Binds a sketch with the real parser and binder. Throws what they complain about: a test's formula is right or the test is wrong. */
export function boundGraph(sketch: GraphSketch): BoundGraph {
  const builder = new Builder(sketch)
  for (const [view, sheet] of Object.entries(sketch.sheets)) builder.add(view, sheet)
  return builder.graph()
}

interface SketchedRows {
  readonly rows: BoundRows
  readonly columns: BoundColumn[]
  readonly key: readonly number[]
  readonly group: ScopeGroup | null
}

class Builder {
  readonly #sketch: GraphSketch
  readonly #relations = new Map<string, ScopeRelation & { readonly columns: readonly BoundColumn[] }>()
  readonly #schemas = new Map<string, TableSchema>()
  readonly #sheets: BoundSheet[] = []

  constructor(sketch: GraphSketch) {
    this.#sketch = sketch
    for (const [id, table] of Object.entries(sketch.tables)) {
      const schema = tableSchema(afterBang(id), table)
      const columns = schema.columns.map((column): BoundColumn => ({
        name: column.name,
        id: column.id,
        type: typeOf(column),
        nullable: column.null,
      }))
      this.#schemas.set(id, schema)
      this.#relations.set(id, relationOf(id, columns, keyIndexes(schema.key, columns)))
    }
  }

  graph(): BoundGraph {
    const workbooks = new Set(this.#sheets.map((sheet) => workbookOf(sheet.view)))
    return {
      tables: [...this.#schemas].map(([id, schema]) => ({ id, source: beforeBang(id), schema })),
      sheets: this.#sheets,
      timeZones: Object.fromEntries([...workbooks].map((workbook) => [workbook, this.#sketch.timeZone ?? 'UTC'])),
    }
  }

  add(view: string, sheet: SheetSketch): void {
    const { rows, columns, key, group } = this.#rows(view, sheet)
    const inputs = columns.length
    const formulas = Object.entries(sheet.columns ?? {})
    const typed = formulas.flatMap(([name], i) => {
      const type = sheet.types?.[name]
      return type === undefined ? [] : [{ kind: 'column' as const, index: inputs + i, name, type, nullable: true }]
    })
    for (const [name, formula] of formulas) {
      // What the sheet has so far is what this formula may read, and what has a type; `columns` grows under it.
      const known = relationOf(view, columns, key)
      const column = (wanted: string): ColumnLookup => typed.find((one) => one.name === wanted) ?? known.column(wanted)
      const { expr, diagnostics } = bindFormula(parseFormula(formula), {
        ...this.#scope(view, { ...known, column }),
        ...(group === null ? {} : { group }),
      })
      refuse(view, name, diagnostics)
      const type = computedType(expr.type)
      const told = sheet.types?.[name]
      if (told !== undefined && told.type !== type.type) throw new Error(`${view}[${name}] is ${type.type}, not ${told.type}`)
      columns.push({ name, id: columns.length + 1, type, nullable: expr.nullable, formula: expr })
    }
    const published = columns.flatMap((column, i) =>
      sheet.keep === undefined || sheet.keep.includes(column.name) || key.includes(i) ? [i] : [],
    )
    this.#relations.set(view, relationOf(view, columns, key))
    this.#sheets.push({
      view,
      rows,
      columns,
      key,
      published,
      cost: { class: 'log' },
      schema: schemaOf(view, columns, key, published, rows.kind === 'single'),
    })
  }

  #rows(view: string, { rows, map = {} }: SheetSketch): SketchedRows {
    if (rows === undefined) return { rows: { kind: 'single' }, columns: [], key: [], group: null }
    if (typeof rows !== 'string') {
      const columns = Object.entries(rows.columns).map(([name, type], i): BoundColumn => ({ name, id: i + 1, type, nullable: true }))
      return { rows: { kind: 'data', rows: rows.data }, columns, key: [0], group: null }
    }
    const { rows: formula, diagnostics } = bindRows(parseFormula(rows), this.#scope(view, null))
    refuse(view, 'rows', diagnostics)
    const layout = layoutRows(must(formula), {
      columnsOf: (relation) => must(this.#relations.get(relation.id)).columns,
      map: new Map(Object.entries(map).map(([name, by]) => [name, new Map(Object.entries(by))])),
    })
    if (isLayoutProblem(layout)) throw new Error(`${view}: ${layout.message}`)
    const columns = layout.columns.map(({ name, type, nullable }, i): BoundColumn => ({ name, id: i + 1, type, nullable }))
    const group = formula?.kind === 'distinct' ? groupScope(formula, layout) : null
    return { rows: layout.bound, columns, key: layout.key, group }
  }

  #scope(view: string, row: ScopeRelation | null): Scope {
    return {
      workbook: workbookOf(view),
      timeZone: this.#sketch.timeZone ?? 'UTC',
      row,
      relation: (source, table) => this.#relation(source, table, row),
      relationNames: () => [...this.#relations.keys()],
      named: (name) => this.#named(view, name),
      names: () => [],
      functions: this.#sketch.functions ?? {},
    }
  }

  #relation(source: string | null, table: string, row: ScopeRelation | null): RelationLookup {
    if (source === null && row !== null && afterDot(row.id) === table) return { kind: 'relation', relation: row }
    for (const [id, relation] of this.#relations) {
      const fits =
        source === null ? !id.includes('!') && afterDot(id) === table : beforeBang(id) === source && afterDot(afterBang(id)) === table
      if (fits) return { kind: 'relation', relation }
    }
    return null
  }

  /** Names are columns of the workbook's one-row sheet, if it has one. */
  #named(view: string, name: string): NamedLookup {
    const single = this.#sheets.find((sheet) => sheet.rows.kind === 'single' && workbookOf(sheet.view) === workbookOf(view))
    const column = single === undefined ? null : this.#relations.get(single.view)?.column(name)
    if (single === undefined || column?.kind !== 'column') return null
    return { kind: 'formula', view: single.view, column, live: true }
  }
}

function relationOf(
  id: string,
  columns: readonly BoundColumn[],
  key: readonly number[],
): ScopeRelation & { readonly columns: readonly BoundColumn[] } {
  return {
    id,
    label: id,
    key,
    columns,
    columnNames: () => columns.map((column) => column.name),
    column: (name) => {
      const index = columns.findIndex((column) => column.name.toLowerCase() === name.toLowerCase())
      const column = columns[index]
      return column === undefined ? null : { kind: 'column', index, name: column.name, type: column.type, nullable: column.nullable }
    },
  }
}

function schemaOf(
  view: string,
  columns: readonly BoundColumn[],
  key: readonly number[],
  published: readonly number[],
  single: boolean,
): BoundSheet['schema'] {
  const pick = (indexes: readonly number[]): BoundColumn[] => indexes.map((index) => must(columns[index]))
  return {
    table: view,
    key: pick(key).map((column) => column.name),
    columns: pick(published).map(({ name, id, type, nullable }): ColumnSchema => ({ ...type, name, id, null: nullable })),
    index: [],
    search: [],
    lists: {},
    read: { anyone: { rows: null, hide: [] } },
    ...(single ? { single } : {}),
  }
}

function typeOf(column: ColumnSchema): ColumnType {
  const { name: _name, id: _id, null: _null, source: _source, ...type } = column
  return type
}

function keyIndexes(key: readonly string[], columns: readonly BoundColumn[]): number[] {
  return key.map((name) => columns.findIndex((column) => column.name === name))
}

function refuse(view: string, where: string, diagnostics: readonly FormulaDiagnostic[]): void {
  if (diagnostics.length > 0) throw new Error(`${view}[${where}]: ${JSON.stringify(diagnostics)}`)
}

function beforeBang(id: string): string {
  return id.slice(0, id.indexOf('!'))
}
function afterBang(id: string): string {
  return id.slice(id.indexOf('!') + 1)
}
function afterDot(id: string): string {
  return id.slice(id.indexOf('.') + 1)
}
function workbookOf(view: string): string {
  return view.slice(0, view.indexOf('.'))
}
