import { declaredFunctions } from '../bind/declared.ts'
import type { Scope, ScopeRelation } from '../bind/scope.ts'
import type { Range } from '../diagnostic.ts'
import { FUNCTIONS } from '../functions/catalogue.ts'
import { signature } from '../functions/definition.ts'
import { suggest } from '../suggest.ts'
import { columnBehindAt, escapeColumn } from '../syntax/print.ts'
import { cursorAt, type Cursor } from './cursor.ts'
import { callText, lambdaParameters, typeOfColumn, typeOfNamed, typeText } from './describe.ts'
import { openNames } from './open-calls.ts'
import { ownRelation } from './own-relation.ts'
import { placeAt, type Place } from './place.ts'

/** One thing that can stand at the cursor. */
export interface Completion {
  readonly kind: 'function' | 'table' | 'column' | 'value' | 'local'
  /** The name as people know it. */
  readonly label: string
  /** What comes in the place of `Completions.range`. */
  readonly insert: string
  /** Signature of a function, type of a column or value. */
  readonly detail: string
  /** One line; may be empty. */
  readonly help: string
}

/** What can stand at a place, best first. */
export interface Completions {
  /** What is replaced; holds the cursor. */
  readonly range: Range
  /** True: nothing begins with what is typed, and these names are close to it ("did you mean"). */
  readonly guessed: boolean
  readonly items: readonly Completion[]
}

/**
 * Completions at an offset: functions, tables, named values and the names of LET and LAMBDA where a value can stand, columns inside of
 * brackets. Names that begin with what is typed; then those that hold it; if there are none, those that it may be a slip of. Null where nothing
 * can be completed.
 */
export function complete(text: string, offset: number, scope: Scope): Completions | null {
  const cursor = cursorAt(text, offset)
  const place = placeAt(text, cursor)
  if (place === null) return null
  const typed = place.kind === 'table' ? `${place.source}!${place.typed}` : place.typed
  const { items, guessed } = matching(candidates(place, cursor, scope), typed)
  return { range: place.range, guessed, items }
}

function candidates(place: Place, cursor: Cursor, scope: Scope): readonly Completion[] {
  switch (place.kind) {
    case 'column':
      return columns(place, cursor, scope)
    case 'table':
      return tables(scope).filter((one) => one.label.toLowerCase().startsWith(`${place.source.toLowerCase()}!`))
    case 'name':
      return [...locals(cursor), ...values(scope), ...tables(scope), ...functions(scope)]
  }
}

function matching(all: readonly Completion[], typed: string): { readonly items: readonly Completion[]; readonly guessed: boolean } {
  const wanted = typed.toLowerCase()
  const begins = all.filter((one) => one.label.toLowerCase().startsWith(wanted))
  const holds = all.filter((one) => !begins.includes(one) && one.label.toLowerCase().includes(wanted))
  if (begins.length + holds.length > 0) return { items: [...begins, ...holds], guessed: false }
  const names = suggest(
    typed,
    all.map((one) => one.label),
  )
  return { items: names.flatMap((name) => all.filter((one) => one.label === name)), guessed: true }
}

function columns(place: Place & { kind: 'column' }, { open }: Cursor, scope: Scope): readonly Completion[] {
  const relation = place.table === null ? ownRelation(open, scope) : relationOf(place.source, place.table, scope)
  if (relation === null) return []
  // Behind a bare "[" both the value in this row and the whole column can follow.
  const isEither = place.table === null && !place.row && scope.row !== null && !place.isItem
  return relation.columnNames().flatMap((name) => {
    const found = relation.column(name)
    if (found?.kind !== 'column') return []
    const column = (insert: string, help: string): Completion => ({
      kind: 'column',
      label: name,
      insert: insert + place.close,
      detail: typeText(typeOfColumn(found)),
      help,
    })
    const inRow = `the value of ${relation.label} in this row`
    if (place.row) return [column(place.behindAt ? columnBehindAt(name) : escapeColumn(name), inRow)]
    const whole = column(escapeColumn(name), `the whole column of ${relation.label}`)
    return isEither ? [column(`@${columnBehindAt(name)}`, inRow), whole] : [whole]
  })
}

function relationOf(source: string | null, table: string, scope: Scope): ScopeRelation | null {
  const found = scope.relation(source, table)
  return found?.kind === 'relation' ? found.relation : null
}

function locals({ open }: Cursor): readonly Completion[] {
  const seen = new Set<string>()
  return openNames(open).flatMap(({ name, value }) => {
    const isHidden = seen.has(name.toLowerCase())
    seen.add(name.toLowerCase())
    const detail = value === null ? 'parameter' : 'name given by LET'
    return isHidden ? [] : [{ kind: 'local', label: name, insert: name, detail, help: '' }]
  })
}

function values(scope: Scope): readonly Completion[] {
  return scope.names().flatMap((name): Completion[] => {
    const named = scope.named(name)
    if (named === null || named.kind === 'cycle' || named.kind === 'broken') return []
    if (named.kind === 'function') {
      const detail = callText(name, lambdaParameters(named.node) ?? [])
      return [{ kind: 'function', label: name, insert: `${name}(`, detail, help: 'a function of this workbook' }]
    }
    const type = typeOfNamed(named)
    return [{ kind: 'value', label: name, insert: name, detail: type === null ? '' : typeText(type), help: 'a value of this workbook' }]
  })
}

function tables(scope: Scope): readonly Completion[] {
  return scope.relationNames().map((name) => ({ kind: 'table', label: name, insert: name, detail: 'table', help: '' }))
}

/** In the order of the alphabet, as Excel offers them. */
function functions(scope: Scope): readonly Completion[] {
  const declared = declaredFunctions(scope).map((one) => one.definition)
  return [...FUNCTIONS, ...declared]
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((one) => ({
      kind: 'function',
      label: one.name,
      insert: `${one.name}(`,
      detail: signature(one),
      help: one.help,
    }))
}
