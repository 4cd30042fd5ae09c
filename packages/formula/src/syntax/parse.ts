import { Diagnostics, span, type FormulaDiagnostic, type Range } from '../diagnostic.ts'
import { lex } from './lex.ts'
import type { BinaryOperator, ColumnName, Node, UnaryOperator } from './node.ts'
import { parseSpecifier } from './parse-specifier.ts'
import { BINDING, INVOKE_BINDING, PERCENT_BINDING, SIGN_BINDING } from './precedence.ts'
import type { MarkText, Token } from './token.ts'

/** Longer formulas are refused: Excel's own limit. */
export const MAX_FORMULA_LENGTH = 8_192
/** Deeper nesting is refused, so that no input can exhaust the stack. */
export const MAX_DEPTH = 128

/** A formula that was read: always a tree, with `hole` where something is missing. */
export interface ParsedFormula {
  /** The text that the ranges refer to, with its leading `=` if it had one. */
  readonly text: string
  readonly node: Node
  readonly diagnostics: readonly FormulaDiagnostic[]
}

/** Reads a formula; the leading `=` may be left out. Never throws. */
export function parseFormula(text: string): ParsedFormula {
  const diagnostics = new Diagnostics()
  if (text.length > MAX_FORMULA_LENGTH) {
    const range = { start: MAX_FORMULA_LENGTH, end: text.length }
    diagnostics.error('formula/syntax', range, `the formula is longer than ${MAX_FORMULA_LENGTH} characters`, {
      fix: 'split it into several columns',
    })
    return { text, node: { kind: 'hole', start: 0, end: text.length }, diagnostics: diagnostics.all }
  }
  const body = text.startsWith('=') ? ` ${text.slice(1)}` : text
  const node = new Parser(lex(body, diagnostics), diagnostics).parseAll()
  return { text, node, diagnostics: diagnostics.all }
}

/** A Pratt parser: each operator has a strength (`precedence.ts`), a value takes what binds more strongly than its left neighbour. */
class Parser {
  readonly #tokens: readonly Token[]
  readonly #diagnostics: Diagnostics
  #at = 0
  #depth = 0

  constructor(tokens: readonly Token[], diagnostics: Diagnostics) {
    this.#tokens = tokens
    this.#diagnostics = diagnostics
  }

  parseAll(): Node {
    let node = this.#parse(0)
    while (this.#peek().kind !== 'end') {
      const extra = this.#peek()
      this.#fail(extra, `${describe(extra)} is not expected here`, this.#extraFix(extra))
      this.#at++
      if (this.#peek().kind !== 'end') {
        const more = this.#parse(0)
        if (node.kind === 'hole') node = more
      }
    }
    return node
  }

