/** Readers of the text forms in which Postgres prints values made of values. They give the parts as text; null is SQL null. */

/** What an array holds: texts, nulls, or arrays of them. */
export type ArrayItem = string | null | readonly ArrayItem[]

/** An array value. `plain` = one dimension (or empty), counted from 1: what a list can be. */
export interface ArrayText {
  readonly items: readonly ArrayItem[]
  readonly plain: boolean
}

/** `{1,NULL,"a b"}`, `[0:1]={1,2}`, `{{1,2},{3,4}}` */
export function parseArray(text: string, delimiter: string = ','): ArrayText {
  const start = text.startsWith('[') ? text.indexOf('=') + 1 : 0
  const reader = new Reader(text, start)
  const items = readArray(reader, delimiter)
  return { items, plain: start === 0 && !items.some((item) => Array.isArray(item)) }
}

/** `(1,"a b",)` → the texts of the fields. */
export function parseComposite(text: string): readonly (string | null)[] {
  const reader = new Reader(text, 1)
  const fields: (string | null)[] = []
  while (reader.peek() !== '') {
    fields.push(reader.field(',)', null))
    if (reader.take() === ')') break
  }
  return fields
}

/** A range. An empty one has bounds `empty`. */
export interface RangeText {
  readonly lower: string | null
  readonly upper: string | null
  readonly bounds: string
}

/** `[1,5)`, `(,"2026-01-01")`, `empty` */
export function parseRange(text: string): RangeText {
  return readRange(new Reader(text, 0))
}

/** `{[1,5),[7,9)}` */
export function parseMultirange(text: string): readonly RangeText[] {
  const reader = new Reader(text, 1)
  const ranges: RangeText[] = []
  while (reader.peek() !== '}' && reader.peek() !== '') {
    ranges.push(readRange(reader))
    if (reader.peek() === ',') reader.take()
  }
  return ranges
}

/** `"a"=>"1", "b"=>NULL` */
export function parseHstore(text: string): readonly (readonly [key: string, value: string | null])[] {
  const reader = new Reader(text, 0)
  const pairs: [string, string | null][] = []
  while (reader.peek() !== '') {
    const key = reader.field('=', null) ?? ''
    reader.skip('=>')
    pairs.push([key, reader.field(',', 'NULL')])
    reader.skip(', ')
  }
  return pairs
}

function readArray(reader: Reader, delimiter: string): ArrayItem[] {
  reader.take()
  const items: ArrayItem[] = []
  if (reader.peek() === '}') {
    reader.take()
    return items
  }
  for (;;) {
    items.push(reader.peek() === '{' ? readArray(reader, delimiter) : reader.field(`${delimiter}}`, 'NULL'))
    const next = reader.take()
    if (next === '}' || next === '') return items
  }
}

function readRange(reader: Reader): RangeText {
  if (reader.peek() === 'e') {
    reader.skip('empty')
    return { lower: null, upper: null, bounds: 'empty' }
  }
  const open = reader.take()
  const lower = reader.field(',', null)
  reader.take()
  const upper = reader.field(')]', null)
  return { lower, upper, bounds: open + reader.take() }
}

/** Walks over quoted and bare fields. Inside quotes `\x` and `""` stand for `x` and `"`. */
class Reader {
  readonly #text: string
  #at: number

  constructor(text: string, at: number) {
    this.#text = text
    this.#at = at
  }

  peek(): string {
    return this.#text[this.#at] ?? ''
  }

  take(): string {
    return this.#text[this.#at++] ?? ''
  }

  /** Goes on behind each of these characters that comes next. */
  skip(characters: string): void {
    for (const character of characters) if (this.peek() === character) this.#at++
  }

  /** Up to one of `ends`. A bare field that is empty (`empty` null) or the word `nullWord` is SQL null. */
  field(ends: string, nullWord: 'NULL' | null): string | null {
    let value = ''
    let quoted = false
    for (let inside = false; this.#at < this.#text.length;) {
      const character = this.peek()
      if (!inside && ends.includes(character)) break
      this.#at++
      if (character === '\\') value += this.take()
      else if (character !== '"') value += character
      else if (inside && this.peek() === '"') value += this.take()
      else {
        inside = !inside
        quoted = true
      }
    }
    if (quoted) return value
    return nullWord === null ? (value === '' ? null : value) : value === nullWord ? null : value
  }
}
