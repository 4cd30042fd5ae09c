import { SheetflowError } from '@sheetflow/core/errors'

/** One statement with its named parameters as `$1`, `$2`…, and the names in that order. */
export interface BoundStatement {
  readonly text: string
  readonly names: readonly string[]
  /** The first word outside comments, in lower case; of SET also what it sets, if that ends with the transaction: `set local`, `set constraints`. */
  readonly verb: string
}

/**
 * What may stand in SQL, in the order in which it is tried. Only the last but one kind is a parameter: everything that could hide a colon comes before.
 * A block comment is only begun here, since they nest.
 */
const TOKEN = new RegExp(
  [
    String.raw`(?<skip>[eE]'(?:[^'\\]|\\[^]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|::|:=|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`,
    String.raw`(?<comment>/\*)`,
    String.raw`(?<dollar>\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)`,
    String.raw`(?<position>\$\d+)`,
    String.raw`:(?<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?)`,
    String.raw`(?<end>;)`,
  ].join('|'),
  'gu',
)

/**
 * Splits SQL into statements and replaces `:name` and `:user.claim` by positions: bound, never spliced. Strings, quoted names, comments, dollar
 * quotes and `::casts` are left alone. In an array slice write `a[i : j]`, with spaces. `command/failed` for SQL that has `$1` of its own or does not end.
 */
export function bindNames(sql: string): BoundStatement[] {
  const statements: BoundStatement[] = []
  let text = ''
  let names: string[] = []
  let from = 0
  const finish = (to: number): void => {
    text += sql.slice(from, to)
    const verb = verbOf(text)
    if (verb !== null) statements.push({ text: text.trim(), names, verb })
    text = ''
    names = []
  }
  TOKEN.lastIndex = 0
  for (let match = TOKEN.exec(sql); match !== null; match = TOKEN.exec(sql)) {
    const { comment, dollar, position, name, end } = match.groups ?? {}
    if (comment !== undefined) TOKEN.lastIndex = endOfComment(sql, TOKEN.lastIndex)
    else if (dollar !== undefined) TOKEN.lastIndex = endOfDollar(sql, TOKEN.lastIndex, dollar)
    else if (position !== undefined) throw bad(`has the position ${position}`, 'Name parameters: `:id`.')
    else if (end !== undefined) {
      finish(match.index)
      from = TOKEN.lastIndex
    } else if (name !== undefined) {
      if (!names.includes(name)) names.push(name)
      text += `${sql.slice(from, match.index)}$${names.indexOf(name) + 1}`
      from = TOKEN.lastIndex
    }
  }
  finish(sql.length)
  return statements
}

function endOfComment(sql: string, from: number): number {
  let depth = 1
  const mark = /\/\*|\*\//g
  mark.lastIndex = from
  for (let match = mark.exec(sql); match !== null; match = mark.exec(sql)) {
    depth += match[0] === '/*' ? 1 : -1
    if (depth === 0) return mark.lastIndex
  }
  throw bad('has a comment without an end', 'Close it with */.')
}

function endOfDollar(sql: string, from: number, quote: string): number {
  const end = sql.indexOf(quote, from)
  if (end < 0) throw bad(`has a text ${quote} without an end`, `Close it with ${quote}.`)
  return end + quote.length
}

/** Null if there is nothing but space and comments. */
function verbOf(text: string): string | null {
  const rest = withoutComments(text)
  if (rest === '') return null
  const verb = /^\w+/.exec(rest)?.[0].toLowerCase() ?? rest.charAt(0)
  if (verb !== 'set') return verb
  const [kind] = /^(?:local|constraints)\b/i.exec(withoutComments(rest.slice(verb.length))) ?? []
  return kind === undefined ? verb : `set ${kind.toLowerCase()}`
}

/** The text from its first word on. */
function withoutComments(text: string): string {
  let rest = text
  for (;;) {
    rest = rest.trimStart()
    if (rest.startsWith('--')) rest = rest.slice(rest.includes('\n') ? rest.indexOf('\n') : rest.length)
    else if (rest.startsWith('/*')) rest = rest.slice(endOfComment(rest, 2))
    else return rest
  }
}

function bad(what: string, fix: string): SheetflowError {
  return new SheetflowError('command/failed', `the SQL of the handler ${what}`, { fix })
}