  #extraFix(token: Token): string | undefined {
    if (isMark(token, ')')) return 'remove it, or add the "(" that it closes'
    if (isMark(token, ',') || isMark(token, ';')) return 'arguments stand between ( and )'
    return 'join the two parts with an operator, such as & or +'
  }

  #parse(strength: number): Node {
    if (++this.#depth > MAX_DEPTH) {
      const token = this.#peek()
      this.#fail(token, `parts are nested more than ${MAX_DEPTH} deep`, 'split the formula into several columns')
      this.#at = this.#tokens.length - 1
      this.#depth--
      return { kind: 'hole', start: token.start, end: token.start }
    }
    let left = this.#parseOperand()
    for (;;) {
      const next = this.#parseBehind(left, strength)
      if (next === null) break
      left = next
    }
    this.#depth--
    return left
  }

  /** What stands behind `left` and binds more strongly than `strength`; null if nothing does. */
  #parseBehind(left: Node, strength: number): Node | null {
    const token = this.#peek()
    if (isMark(token, '(') && left.end === token.start && INVOKE_BINDING > strength) {
      const { args, end } = this.#parseArguments()
      return { kind: 'invoke', callee: left, args, start: left.start, end }
    }
    if (token.kind !== 'operator') return null
    if (token.text === '%') {
      if (PERCENT_BINDING <= strength) return null
      this.#at++
      return { kind: 'percent', operand: left, ...span(left, token) }
    }
    if (token.text === '@' || token.text === '#') return null
    const op: BinaryOperator = token.text
    if (BINDING[op] <= strength) return null
    this.#at++
    const right = this.#parse(BINDING[op])
    return { kind: 'binary', op, left, right, ...span(left, right) }
  }

  #parseOperand(): Node {
    const token = this.#peek()
    switch (token.kind) {
      case 'number':
        this.#at++
        return { kind: 'number', text: token.text, start: token.start, end: token.end }
      case 'text':
        this.#at++
        return { kind: 'text', value: token.value, start: token.start, end: token.end }
      case 'error':
        this.#at++
        return { kind: 'error', error: token.text as Extract<Node, { kind: 'error' }>['error'], start: token.start, end: token.end }
      case 'name':
      case 'quoted':
        return this.#parseName(token)
      case 'bracket':
        return this.#parseReference(null, null)
      case 'operator':
        return this.#parseSign(token)
      case 'mark':
        return this.#parseGroup(token)
      case 'end':
        return this.#missing(token, 'a value is missing')
    }
  }

  #parseSign(token: Token & { kind: 'operator' }): Node {
    if (token.text === '+' || token.text === '-' || token.text === '@') {
      const op: UnaryOperator = token.text
      this.#at++
      const operand = this.#parse(SIGN_BINDING)
      return { kind: 'unary', op, operand, ...span(token, operand) }
    }
    if (token.text === '#') {
      this.#at++
      return this.#missing(
        token,
        '"#" begins no error value that is known',
        'errors are written as #N/A, #VALUE!, #REF!, #DIV/0!, #NUM!, #NAME?, #NULL!',
      )
    }
    return this.#missing(token, `a value is missing before "${token.text}"`)
  }

  #parseGroup(token: Token & { kind: 'mark' }): Node {
    if (token.text === '(') {
      this.#at++
      const inner = this.#parse(0)
      const end = this.#expect(')', token)
      // The parentheses count to the place of what they hold, so that every place is balanced text.
      return { ...inner, start: token.start, end }
    }
    if (token.text === '{') return this.#parseArray(token)
    return this.#missing(token, `a value is missing before "${token.text}"`)
  }

  /** A call, TRUE or FALSE, a reference to a table, or a name. */
  #parseName(token: Token & { kind: 'name' | 'quoted' }): Node {
    this.#at++
    const name: ColumnName = { name: token.text, start: token.start, end: token.end }
    const next = this.#peek()
    if (isMark(next, '!')) {
      this.#at++
      return this.#parseTable(name)
    }
    if (next.kind === 'bracket' && next.start === token.end) return this.#parseReference(null, name)
    if (token.kind === 'name' && isMark(next, '(')) {
      const { args, end } = this.#parseArguments()
      return { kind: 'call', name: token.text, nameRange: { start: token.start, end: token.end }, args, start: token.start, end }
    }
    if (token.kind === 'name' && /^(true|false)$/i.test(token.text)) {
      return { kind: 'bool', value: token.text.toLowerCase() === 'true', start: token.start, end: token.end }
    }
    return { kind: 'name', ...name }
  }

  /** Behind `source!`. */
  #parseTable(source: ColumnName): Node {
    const token = this.#peek()
    if (token.kind !== 'name' && token.kind !== 'quoted')
      return this.#missing(token, 'a table is missing behind "!"', 'write source!table[column]')
    this.#at++
    const table: ColumnName = { name: token.text, start: token.start, end: token.end }
    const next = this.#peek()
    if (next.kind === 'bracket' && next.start === token.end) return this.#parseReference(source, table)
    return { kind: 'reference', source, table, row: false, parts: [], column: null, to: null, ...span(source, table) }
  }

  #parseReference(source: ColumnName | null, table: ColumnName | null): Node {
    const token = this.#peek()
    if (token.kind !== 'bracket') return this.#missing(token, 'a reference is missing')
    this.#at++
    const specifier = parseSpecifier(token.text, token, this.#diagnostics)
    return { kind: 'reference', source, table, ...specifier, start: (source ?? table ?? token).start, end: token.end }
  }

  /** `( a, , b )`: at the `(`. An argument left out is `empty`; `()` has none. */
  #parseArguments(): { args: Node[]; end: number } {
    const open = this.#peek()
    this.#at++
    const args: Node[] = []
    if (isMark(this.#peek(), ')')) {
      const close = this.#peek()
      this.#at++
      return { args, end: close.end }
    }
    for (;;) {
      args.push(this.#parseArgument())
      const token = this.#peek()
      if (isMark(token, ';')) this.#fail(token, '";" does not separate arguments', 'write ","')
      if (!isMark(token, ',') && !isMark(token, ';')) break
      this.#at++
    }
    return { args, end: this.#expect(')', open) }
  }

  #parseArgument(): Node {
    const token = this.#peek()
    if (token.kind === 'end' || isMark(token, ',') || isMark(token, ')')) return { kind: 'empty', start: token.start, end: token.start }
    return this.#parse(0)
  }

  /** `{1,2;3,4}`: constants only. */
  #parseArray(open: Token): Node {
    this.#at++
    const rows: Node[][] = [[]]
    for (;;) {
      const value = this.#parse(0)
      if (!isConstant(value)) this.#fail(value, 'an array in { } holds constants only')
      rows.at(-1)?.push(value)
      const token = this.#peek()
      if (isMark(token, ';')) rows.push([])
      else if (!isMark(token, ',')) break
      this.#at++
    }
    const end = this.#expect('}', open)
    if (rows.some((row) => row.length !== rows[0]?.length))
      this.#fail({ start: open.start, end }, 'the rows of an array must have equal lengths')
    return { kind: 'array', rows, start: open.start, end }
  }

  /** Takes the closing mark; if another token stands there, reports it and goes on as if it were there. Returns the end of the group. */
  #expect(mark: MarkText, open: Range): number {
    const token = this.#peek()
    if (isMark(token, mark)) {
      this.#at++
      return token.end
    }
    const found = token.kind === 'end' ? `the "${mark}" that closes this is missing` : `"${mark}" is expected, not ${describe(token)}`
    this.#fail(token.kind === 'end' ? { start: open.start, end: open.start + 1 } : token, found, `add "${mark}"`)
    return token.start
  }

  #missing(token: Token, message: string, fix?: string): Node {
    this.#fail(token.kind === 'end' ? { start: Math.max(0, token.start - 1), end: token.end } : token, message, fix)
    return { kind: 'hole', start: token.start, end: token.start }
  }

  #fail(range: Range, message: string, fix?: string): void {
    const { start, end } = range
    this.#diagnostics.error('formula/syntax', { start, end: Math.max(end, start) }, message, fix === undefined ? {} : { fix })
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', start: 0, end: 0 }
  }
}

function isMark(token: Token, text: MarkText): boolean {
  return token.kind === 'mark' && token.text === text
}

function isConstant(node: Node): boolean {
  if (node.kind === 'unary') return node.op !== '@' && node.operand.kind === 'number'
  return node.kind === 'number' || node.kind === 'text' || node.kind === 'bool' || node.kind === 'error' || node.kind === 'hole'
}

function describe(token: Token): string {
  switch (token.kind) {
    case 'end':
      return 'the end'
    case 'text':
      return `the text ${JSON.stringify(token.value)}`
    case 'quoted':
      return `'${token.text}'`
    default:
      return `"${token.text}"`
  }
}
