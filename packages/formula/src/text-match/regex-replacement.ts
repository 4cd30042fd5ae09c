import type { RegexMatch } from './regex.ts'

/** A piece of a replacement: text as it is, or what a group matched. */
type Piece = string | number

/**
 * A replacement in PCRE2's syntax: `$1`, `${1}`, `$name`, `${name}` are what a group matched ('' if it took no part), `$0` the whole, `$$` a dollar sign. Null
 * where it is none, or there is no such group.
 */
export function replacementOf(text: string, groups: number, names: ReadonlyMap<string, number>): ((match: RegexMatch) => string) | null {
  const pieces: Piece[] = []
  for (const [whole, plain, braced, bare] of text.matchAll(/([^$]+)|\$\{(\w+)\}|\$(\d+|[A-Za-z_]\w*|\$|)/g)) {
    const name = braced ?? bare
    if (plain !== undefined) pieces.push(plain)
    else if (whole === '$$') pieces.push('$')
    else {
      const group = /^\d+$/.test(name ?? '') ? Number(name) : names.get(name ?? '')
      if (group === undefined || group > groups) return null
      pieces.push(group)
    }
  }
  return (match) => pieces.map((piece) => (typeof piece === 'string' ? piece : (match.groups[piece] ?? ''))).join('')
}
