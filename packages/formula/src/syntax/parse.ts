import { Diagnostics, span, type FormulaDiagnostic } from '../diagnostic.ts'
import { excelCall, isReferenceLike, rangeOf, unionOf, withoutFileMarks } from './excel-nodes.ts'
import { lex } from './lex.ts'
import type { BinaryOperator, ColumnName, Node, UnaryOperator } from './node.ts'
import { parseBook, parseError, parseExcelName, parseReference, parseTable } from './parse-reference.ts'
import { BINDING, INTERSECTION_BINDING, INVOKE_BINDING, PERCENT_BINDING, SIGN_BINDING, UNION_BINDING } from './precedence.ts'
import { TokenCursor } from './token-cursor.ts'
import { slipFix } from './slip-fix.ts'
import { describeToken, isConstant, isMark, isOperator } from './token-tests.ts'
import type { Token } from './token.ts'

/** Longer formulas are refused: Excel's own limit. In its files marks of functions may make them longer. */
export const MAX_FORMULA_LENGTH = 8_192
const MAX_FILE_LENGTH = 4 * MAX_FORMULA_LENGTH
/** Deeper nesting is refused, so that no input can exhaust the stack. */
export const MAX_DEPTH = 128
/** Longer chains of operators are refused (`1+1+…`, `%%…`): the tree is as deep as its longest chain. */
const MAX_HEIGHT = 1_000
/** More arguments are refused: Excel's own limit. */
const MAX_ARGUMENTS = 255

/** A formula that was read: always a tree, with `hole` where something is missing. */
export interface ParsedFormula {
  /** The text that the ranges refer to, with its leading `=` if it had one. */
  readonly text: string
  readonly node: Node
  readonly diagnostics: readonly FormulaDiagnostic[]
}

/**
 * `sheet`: the language of sheets, where structured references are the only ones. `excel`: what Excel's files hold, for the importer: also
 * addresses (`A1`, `$B:$C`, `1:3`) with sheets before them, union, intersection, and `_xlfn.` before names (left out of the tree).
 */
export type Dialect = 'sheet' | 'excel'

/** How a formula is read. */
export interface ParseOptions {
  /** `sheet` if it is left out. */
  readonly dialect?: Dialect
}

/** Reads a formula; the leading `=` may be left out. Never throws. */
export function parseFormula(text: string, { dialect = 'sheet' }: ParseOptions = {}): ParsedFormula {
  const diagnostics = new Diagnostics()
  const most = dialect === 'excel' ? MAX_FILE_LENGTH : MAX_FORMULA_LENGTH
  if (text.length > most) {
    const range = { start: most, end: text.length }
    diagnostics.error('formula/syntax', range, `the formula is longer than ${most} characters`, {
      fix: 'split it into several columns',
    })
    return { text, node: { kind: 'hole', start: 0, end: text.length }, diagnostics: diagnostics.all }
  }
  const body = text.startsWith('=') ? ` ${text.slice(1)}` : text
  const node = new Parser(new TokenCursor(lex(body, diagnostics), diagnostics), dialect).parseAll()
  return { text, node, diagnostics: diagnostics.all }
}

/** A Pratt parser: each operator has a strength (`precedence.ts`), a value takes what binds more strongly than its left neighbour. */
class Parser {
  readonly #cursor: TokenCursor
  readonly #excel: boolean
  /** Does `,` join references here? Not between arguments. */
  #unions: boolean
  #depth = 0
  /** How many levels the part has that was read last. */
  #height = 0

  constructor(cursor: TokenCursor, dialect: Dialect) {
    this.#cursor = cursor
    this.#excel = dialect === 'excel'
    this.#unions = this.#excel
  }

  parseAll(): Node {
    let node = this.#parse(0)
    while (this.#cursor.peek().kind !== 'end') {
      const extra = this.#cursor.peek()
      this.#cursor.fail(extra, `${describeToken(extra)} is not expected here`, this.#extraFix(extra))
      this.#cursor.skip()
      if (this.#cursor.peek().kind !== 'end') {
        const more = this.#parse(0)
        if (node.kind === 'hole') node = more
      }
    }
    return node
  }

  #extraFix(token: Token): string | undefined {
    if (isMark(token, ')')) return 'remove it, or add the "(" that it closes'
    if (isMark(token, ',') || isMark(token, ';')) return 'arguments stand between ( and )'
    if (isMark(token, '!')) return slipFix(token, this.#cursor.peek(1)) ?? 'a table of a source is written source!table[column]'
    return 'join the two parts with an operator, such as & or +'
  }

