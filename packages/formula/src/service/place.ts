import type { Range } from '../diagnostic.ts'
import type { Token } from '../syntax/token.ts'
import { isMark } from '../syntax/token-tests.ts'
import type { Cursor } from './cursor.ts'

/**
 * What is being typed at the cursor: `range` is what a completion replaces, `typed` what stands before the cursor in it.
 * `name`: a function, value, table or name of LET. `table`: one of a source, `source!` being part of the range. `column`: inside of `[…]`;
 * `row` behind `@`; `behindAt`: without brackets of its own there; `close`: the brackets that are still to be closed;
 * `isItem`: inside of brackets of its own.
 */
export type Place = { readonly range: Range; readonly typed: string } & (
  | { readonly kind: 'name' }
  | { readonly kind: 'table'; readonly source: string }
  | {
      readonly kind: 'column'
      readonly source: string | null
      readonly table: string | null
      readonly row: boolean
      readonly behindAt: boolean
      readonly close: string
      readonly isItem: boolean
    }
)

const NAME_PART = /[\p{L}\p{N}\p{M}_.$\\]*/uy

/** What can be completed at the cursor; null: nothing, such as inside of a text or behind a value. */
export function placeAt(text: string, { tokens, offset }: Cursor): Place | null {
  const last = tokens.at(-1)
  if (last === undefined) return nameAt(offset)
  const isTyped = last.end === offset
  switch (last.kind) {
    case 'bracket':
      return isTyped && !last.closed ? columnAt(text, tokens, last, offset) : null
    case 'name':
    case 'quoted':
      return isTyped ? typedName(text, tokens, last, offset) : null
    case 'mark': {
      const source = tokens.at(-2)
      if (isMark(last, '!')) return source?.kind === 'name' || source?.kind === 'quoted' ? tableAt(text, source, '', offset) : null
      return last.text === ')' || last.text === '}' ? null : nameAt(offset)
    }
    case 'operator':
      return last.text === '%' || last.text === '#' ? null : nameAt(offset)
    default:
      return null
  }
}

function nameAt(offset: number): Place {
  return { kind: 'name', range: { start: offset, end: offset }, typed: '' }
}

function typedName(text: string, tokens: readonly Token[], token: Token & { kind: 'name' | 'quoted' }, offset: number): Place | null {
  const [source, mark] = [tokens.at(-3), tokens.at(-2)]
  if (mark !== undefined && isMark(mark, '!'))
    return source?.kind === 'name' || source?.kind === 'quoted' ? tableAt(text, source, token.text, offset) : null
  return { kind: 'name', range: { start: token.start, end: endOfName(text, offset) }, typed: token.text }
}

function tableAt(text: string, source: Token & { kind: 'name' | 'quoted' }, typed: string, offset: number): Place {
  return { kind: 'table', source: source.text, range: { start: source.start, end: endOfName(text, offset) }, typed }
}

function endOfName(text: string, offset: number): number {
  NAME_PART.lastIndex = offset
  return offset + (NAME_PART.exec(text)?.[0].length ?? 0)
}

/** Inside of a bracket that is open at the cursor: what is typed begins behind the last `[` or `@` that has no apostrophe before it. */
function columnAt(text: string, tokens: readonly Token[], token: Token & { kind: 'bracket' }, offset: number): Place | null {
  let depth = 0
  let from = 0
  let row = false
  let hasItems = false
  for (let at = 0; at < token.text.length; at++) {
    const char = token.text.charAt(at)
    if (char === "'") at++
    else if (char === ']') depth--
    else if (char === '[') {
      depth++
      hasItems ||= depth > 1
      from = at + 1
    } else if (char === '@' && token.text.slice(1, at).trim() === '') {
      row = true
      from = at + 1
    }
  }
  const typed = token.text.slice(from).trimStart()
  // Behind an item (`t[[a]:`) only another one can stand.
  if (depth > 2 || (depth === 1 && hasItems) || typed.startsWith('#')) return null
  const end = endOfColumn(text, offset)
  return {
    kind: 'column',
    ...tableBefore(tokens, token),
    row,
    behindAt: row && depth === 1,
    isItem: depth > 1,
    close: text.charAt(end) === ']' ? '' : ']'.repeat(depth),
    range: { start: offset - typed.length, end },
    typed: typed.replaceAll(/'(.)/gs, '$1'),
  }
}

/** Up to the bracket that closes the name; the offset if there is none. */
function endOfColumn(text: string, offset: number): number {
  const rest = /^(?:'.|[^[\]'"()])*/s.exec(text.slice(offset))?.[0].length ?? 0
  return text.charAt(offset + rest) === ']' ? offset + rest : offset
}

/** The table that stands before a bracket. */
function tableBefore(tokens: readonly Token[], bracket: Token): { readonly source: string | null; readonly table: string | null } {
  const at = tokens.indexOf(bracket)
  const [source, mark, table] = [tokens[at - 3], tokens[at - 2], tokens[at - 1]]
  if (table === undefined || (table.kind !== 'name' && table.kind !== 'quoted') || table.end !== bracket.start)
    return { source: null, table: null }
  const hasSource = mark !== undefined && isMark(mark, '!') && (source?.kind === 'name' || source?.kind === 'quoted')
  return { source: hasSource ? source.text : null, table: table.text }
}
