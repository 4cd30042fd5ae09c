/**
 * −1, 0 or 1 by Unicode code point. JavaScript's own `<` goes by UTF-16 unit, which puts U+FFFD behind U+1F600; databases do not.
 */
export function compareText(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return codePointRank(x) < codePointRank(y) ? -1 : 1
  }
  return a.length < b.length ? -1 : 1
}

/** Text as it may enter (FORMATS 1): U+0000 and lone surrogates become U+FFFD; `replaced` says how many. */
export function cleanText(text: string): { readonly text: string; readonly replaced: number } {
  if (text.isWellFormed() && !text.includes('\0')) return { text, replaced: 0 }
  let replaced = 0
  const clean = text.replace(/\0|\p{Surrogate}/gu, () => {
    replaced++
    return '\uFFFD'
  })
  return { text: clean, replaced }
}

/** Bytes of the text in UTF-8; a lone surrogate counts as the three bytes of its replacement. */
export function utf8Length(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x80) continue
    if (code < 0x800) bytes += 1
    else if (code < 0xd800 || code > 0xdbff || !isLow(text.charCodeAt(i + 1))) bytes += 2
    else {
      // A pair is two units and four bytes.
      bytes += 2
      i++
    }
  }
  return bytes
}

/** First differing units rank as their code points do: surrogates (astral) behind U+E000..U+FFFF. */
function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}