  #parse(strength: number): Node {
    if (++this.#depth > MAX_DEPTH) {
      const token = this.#cursor.peek()
      this.#stop(`parts are nested more than ${MAX_DEPTH} deep`)
      this.#depth--
      return { kind: 'hole', start: token.start, end: token.start }
    }
    this.#height = 0
    let left = this.#parseOperand()
    let height = this.#height
    for (;;) {
      this.#height = 0
      const next = this.#parseBehind(left, strength)
      if (next === null) break
      left = next
      height = Math.max(height, this.#height) + 1
      if (height > MAX_HEIGHT) this.#stop('the formula grows too large')
    }
    this.#height = height
    this.#depth--
    return left
  }

  /** Reads no further. */
  #stop(message: string): void {
    this.#cursor.fail(this.#cursor.peek(), message, 'split the formula into several columns')
    this.#cursor.skipAll()
  }

  /** What stands behind `left` and binds more strongly than `strength`; null if nothing does. */
  #parseBehind(left: Node, strength: number): Node | null {
    const token = this.#cursor.peek()
    if (isMark(token, '(') && left.end === token.start && INVOKE_BINDING > strength) {
      const { args, end } = this.#parseArguments()
      return { kind: 'invoke', callee: left, args, start: left.start, end }
    }
    if (isOperator(token, '#') && left.end === token.start && isReferenceLike(left) && INVOKE_BINDING > strength) {
      this.#cursor.skip()
      return { kind: 'spill', operand: left, ...span(left, token) }
    }
    if (this.#excel && isReferenceLike(left)) {
      const joined = this.#parseJoin(left, strength)
      if (joined !== null) return joined
    }
    if (token.kind !== 'operator') return null
    if (token.text === '%') {
      if (PERCENT_BINDING <= strength) return null
      this.#cursor.skip()
      return { kind: 'percent', operand: left, ...span(left, token) }
    }
    if (token.text === '@' || token.text === '#') return null
    const op: BinaryOperator = token.text
    if (BINDING[op] <= strength) return null
    this.#cursor.skip()
    const right = this.#parse(BINDING[op])
    return op === ':' && this.#excel ? rangeOf(left, right) : { kind: 'binary', op, left, right, ...span(left, right) }
  }

  /** Excel's `,` and space behind a reference; null if neither stands here. */
  #parseJoin(left: Node, strength: number): Node | null {
    const token = this.#cursor.peek()
    const isUnion = isMark(token, ',') && this.#unions
    const binding = isUnion ? UNION_BINDING : INTERSECTION_BINDING
    if (binding <= strength || (!isUnion && !this.#startsReference(token))) return null
    if (isUnion) this.#cursor.skip()
    const right = this.#parse(binding)
    if (!isReferenceLike(right)) this.#cursor.fail(right, `only references can be joined with ${isUnion ? '","' : 'a space'}`)
    return isUnion ? unionOf(left, right) : { kind: 'intersection', left, right, ...span(left, right) }
  }

  /** Does a reference begin here, with a space before it? */
  #startsReference(token: Token): boolean {
    if (this.#cursor.peek(-1).end === token.start) return false
    if (token.kind === 'number') return isOperator(this.#cursor.peek(1), ':')
    return token.kind === 'name' || token.kind === 'quoted' || token.kind === 'bracket' || token.kind === 'error' || isMark(token, '(')
  }

  #parseOperand(): Node {
    const token = this.#cursor.peek()
    switch (token.kind) {
      case 'number':
        this.#cursor.skip()
        return { kind: 'number', text: token.text, start: token.start, end: token.end }
      case 'text':
        this.#cursor.skip()
        return { kind: 'text', value: token.value, start: token.start, end: token.end }
      case 'error':
        return parseError(this.#cursor, token, this.#excel)
      case 'name':
      case 'quoted':
        return (this.#excel ? parseExcelName(this.#cursor, token) : null) ?? this.#parseName(token)
      case 'bracket':
        return (this.#excel ? parseBook(this.#cursor, token) : null) ?? parseReference(this.#cursor, null, null)
      case 'operator':
        return this.#parseSign(token)
      case 'mark':
        return this.#parseGroup(token)
      case 'end':
        return this.#cursor.missing(token, 'a value is missing')
    }
  }

  #parseSign(token: Token & { kind: 'operator' }): Node {
    if (token.text === '+' || token.text === '-' || token.text === '@') {
      const op: UnaryOperator = token.text
      this.#cursor.skip()
      const operand = this.#parse(SIGN_BINDING)
      return { kind: 'unary', op, operand, ...span(token, operand) }
    }
    if (token.text === '#') {
      this.#cursor.skip()
      return this.#cursor.missing(
        token,
        '"#" begins no error value that is known',
        'errors are written as #N/A, #VALUE!, #REF!, #DIV/0!, #NUM!, #NAME?, #NULL!',
      )
    }
    return this.#cursor.missing(token, `a value is missing before "${token.text}"`, slipFix(this.#cursor.peek(-1), token))
  }

  #parseGroup(token: Token & { kind: 'mark' }): Node {
    if (token.text === '(') {
      this.#cursor.skip()
      const inner = this.#within(this.#excel, () => this.#parse(0))
      while (isMark(this.#cursor.peek(), ',')) {
        this.#cursor.fail(this.#cursor.peek(), '"," stands only between arguments here', 'write the name of a function before "("')
        this.#cursor.skip()
        this.#within(this.#excel, () => this.#parse(0))
      }
      const end = this.#cursor.expect(')', token)
      // The parentheses count to the place of what they hold, so that every place is balanced text.
      return { ...inner, start: token.start, end }
    }
    if (token.text === '{') return this.#parseArray(token)
    return this.#cursor.missing(token, `a value is missing before "${token.text}"`)
  }

  /** A call, TRUE or FALSE, a reference to a table, or a name. */
  #parseName(token: Token & { kind: 'name' | 'quoted' }): Node {
    this.#cursor.skip()
    const name: ColumnName = { name: this.#plainName(token), start: token.start, end: token.end }
    const next = this.#cursor.peek()
    if (isMark(next, '!')) {
      this.#cursor.skip()
      return parseTable(this.#cursor, name, this.#excel)
    }
    if (next.kind === 'bracket' && next.start === token.end) return parseReference(this.#cursor, null, name)
    if (token.kind === 'name' && isMark(next, '(')) {
      const { args, end } = this.#parseArguments()
      const nameRange = { start: token.start, end: token.end }
      const call: Node = { kind: 'call', name: name.name, nameRange, args, start: token.start, end }
      return this.#excel ? excelCall(call) : call
    }
    if (token.kind === 'name' && /^(true|false)$/i.test(token.text)) {
      return { kind: 'bool', value: token.text.toLowerCase() === 'true', start: token.start, end: token.end }
    }
    return token.kind === 'quoted' ? { kind: 'name', ...name, quoted: true } : { kind: 'name', ...name }
  }

  /** The name without the marks of Excel's files, which sheets do not have. */
  #plainName(token: Token & { kind: 'name' | 'quoted' }): string {
    const plain = token.kind === 'name' ? withoutFileMarks(token.text) : token.text
    if (plain !== token.text && !this.#excel)
      this.#cursor.fail(token, `"${token.text.slice(0, -plain.length)}" stands before names only in Excel's files`, `write ${plain}`)
    return plain
  }

  /** `( a, , b )`: at the `(`. An argument left out is `empty`; `()` has none. */
  #parseArguments(): { args: Node[]; end: number } {
    const open = this.#cursor.peek()
    this.#cursor.skip()
    const args: Node[] = []
    if (isMark(this.#cursor.peek(), ')')) {
      const close = this.#cursor.peek()
      this.#cursor.skip()
      return { args, end: close.end }
    }
    for (;;) {
      const arg = this.#within(false, () => this.#parseArgument())
      if (args.length < MAX_ARGUMENTS) args.push(arg)
      else this.#cursor.fail(open, `a call has at most ${MAX_ARGUMENTS} arguments`, 'split the formula into several columns')
      const token = this.#cursor.peek()
      if (isMark(token, ';')) this.#cursor.fail(token, '";" does not separate arguments', 'write ","')
      if (!isMark(token, ',') && !isMark(token, ';')) break
      this.#cursor.skip()
    }
    return { args, end: this.#cursor.expect(')', open) }
  }

  #parseArgument(): Node {
    const token = this.#cursor.peek()
    if (token.kind === 'end' || isMark(token, ',') || isMark(token, ')')) return { kind: 'empty', start: token.start, end: token.start }
    return this.#parse(0)
  }

  /** `{1,2;3,4}`: constants only. */
  #parseArray(open: Token): Node {
    this.#cursor.skip()
    const first = this.#cursor.peek()
    if (isOperator(first, '=')) {
      this.#cursor.fail(first, 'a formula in { } is how Excel shows an array formula', 'leave the braces out')
      this.#cursor.skip()
    }
    const rows: Node[][] = [[]]
    for (;;) {
      const value = this.#within(false, () => this.#parse(0))
      if (!isConstant(value)) this.#cursor.fail(value, 'an array in { } holds constants only')
      rows.at(-1)?.push(value)
      const token = this.#cursor.peek()
      if (isMark(token, ';')) rows.push([])
      else if (!isMark(token, ',')) break
      this.#cursor.skip()
    }
    const end = this.#cursor.expect('}', open)
    if (rows.some((row) => row.length !== rows[0]?.length))
      this.#cursor.fail({ start: open.start, end }, 'the rows of an array must have equal lengths')
    return { kind: 'array', rows, start: open.start, end }
  }

  /** Reads a part inside which `,` joins references, or does not. */
  #within(unions: boolean, read: () => Node): Node {
    const [outer, height] = [this.#unions, this.#height]
    this.#unions = unions
    this.#height = 0
    const node = read()
    this.#unions = outer
    this.#height = Math.max(this.#height, height)
    return node
  }
}
