import { FOLD_RUNS } from './fold-table.ts'

/**
 * Case folding as formulas compare text: Unicode's simple folding by a table that is part of the program, never the runtime's ICU, because
 * folded text is a key in checkpoints and must be the same on every machine. Letter by letter: `ß` and `ss`, `İ` and `i` stay different,
 * accents count, nothing is normalised.
 */
export function fold(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code >= 0x80) return foldBeyondAscii(text)
    if (code >= 0x41 && code <= 0x5a) return isAscii(text, i) ? text.toLowerCase() : foldBeyondAscii(text)
  }
  return text
}

/** Are two texts equal but for case? */
export function equalFolded(a: string, b: string): boolean {
  return a === b || fold(a) === fold(b)
}

let foldings: ReadonlyMap<number, number> | undefined

function foldBeyondAscii(text: string): string {
  foldings ??= readTable()
  let folded = ''
  for (const char of text) {
    const target = foldings.get(char.codePointAt(0) ?? 0)
    folded += target === undefined ? char : String.fromCodePoint(target)
  }
  return folded
}

function isAscii(text: string, from: number): boolean {
  for (let i = from; i < text.length; i++) if (text.charCodeAt(i) >= 0x80) return false
  return true
}

function readTable(): ReadonlyMap<number, number> {
  const table = new Map<number, number>()
  for (const run of FOLD_RUNS.split(' ')) {
    const [first = 0, length = 0, step = 0, delta = 0] = run.split(',').map((n) => Number.parseInt(n, 36))
    for (let offset = 0; offset <= length; offset += Math.max(step, 1)) table.set(first + offset, first + offset + delta)
  }
  return table
}
