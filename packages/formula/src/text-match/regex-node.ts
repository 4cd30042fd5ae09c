import type { CharTest } from './char-test.ts'

/** A place that takes no character: where it is. `last-line`: the end, or before a line break that ends the text. */
export type Place = 'start' | 'end' | 'last-line' | 'line-start' | 'line-end' | 'word-edge' | 'no-word-edge'

/** A regular expression as a tree. */
export type RegexNode =
  | { readonly kind: 'empty' }
  | { readonly kind: 'char'; readonly test: CharTest }
  | { readonly kind: 'place'; readonly place: Place }
  | { readonly kind: 'sequence'; readonly parts: readonly RegexNode[] }
  /** The first that leads to a match wins. */
  | { readonly kind: 'either'; readonly options: readonly RegexNode[] }
  | { readonly kind: 'repeat'; readonly of: RegexNode; readonly least: number; readonly most: number; readonly lazy: boolean }
  /** What it matched is remembered; counted from 1. */
  | { readonly kind: 'group'; readonly index: number; readonly of: RegexNode }

const EMPTY: RegexNode = { kind: 'empty' }

/** One after the other. */
export function sequence(parts: readonly RegexNode[]): RegexNode {
  const filled = parts.filter((part) => part.kind !== 'empty')
  const [first = EMPTY] = filled
  return filled.length <= 1 ? first : { kind: 'sequence', parts: filled }
}

/** One of them. */
export function either(options: readonly RegexNode[]): RegexNode {
  const [first = EMPTY] = options
  return options.length <= 1 ? first : { kind: 'either', options }
}

/** So many times; nothing many times is nothing. */
export function repeat(of: RegexNode, least: number, most: number, lazy: boolean): RegexNode {
  return of.kind === 'empty' ? of : { kind: 'repeat', of, least, most, lazy }
}
