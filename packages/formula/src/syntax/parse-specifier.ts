import type { Diagnostics, Range } from '../diagnostic.ts'
import type { ColumnName, TablePart } from './node.ts'

/** What stands between the brackets of a structured reference. */
export interface Specifier {
  readonly row: boolean
  readonly parts: readonly TablePart[]
  readonly column: ColumnName | null
  readonly to: ColumnName | null
}

const PARTS: Readonly<Record<string, TablePart>> = {
  '#all': '#All',
  '#data': '#Data',
  '#headers': '#Headers',
  '#totals': '#Totals',
  '#this row': '#This Row',
}

/**
 * Reads the text of a `[…]` token: `[x]`, `[@x]`, `[@[a b]]`, `[@]`, `[[a]:[c]]`, `[#Totals]`, `[[#Headers],[a]]`. An apostrophe takes the
 * next character as it is (`'[ '] '# '@ ''`). `token` is the place of the outer brackets.
 */
export function parseSpecifier(text: string, token: Range, diagnostics: Diagnostics): Specifier {
  return new SpecifierReader(text, token.start, diagnostics).read()
}

class SpecifierReader {
  readonly #text: string
  readonly #offset: number
  readonly #diagnostics: Diagnostics
  #at = 1
  readonly #parts: TablePart[] = []
  #row = false
  #column: ColumnName | null = null
  #to: ColumnName | null = null

  constructor(text: string, offset: number, diagnostics: Diagnostics) {
    this.#text = text
    this.#offset = offset
    this.#diagnostics = diagnostics
  }

  read(): Specifier {
    this.#skipSpace()
    if (this.#peek() === '@') {
      this.#row = true
      this.#at++
      this.#skipSpace()
    }
    if (this.#peek() === '[') this.#readItems()
    else if (!this.#atEnd()) this.#take(this.#readName(this.#end()))
    this.#skipSpace()
    if (!this.#atEnd()) this.#fail({ start: this.#at, end: this.#end() }, 'this part of the reference cannot be read')
    return { row: this.#row, parts: this.#parts, column: this.#column, to: this.#to }
  }

  /** `[a]`, `[a]:[c]`, `[#Headers],[a]`. */
  #readItems(): void {
    for (;;) {
      this.#skipSpace()
      if (this.#peek() !== '[') return
      const close = this.#closing()
      this.#at++
      const item = this.#readName(close)
      this.#at = Math.min(close + 1, this.#text.length)
      this.#take(item)
      this.#skipSpace()
      if (this.#peek() === ':') {
        this.#at++
        this.#skipSpace()
        this.#readRangeEnd()
        this.#skipSpace()
      }
      if (this.#peek() !== ',') return
      this.#at++
    }
  }

  #readRangeEnd(): void {
    if (this.#peek() !== '[') {
      this.#fail({ start: this.#at, end: this.#at + 1 }, 'a column in brackets must follow ":"')
      return
    }
    const close = this.#closing()
    this.#at++
    const { name, raw, range } = this.#readName(close)
    this.#at = Math.min(close + 1, this.#text.length)
    if (raw.startsWith('#')) this.#fail(range, 'a column must follow ":"')
    else this.#to = { name, ...this.#place(range) }
  }

  #take(item: { readonly name: string; readonly raw: string; readonly range: Range }): void {
    if (item.raw.startsWith('#')) {
      const raw = item.raw.toLowerCase()
      const part = Object.hasOwn(PARTS, raw) ? PARTS[raw] : undefined
      if (part === undefined)
        this.#fail(
          item.range,
          `"${item.raw}" is no part of a table`,
          "write #All, #Data, #Headers or #Totals; a column that begins with # is written ['#name]",
        )
      else if (part === '#This Row') this.#row = true
      else this.#parts.push(part)
    } else if (item.name === '') {
      this.#fail(item.range, 'a column name is missing')
    } else if (this.#column === null) {
      this.#column = { name: item.name, ...this.#place(item.range) }
    } else {
      this.#fail(item.range, 'only one column can be named here', 'write one reference for each column')
    }
  }

  /** The name from here up to `end`, escapes resolved, spaces around it dropped. */
  #readName(end: number): { name: string; raw: string; range: Range } {
    const start = this.#at
    let name = ''
    let escaped = false
    while (this.#at < end) {
      const char = this.#text.charAt(this.#at)
      if (char === "'" && this.#at + 1 < end) {
        escaped ||= name === ''
        name += this.#text.charAt(this.#at + 1)
        this.#at += 2
      } else {
        if (char === '[' || char === ']')
          this.#fail({ start: this.#at, end: this.#at + 1 }, `"${char}" in a column name is written '${char}`)
        name += char
        this.#at++
      }
    }
    const trimmed = name.trim()
    const raw = escaped ? '' : trimmed
    return { name: trimmed, raw, range: { start, end: Math.max(end, start) } }
  }

  /** Where the bracket that opens here closes; the end if it does not. */
  #closing(): number {
    for (let at = this.#at + 1; at < this.#end(); at++) {
      const char = this.#text.charAt(at)
      if (char === "'") at++
      else if (char === ']') return at
    }
    return this.#end()
  }

  #end(): number {
    return this.#text.endsWith(']') && this.#text.length > 1 ? this.#text.length - 1 : this.#text.length
  }

  #atEnd(): boolean {
    return this.#at >= this.#end()
  }

  #peek(): string {
    return this.#atEnd() ? '' : this.#text.charAt(this.#at)
  }

  #skipSpace(): void {
    while (!this.#atEnd() && /\s/.test(this.#peek())) this.#at++
  }

  #place(range: Range): Range {
    const end = Math.min(range.end, this.#text.length)
    return { start: this.#offset + Math.min(range.start, end), end: this.#offset + end }
  }

  #fail(range: Range, message: string, fix?: string): void {
    this.#diagnostics.error('formula/syntax', this.#place(range), message, fix === undefined ? {} : { fix })
  }
}
