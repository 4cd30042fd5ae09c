import { CELL_ERROR_KINDS } from '@sheetflow/core/cell-error'
import { Diagnostics } from '../diagnostic.ts'
import type { MarkText, OperatorText, Token } from './token.ts'

const OPERATORS: readonly OperatorText[] = ['<>', '<=', '>=', '+', '-', '*', '/', '^', '&', '%', '=', '<', '>', ':', '@', '#']
const MARKS: ReadonlySet<string> = new Set<MarkText>(['(', ')', '{', '}', ',', ';', '!'])

const SPACE = /[\s\u00a0]+/y
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y
/** `$` belongs to A1 references, which are read as names and refused with the fix by the binder. */
const NAME = /[\p{L}_\\$][\p{L}\p{N}\p{M}_.$\\]*/uy

/** What is written instead of signs that other programs, or typesetting, put in their place. */
const SIGN_FIX: Readonly<Record<string, string>> = {
  '“': 'texts stand in straight quotes: "…"',
  '”': 'texts stand in straight quotes: "…"',
  '„': 'texts stand in straight quotes: "…"',
  '’': "names stand in straight apostrophes: '…'",
  '‘': "names stand in straight apostrophes: '…'",
  '−': 'write -',
  '–': 'write -',
  '×': 'write *',
  '÷': 'write /',
  '≠': 'write <>',
  '≤': 'write <=',
  '≥': 'write >=',
  '|': 'write OR(a, b)',
  ']': 'remove it, or add the "[" that it closes',
}

/** Tokens of a formula's text (without the leading `=`), the last of kind `end`. Never fails: what cannot be read is reported and skipped. */
export function lex(text: string, diagnostics: Diagnostics = new Diagnostics()): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const space = match(SPACE, text, at)
    if (space !== null) {
      at += space.length
      continue
    }
    const token = readToken(text, at)
    if (token === null) {
      const end = at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1)
      const sign = text.slice(at, end)
      const fix = SIGN_FIX[sign]
      const message = `${JSON.stringify(sign)} has no meaning in a formula`
      diagnostics.error('formula/syntax', { start: at, end }, message, fix === undefined ? {} : { fix })
      at = end
      continue
    }
    reportUnclosed(token, text, diagnostics)
    tokens.push(token)
    at = token.end
  }
  tokens.push({ kind: 'end', start: text.length, end: text.length })
  return tokens
}

function readToken(text: string, start: number): Token | null {
  const first = text.charAt(start)
  if (first === '"') return readText(text, start)
  if (first === "'") return readQuoted(text, start)
  if (first === '[') return readBracket(text, start)
  if (first === '#') return readError(text, start)
  const number = match(NUMBER, text, start)
  if (number !== null) return { kind: 'number', text: number, start, end: start + number.length }
  const name = match(NAME, text, start)
  if (name !== null) return { kind: 'name', text: name, start, end: start + name.length }
  const operator = OPERATORS.find((one) => text.startsWith(one, start))
  if (operator !== undefined) return { kind: 'operator', text: operator, start, end: start + operator.length }
  if (MARKS.has(first)) return { kind: 'mark', text: first as MarkText, start, end: start + 1 }
  return null
}

/** `"…"`, a quote inside is doubled. Not closed: up to the end. */
function readText(text: string, start: number): Token {
  const { value, end } = readDoubled(text, start, '"')
  return { kind: 'text', value, start, end }
}

function readQuoted(text: string, start: number): Token {
  const { value, end } = readDoubled(text, start, "'")
  return { kind: 'quoted', text: value, start, end }
}

function readDoubled(text: string, start: number, quote: string): { value: string; end: number } {
  let value = ''
  let at = start + 1
  while (at < text.length) {
    const next = text.indexOf(quote, at)
    if (next < 0) break
    value += text.slice(at, next)
    if (text.charAt(next + 1) !== quote) return { value, end: next + 1 }
    value += quote
    at = next + 2
  }
  return { value: value + text.slice(at), end: text.length }
}

/** A whole `[…]`; brackets nest, an apostrophe escapes the character behind it. */
function readBracket(text: string, start: number): Token {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === "'") at++
    else if (char === '[') depth++
    else if (char === ']' && --depth === 0) return { kind: 'bracket', text: text.slice(start, at + 1), closed: true, start, end: at + 1 }
  }
  return { kind: 'bracket', text: text.slice(start), closed: false, start, end: text.length }
}

function readError(text: string, start: number): Token {
  const kind = CELL_ERROR_KINDS.find((one) => text.slice(start, start + one.length).toUpperCase() === one)
  if (kind !== undefined) return { kind: 'error', text: kind, start, end: start + kind.length }
  return { kind: 'operator', text: '#', start, end: start + 1 }
}

function reportUnclosed(token: Token, text: string, diagnostics: Diagnostics): void {
  if (token.kind === 'bracket' && !token.closed) {
    diagnostics.error('formula/syntax', token, 'this "[" is not closed', { fix: 'add the missing "]"' })
  }
  if (token.kind === 'text' && !isClosed(text, token.start, token.end, '"')) {
    diagnostics.error('formula/syntax', token, 'this text is not closed', { fix: 'add the missing " at its end' })
  }
  if (token.kind === 'quoted' && !isClosed(text, token.start, token.end, "'")) {
    diagnostics.error('formula/syntax', token, 'this name is not closed', { fix: "add the missing ' at its end" })
  }
}

/** A closed literal has an even number of quotes. */
function isClosed(text: string, start: number, end: number, quote: string): boolean {
  return (text.slice(start, end).split(quote).length - 1) % 2 === 0
}

function match(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? null
}
