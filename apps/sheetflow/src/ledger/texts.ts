import { isErased } from '@sheetflow/core/framing/erase-row'
import type { Cause, KeyJson } from '@sheetflow/core/message'
import type { JsonValue } from '@sheetflow/core/value'
import type { CellChange } from '@sheetflow/engine/ledger/cell-change'
import type { KeyChange } from '@sheetflow/engine/ledger/key-history'
import { dim, green, red, yellow } from '../cli/output.ts'

/** Text that stands for itself: nothing in it could be taken for something else. */
const PLAIN = /^[\p{L}\p{N}_.:+@/-][\p{L}\p{N}_.:+@/ -]*$/u
const SHOWN_CHARS = 80

/** A value for people: `Blank`, `#N/A`, numbers and plain words as they are, other text in quotes, cut where it is long. */
export function valueText(value: JsonValue | undefined): string {
  if (value === undefined) return '?'
  if (value === null) return 'Blank'
  if (typeof value === 'string') {
    const cut = value.length > SHOWN_CHARS ? `${value.slice(0, SHOWN_CHARS)}…` : value
    return PLAIN.test(cut) && cut === cut.trim() ? cut : JSON.stringify(cut)
  }
  if (typeof value !== 'object') return String(value)
  if (isErased(value)) return '(erased)'
  if ('e' in value) return value.e
  if ('b' in value) return `(${value.n} bytes)`
  return '~' in value ? '(unchanged)' : JSON.stringify(value)
}

/** A key for people; nothing for the one row of named values. */
export function keyText(key: KeyJson): string {
  return key.map(valueText).join(',')
}

/** `sales.customers 7` */
export function rowText(relation: string, key: KeyJson): string {
  return key.length === 0 ? relation : `${relation} ${keyText(key)}`
}

/** `total 9.50 → 10.00` */
export function changeText({ column, ...cell }: CellChange): string {
  const before = 'before' in cell ? red(valueText(cell.before)) : null
  const after = 'after' in cell ? green(valueText(cell.after)) : null
  if (before === null) return `${column} ${after ?? ''}`
  return after === null ? `${column} ${before}` : `${column} ${before} → ${after}`
}

/** `ship_order 01J9… of user 7`; nothing where no command had a part in it. */
export function causesText(causes: readonly Cause[], names: ReadonlyMap<string, string>): string {
  return causes.map(({ id, user }) => `${yellow(names.get(id) ?? 'command')} ${id}${user === null ? '' : ` of user ${user}`}`).join(', ')
}

/** What made a change, as far as it is known: commands, or that the sheet was filled anew; '' for what the source did by itself. */
export function becauseText({ causes, generation, namesAssumed }: KeyChange, names: ReadonlyMap<string, string>): string {
  const parts = [
    ...(causes.length === 0 ? [] : [causesText(causes, names)]),
    ...(generation === undefined
      ? []
      : [generation === 1 ? 'the sheet was filled' : `the sheet was filled anew (generation ${generation})`]),
    ...(namesAssumed === true ? ['columns called as they are now'] : []),
  ]
  return parts.join('; ')
}

/** `9121  2026-11-23T10:00:00.123456Z` */
export function placeText(offset: number, at: string): string {
  return `${String(offset).padStart(7)}  ${dim(at)}`
}

/** Causes with their commands' names, for `--json`. */
export function namedCauses(causes: readonly Cause[], names: ReadonlyMap<string, string>): readonly (Cause & { readonly name?: string })[] {
  return causes.map((cause) => {
    const name = names.get(cause.id)
    return name === undefined ? cause : { ...cause, name }
  })
}
