import type { Diagnostics, Range } from '../diagnostic.ts'
import type { Node } from './node.ts'
import { describeToken, isMark } from './token-tests.ts'
import type { MarkText, Token } from './token.ts'

/** A place between the tokens of a formula, and how what is wrong there is said. The last token is `end`. */
export class TokenCursor {
  readonly diagnostics: Diagnostics
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(tokens: readonly Token[], diagnostics: Diagnostics) {
    this.#tokens = tokens
    this.diagnostics = diagnostics
  }

  /** The token here, or so many further on (or back). */
  peek(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? { kind: 'end', start: 0, end: 0 }
  }

  skip(count = 1): void {
    this.#at += count
  }

  /** Goes to the end: nothing more is read. */
  skipAll(): void {
    this.#at = this.#tokens.length - 1
  }

  /** Takes the closing mark; if another token stands there, reports it and goes on as if it were there. Returns the end of the group. */
  expect(mark: MarkText, open: Range): number {
    const token = this.peek()
    if (isMark(token, mark)) {
      this.skip()
      return token.end
    }
    const found = token.kind === 'end' ? `the "${mark}" that closes this is missing` : `"${mark}" is expected, not ${describeToken(token)}`
    this.fail(token.kind === 'end' ? { start: open.start, end: open.start + 1 } : token, found, `add "${mark}"`)
    return token.start
  }

  /** A hole before the token. */
  missing(token: Token, message: string, fix?: string): Node {
    this.fail(token.kind === 'end' ? { start: Math.max(0, token.start - 1), end: token.end } : token, message, fix)
    return { kind: 'hole', start: token.start, end: token.start }
  }

  fail(range: Range, message: string, fix?: string): void {
    const { start, end } = range
    this.diagnostics.error('formula/syntax', { start, end: Math.max(end, start) }, message, fix === undefined ? {} : { fix })
  }
}
