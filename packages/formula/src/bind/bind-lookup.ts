import type { Expr, LookupMode } from '../bound.ts'
import type { CallNode, Node } from '../syntax/node.ts'
import { areOfDifferentKinds } from '../value/excel-compare.ts'
import { lookupPattern } from '../criteria.ts'
import { computedType, isDateType, isTextType, typeLabel, widenAll } from '../value/type-rules.ts'
import type { Binding } from './binding.ts'
import { BLANK, refError } from './build.ts'
import { asCells, asDay, constantDate } from './calendar.ts'
import type { Locals } from './locals.ts'
import { columnType, resolveWholeColumn } from './resolve.ts'
import type { ScopeColumn } from './scope.ts'
import { signatureOf } from './signature-of.ts'

/** `XLOOKUP(search, t[key], t[result], missing, mode)`: exact, the next smaller (−1) or larger (1) key, or wildcards in the search (2). */
export function bindLookup(binding: Binding, node: CallNode, locals: Locals): Expr {
  const [searchNode, keyNode, resultNode, missingNode] = node.args
  if (searchNode === undefined || keyNode === undefined || resultNode === undefined || node.args.length > 6) {
    binding.error('formula/arguments', node.nameRange, `XLOOKUP takes 3 to 6 arguments and has ${node.args.length}`, {
      fix: signatureOf('XLOOKUP'),
    })
    return BLANK
  }
  const mode = matchMode(binding, node.args[4], locals)
  const fromFirst = 'rows have no order: only search from the first (1) is supported, which is the smallest key'
  const direction = constantMode(binding, node.args[5], [1], fromFirst, locals)
  if (mode === null || direction === null) return BLANK
  const search = binding.value(searchNode, locals)
  const missing = missingNode === undefined ? null : binding.value(missingNode, locals)
  const key = resolveWholeColumn(binding, keyNode, locals)
  const result = resolveWholeColumn(binding, resultNode, locals, 'values')
  if (key === 'dropped' || result === 'dropped') return refError('')
  if (key === null || result === null) return BLANK
  if (key.relation.id !== result.relation.id) {
    binding.error('formula/type', resultNode, 'both columns must belong to one table', {
      why: `the key is of ${key.relation.label}, the result of ${result.relation.label}`,
    })
    return BLANK
  }
  const type = lookupType(binding, result.column, missing, missingNode ?? node)
  if (type === null) return BLANK
  const asked = searchFor(binding, key.column, search, mode, searchNode)
  // Wildcards are for texts in texts: any other search is one for what is equal.
  const mayFit = isTextType(key.column.type) && isTextType(asked.type) && (asked.kind !== 'const' || lookupPattern(asked.value) !== null)
  return {
    kind: 'lookup',
    relation: key.relation.id,
    key: key.column.index,
    search: asked,
    result: result.column.index,
    found: result.column.type,
    missing,
    mode: mode === 2 && !mayFit ? 0 : mode,
    ...type,
  }
}

/** The search value in the form of the key; a value of another kind is never found. */
function searchFor(binding: Binding, key: ScopeColumn, search: Expr, mode: LookupMode, place: Node): Expr {
  const { timeZone } = binding.scope
  const dated = isDateType(key.type) ? (constantDate(search) ?? search) : search
  if (areOfDifferentKinds(key.type, dated.type)) {
    binding.warn('formula/type', place, `a ${typeLabel(dated.type)} is never found in ${typeLabel(key.type)} column "${key.name}"`, {
      why: 'lookups do not turn texts into numbers',
      fix: dated.type?.type === 'text' ? 'VALUE(…) reads a text as a number' : '… & "" makes a text of a number',
    })
  }
  const asked = asCells(dated, key.type, timeZone)
  // The next smaller or larger day is found by the moment itself (`nearKey`).
  return key.type.type === 'date' && (mode === 0 || mode === 2) ? asDay(asked, timeZone) : asked
}

function lookupType(binding: Binding, result: ScopeColumn, missing: Expr | null, place: Node): Pick<Expr, 'type' | 'nullable'> | null {
  const found = {
    type: result.type.type === 'decimal' && missing === null ? computedType(result.type) : result.type,
    nullable: result.nullable,
  }
  if (missing === null) return found
  const type = widenAll([columnType(result), missing])
  if (type !== null) return { type: type.type?.type === 'decimal' ? computedType(type.type) : type.type, nullable: type.nullable }
  const fix =
    missing.type?.type === 'text' ? 'leave it out (#N/A), or nothing between the commas for Blank' : `give a ${typeLabel(result.type)}`
  binding.error(
    'formula/type',
    place,
    `the result would be ${typeLabel(result.type)} or ${typeLabel(missing.type)}: a column has one type`,
    { fix },
  )
  return null
}

function matchMode(binding: Binding, node: Node | undefined, locals: Locals): LookupMode | null {
  const message =
    'the match mode is 0 (equal), -1 (or the next smaller), 1 (or the next larger) or 2 (wildcards in the search), the same for all rows'
  const mode = constantMode(binding, node, [0, -1, 1, 2], message, locals)
  return mode === -1 || mode === 1 || mode === 2 || mode === null ? mode : 0
}

/** A constant that is one of these, the first if it is left out; null after it was reported. */
function constantMode(
  binding: Binding,
  node: Node | undefined,
  allowed: readonly number[],
  message: string,
  locals: Locals,
): number | null {
  if (node === undefined || node.kind === 'empty') return allowed[0] ?? null
  const mode = binding.value(node, locals)
  const value = mode.kind === 'const' && mode.value !== null ? Number(mode.value) : Number.NaN
  if (allowed.includes(value)) return value
  binding.error('formula/not-allowed', node, message, { fix: 'leave it out' })
  return null
}
