import type { ReadRule } from '@sheetflow/core/schema'
import type { PredicateTemplate } from '@sheetflow/core/predicate'
import { readsDropped } from '@sheetflow/formula/bind/dropped'
import type { Scope } from '@sheetflow/formula/bind/scope'
import type { Range } from '@sheetflow/formula/diagnostic'
import { didYouMean } from '@sheetflow/formula/suggest'
import { formulaFinding, type FormulaSource } from '../file/formula-source.ts'
import type { ReadEntry } from '../file/sheet-file.ts'
import { OUR_NAME } from '../file/workbook-set.ts'
import { lowerPredicate, type PredicateColumn, type PredicateScope } from '../predicate/lower.ts'
import type { GraphContext } from './graph-context.ts'
import { findNamed } from './table-scope.ts'

/** What the rules of a sheet may use. */
export interface RuleScope {
  readonly workbook: string
  readonly scope: Scope
  /** Published columns by name. */
  readonly published: ReadonlyMap<string, PredicateColumn>
  readonly key: ReadonlySet<string>
  /** Nested lists may be hidden too. */
  readonly lists: ReadonlySet<string>
}

/** `read:` as the schema has it: role → predicate and hidden columns. */
export function bindReadRules(entries: readonly ReadEntry[], sheet: RuleScope, graph: GraphContext): Readonly<Record<string, ReadRule>> {
  const rules: Record<string, ReadRule> = {}
  for (const entry of entries) {
    if (!OUR_NAME.test(entry.name))
      graph.findings.error('workbook/name', entry.at, `"${entry.name}" cannot be the name of a role`, {
        fix: 'small letters, digits and _, a letter first',
      })
    const rows = entry.rows === 'all' ? null : lowerRule(entry.rows, sheet, graph)
    rules[entry.name] = { rows, hide: hiddenColumns(entry, sheet, graph) }
  }
  return rules
}

function lowerRule(formula: Exclude<ReadEntry['rows'], 'all'>, sheet: RuleScope, graph: GraphContext): PredicateTemplate | null {
  for (const one of formula.parsed.diagnostics) graph.findings.add(formulaFinding(formula, one))
  if (formula.parsed.diagnostics.length > 0) return null
  return lowerPredicate(formula.parsed.node, ruleScope(sheet, graph, formula), (range, code, message, advice) =>
    graph.findings.error(code, formula.place(range), message, advice),
  )
}

function ruleScope({ workbook, scope, published }: RuleScope, graph: GraphContext, formula: FormulaSource): PredicateScope {
  return {
    bind: scope,
    columnOf: ({ row, table, column }) => {
      if (column === null || (table !== null && !row)) return undefined
      if (!row) return { missing: `this is the whole column; the row's value is written [@${column.name}]` }
      const known = findNamed(published.values(), column.name)
      const unpublished = known?.name === column.name ? null : scope.row?.column(column.name)
      // One that is called so but for letter case is not it, where the rows have one of this very name.
      const isIt = known !== undefined && (unpublished?.kind !== 'column' || unpublished.name === known.name)
      if (isIt && known.lost) warnLost(graph, formula, column, `[@${known.name}]`)
      if (isIt) return known
      if (unpublished?.kind === 'column') return { missing: `"${column.name}" is not passed on by this sheet: add it to keep` }
      const close = didYouMean(
        column.name,
        [...published.values()].map((one) => one.name),
        (name) => `[@${name}]`,
      )
      return { missing: `this sheet has no column "${column.name}"${close === undefined ? '' : `: ${close}`}` }
    },
    operandOf: ({ row, source, table, column }) => {
      if (row || source !== null || column === null || table?.name.toLowerCase() !== 'user') return undefined
      const type = graph.claim(workbook, column.name)
      if (type !== undefined) return { operand: { claim: column.name }, type }
      const close = didYouMean(column.name, graph.claimNames(workbook), (name) => `user[${name}]`)
      return { missing: `the claim "${column.name}" is not declared: ${close ?? `add it under "user:" in ${workbook}/workbook.yaml`}` }
    },
    columnHint: '[@x]',
    operandHint: 'a constant or a claim (user[x])',
    listOf: null,
  }
}

/** Says that a condition stands on a column that is gone. */
export function warnLost(graph: GraphContext, formula: FormulaSource, range: Range, what: string): void {
  const { message, ...advice } = readsDropped(what)
  graph.findings.warning('formula/unknown-name', formula.place(range), message, { ...advice, why: 'an error meets no condition' })
}

function hiddenColumns(entry: ReadEntry, { published, key, lists }: RuleScope, graph: GraphContext): string[] {
  return entry.hide.flatMap(({ name, at }) => {
    if (lists.has(name)) return [name]
    const column = findNamed(published.values(), name)
    if (column === undefined) {
      const fix = didYouMean(
        name,
        [...published.values()].map((one) => one.name),
      )
      graph.findings.error('formula/unknown-name', at, `this sheet has no column "${name}"`, fix === undefined ? {} : { fix })
      return []
    }
    if (key.has(column.name))
      graph.findings.error('workbook/read-rule', at, `the key column "${name}" cannot be hidden`, {
        why: 'rows are told apart by it on the page',
        fix: 'take it out of hide',
      })
    return [column.name]
  })
}
