import { must } from '@sheetflow/core/assert'
import type { Value } from '@sheetflow/core/value'
import type { ExprType } from '../bound.ts'
import { bindFormula } from '../bind/bind-formula.ts'
import type { Scope } from '../bind/scope.ts'
import { compileColumn, compileFlow } from '../compile/compile-expr.ts'
import type { CompileHost } from '../compile/compile-host.ts'
import type { FormulaDiagnostic } from '../diagnostic.ts'
import { parseFormula, type ParsedFormula } from '../syntax/parse.ts'
import type { FormulaValue } from '../value/grid.ts'
import { PlainHost } from './plain-host.ts'
import { plainRelation, type PlainTable } from './plain-table.ts'

/** What a formula is calculated over. */
export interface CalculatorInput {
  /** Tables by the names under which formulas know them. */
  readonly tables: readonly PlainTable[]
  /** The table whose first row is at hand (`[@x]`); null: no row. */
  readonly row: PlainTable | null
  /** Today, in days since 1970. */
  readonly today: number
  /** The time of the day, in µs; 0 if it is left out. */
  readonly time?: number
  readonly timeZone: string
  /** As in Excel: results may be arrays, and values of any kind. Else the rules of a sheet's column hold. */
  readonly dynamic?: true
}

/** A result; `value` is null after an error among the diagnostics. */
export interface Calculation {
  readonly value: FormulaValue
  readonly type: ExprType
  readonly diagnostics: readonly FormulaDiagnostic[]
}

/** The value of one formula over plain tables. */
export function calculate(text: string, input: CalculatorInput): Calculation {
  const host = new PlainHost((id) => must([...input.tables, ...(input.row === null ? [] : [input.row])].find((table) => table.id === id)), {
    days: input.today,
    micros: input.time ?? 0,
  })
  return evaluate(parseFormula(text), calculatorScope(input), host, input.row?.rows[0] ?? [])
}

/** The value of a formula for one row, with everything that its names mean given by `scope` and `host`. */
export function evaluate(formula: ParsedFormula, scope: Scope, host: CompileHost, values: readonly Value[]): Calculation {
  const { expr, diagnostics } = bindFormula(formula, scope)
  const type: ExprType = { type: expr.type, nullable: expr.nullable, ...(expr.array === true ? { array: true } : {}) }
  if (diagnostics.some((one) => one.severity === 'error')) return { value: null, type, diagnostics }
  const row = { get: (column: number) => values[column] ?? null }
  const value = expr.array === true ? compileFlow(expr, host)(row) : compileColumn(expr, 'result', host)(row)
  return { value, type, diagnostics }
}

function calculatorScope({ tables, row, timeZone, dynamic }: CalculatorInput): Scope {
  return {
    workbook: 'calculator',
    timeZone,
    ...(dynamic === true ? { dynamic } : {}),
    row: row === null ? null : plainRelation(row),
    relation: (source, name) => {
      const wanted = source === null ? name : `${source}!${name}`
      const table = tables.find((one) => one.id.toLowerCase() === wanted.toLowerCase())
      return table === undefined ? null : { kind: 'relation', relation: plainRelation(table) }
    },
    relationNames: () => tables.map((table) => table.id),
    named: () => null,
    names: () => [],
  }
}
