import { spend } from './value/budget.ts'
import { unitsAt } from './value/code-points.ts'

/** So many characters that are compared count as one step. */
const CHARACTERS = 8

/** Does the text hold `*` or `?` (or `~`, which takes their meaning away)? */
export function hasWildcard(text: string): boolean {
  return /[*?~]/.test(text)
}

/** What texts that fit begin with, where the pattern asks for nothing else (`ap*`); null: it asks for more. */
export function prefixOfPattern(pattern: string): string | null {
  const pieces = piecesOf(pattern)
  if (pieces.pop()?.kind !== 'many') return null
  let prefix = ''
  for (const piece of pieces) {
    if (piece.kind !== 'char') return null
    prefix += piece.char
  }
  return prefix
}

/** The characters that every text which fits begins with; what stands behind them is not told. */
export function headOfPattern(pattern: string): string {
  let head = ''
  for (const piece of piecesOf(pattern)) {
    if (piece.kind !== 'char') break
    head += piece.char
  }
  return head
}

type Piece = { readonly kind: 'char'; readonly char: string } | { readonly kind: 'one' } | { readonly kind: 'many' }

/**
 * Excel's wildcards over a whole text: `*` any characters, `?` one (a code point), `~` takes the next as it is. Fold both sides first. Never exponential:
 * only the last `*` is gone back to.
 */
export function wildcardTest(pattern: string): (text: string) => boolean {
  const pieces = piecesOf(pattern)
  return (text) => matches(pieces, text)
}

function piecesOf(pattern: string): Piece[] {
  spend(pattern.length / CHARACTERS)
  const pieces: Piece[] = []
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern.charAt(at)
    const next = pattern.charAt(at + 1)
    if (char === '~' && (next === '*' || next === '?' || next === '~')) {
      pieces.push({ kind: 'char', char: next })
      at++
    } else if (char === '*') {
      if (pieces.at(-1)?.kind !== 'many') pieces.push({ kind: 'many' })
    } else {
      pieces.push(char === '?' ? { kind: 'one' } : { kind: 'char', char })
    }
  }
  return pieces
}

function matches(pieces: readonly Piece[], text: string): boolean {
  spend(text.length / CHARACTERS)
  let piece = 0
  let at = 0
  let starPiece = -1
  let starAt = 0
  while (at < text.length) {
    const wanted = pieces[piece]
    if (wanted?.kind === 'many') {
      starPiece = piece++
      starAt = at
    } else if (wanted?.kind === 'one') {
      piece++
      at += unitsAt(text, at)
    } else if (wanted?.char === text.charAt(at)) {
      piece++
      at++
    } else if (starPiece >= 0) {
      spend((at - starAt) / CHARACTERS)
      piece = starPiece + 1
      at = ++starAt
    } else {
      return false
    }
  }
  while (pieces[piece]?.kind === 'many') piece++
  return piece === pieces.length
}

/**
 * Where a pattern with wildcards first matches a part of a text, from a place on; −1 if it does not. What stands between two `*` must be found from the left
 * to the right, each as early as it can be.
 */
export function wildcardSearch(pattern: string): (text: string, from: number) => number {
  const runs = runsOf(piecesOf(pattern))
  return (text, from) => {
    let start = -1
    let at = from
    for (const run of runs) {
      const found = findRun(run, text, at)
      if (found === null) return -1
      if (start < 0) start = found.from
      at = found.to
    }
    return start
  }
}

function runsOf(pieces: readonly Piece[]): readonly (readonly Piece[])[] {
  const runs: Piece[][] = [[]]
  for (const piece of pieces) {
    if (piece.kind === 'many') runs.push([])
    else runs.at(-1)?.push(piece)
  }
  return runs
}

function findRun(run: readonly Piece[], text: string, start: number): { readonly from: number; readonly to: number } | null {
  let compared = 0
  let found: { readonly from: number; readonly to: number } | null = null
  // A character has at least one unit: behind that no more fits.
  for (let from = start; found === null && from + run.length <= text.length; from++) {
    let to = from
    let piece = 0
    for (; piece < run.length && fits(run[piece], text, to); piece++) to += run[piece]?.kind === 'one' ? unitsAt(text, to) : 1
    if (piece === run.length) found = { from, to }
    compared += Math.min(piece + 1, run.length)
  }
  spend(compared / CHARACTERS)
  return found
}

function fits(piece: Piece | undefined, text: string, at: number): boolean {
  return at < text.length && (piece?.kind === 'one' || (piece?.kind === 'char' && piece.char === text.charAt(at)))
}
