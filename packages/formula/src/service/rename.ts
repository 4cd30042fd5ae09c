import type { Scope } from '../bind/scope.ts'
import type { RelationId } from '../bound.ts'
import type { FormulaDiagnostic, Range } from '../diagnostic.ts'
import { functionNamed } from '../functions/catalogue.ts'
import { isCell, readCorner } from '../syntax/cell-address.ts'
import { parseFormula } from '../syntax/parse.ts'
import { printName } from '../syntax/print.ts'
import { columnText } from './column-text.ts'
import { applyEdits, type TextEdit } from './edit.ts'
import { occurrencesOf, type Occurrence } from './occurrences.ts'

/** What gets another name: a column of a table or sheet, a table or sheet, a value or function under `values`, or the name of LET or LAMBDA that stands at an offset. */
export type RenameTarget =
  | { readonly kind: 'column'; readonly relation: RelationId; readonly name: string }
  | { readonly kind: 'table'; readonly relation: RelationId }
  | { readonly kind: 'value'; readonly name: string }
  | { readonly kind: 'local'; readonly at: number }

/** The formula with the new name. With problems among it `text` is as it was and there are no edits. */
export interface Renamed {
  readonly text: string
  readonly edits: readonly TextEdit[]
  readonly problems: readonly FormulaDiagnostic[]
}

/**
 * Writes another name in exactly the places that mean `what`; everything else stays as it is, spaces and letter case too. The new name is
 * written with the escapes that its place needs. Refused where the formula would come to mean something else. `scope` knows the old name.
 */
export function rename(text: string, what: RenameTarget, to: string, scope: Scope): Renamed {
  const all = occurrencesOf(parseFormula(text), scope)
  const meant = all.filter((one) => means(one, what, all))
  const problems = meant.flatMap((one) => problemsOf(one, all, to))
  if (problems.length > 0) return { text, edits: [], problems }
  const edits = meant.map((one) => ({ range: one.range, text: written(text, one, to) }))
  return { text: applyEdits(text, edits), edits, problems: [] }
}

function means(one: Occurrence, what: RenameTarget, all: readonly Occurrence[]): boolean {
  switch (what.kind) {
    case 'column':
      return one.kind === 'column' && one.relation?.id === what.relation && equal(one.name, what.name)
    case 'table':
      return one.kind === 'table' && one.relation?.id === what.relation
    case 'value':
      return one.kind === 'value' && equal(one.name, what.name)
    case 'local': {
      const there = all.find((other) => other.kind === 'local' && holds(other.range, what.at))
      return one.kind === 'local' && there?.kind === 'local' && sameRange(one.local.declared, there.local.declared)
    }
  }
}

function written(text: string, one: Occurrence, to: string): string {
  if (one.kind === 'table') return printName(to)
  return one.kind === 'column' ? columnText(text, one.range, to) : to
}

function problemsOf(one: Occurrence, all: readonly Occurrence[], to: string): FormulaDiagnostic[] {
  const problem = (message: string, fix: string): FormulaDiagnostic[] => [
    { code: 'formula/syntax', severity: 'error', range: one.range, message, fix },
  ]
  if (to.trim() !== to || to === '') return problem('a name is not empty and has no spaces around it', 'choose another name')
  if (one.kind === 'column' || (one.kind === 'table' && one.whole.start < one.range.start)) return []
  const isName = /^[\p{L}_\\][\p{L}\p{N}\p{M}_.\\]*$/u.test(to) && !/^(?:true|false)$/i.test(to) && !isCell(readCorner(to))
  if (one.kind !== 'table' && !isName)
    return problem(
      `"${to}" cannot be a name in a formula`,
      'names begin with a letter and hold letters, digits and _, and are no address of a cell',
    )
  const known = one.locals.get(to.toLowerCase())
  if (known !== undefined && !(one.kind === 'local' && sameRange(known.declared, one.local.declared)))
    return problem(`"${to}" already has a meaning here: LET or LAMBDA gives it`, 'choose another name')
  if (one.kind !== 'local') {
    const isHidden = one.kind === 'value' && one.call !== null && functionNamed(to) !== undefined
    return isHidden ? problem(`${to.toUpperCase()} is a function of Excel`, 'choose another name') : []
  }
  const isSame = (used: Occurrence): boolean => used.kind === 'local' && sameRange(used.local.declared, one.local.declared)
  const other = all.find(
    (used) => used.kind !== 'column' && !isSame(used) && equal(used.name, to) && used.locals.has(one.name.toLowerCase()),
  )
  return other === undefined ? [] : problem(`"${to}" is used inside with another meaning`, 'choose another name')
}

function equal(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

function holds(range: Range, offset: number): boolean {
  return range.start <= offset && offset <= range.end
}

function sameRange(a: Range, b: Range): boolean {
  return a.start === b.start && a.end === b.end
}
