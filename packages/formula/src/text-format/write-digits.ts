import type { FormatToken } from './section.ts'

/** Digits from the right into the places from the right; what is left over goes before the first place. */
export function writeDigits(digits: string, tokens: readonly FormatToken[], grouped: boolean): string {
  let rest = digits
  let places = tokens.filter((token) => token.kind === 'digit').length
  let written = 0
  let text = ''
  const put = (digit: string): void => {
    if (grouped && written > 0 && written % 3 === 0 && digit !== '') text = (digit === ' ' ? ' ' : ',') + text
    if (digit !== '') written++
    text = digit + text
  }
  for (const token of tokens.toReversed()) {
    if (token.kind === 'literal') text = token.text + text
    else if (token.kind === 'percent') text = `%${text}`
    else if (token.kind === 'digit') {
      places--
      const digit = rest.slice(-1)
      rest = rest.slice(0, -1)
      put(digit !== '' ? digit : token.mark === '0' ? '0' : token.mark === '?' ? ' ' : '')
      for (; places === 0 && rest !== ''; rest = rest.slice(0, -1)) put(rest.slice(-1))
    }
  }
  return text
}
