/** Half-width katakana and its marks, U+FF61 to U+FF9F. */
const HALF_KATAKANA = /[\uff61-\uff9f]/u
const HALF_FIRST = 0xff61
const HALF_LAST = 0xff9f
/** The voiced and the half-voiced mark as they stand behind a letter, combining and in half width. */
const MARKS: Readonly<Record<string, string>> = { '\u3099': '\uff9e', '\u309a': '\uff9f' }

let halves: ReadonlyMap<string, string> | undefined

/** From full-width katakana without marks to half width; NFKC knows the way back. */
function halfOf(char: string): string | undefined {
  halves ??= new Map(
    Array.from({ length: HALF_LAST - HALF_FIRST + 1 }, (_, index) => {
      const half = String.fromCharCode(HALF_FIRST + index)
      return [half.normalize('NFKC'), half]
    }),
  )
  return halves.get(char)
}

/** ASC: ASCII and katakana of double width as those of single width. What has no such form stays. */
export function toHalfWidth(text: string): string {
  return Array.from(text, (char) => {
    const code = char.charCodeAt(0)
    if (code >= 0xff01 && code <= 0xff5e) return String.fromCharCode(code - 0xfee0)
    if (char === '\u3000') return ' '
    const [letter = '', mark = ''] = char.normalize('NFD')
    const half = code >= 0x3000 && code < 0x3100 ? halfOf(letter) : undefined
    return half === undefined ? char : half + (MARKS[mark] ?? '')
  }).join('')
}

/** DBCS: the other way round; a half-width mark becomes part of the letter before it. */
export function toFullWidth(text: string): string {
  return text.replaceAll(/[!-~ ]|[\uff61-\uff9f][\uff9e\uff9f]?/g, (found) => {
    if (found === ' ') return '\u3000'
    return HALF_KATAKANA.test(found) ? found.normalize('NFKC') : String.fromCharCode(found.charCodeAt(0) + 0xfee0)
  })
}
