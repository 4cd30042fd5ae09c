const LETTERS = 'MDCLXVI'
const VALUES = [1000, 500, 100, 50, 10, 5, 1] as const

/**
 * A number from 0 to 3999 in Roman letters. `brevity` is Excel's form, from 0 (classic: only a power of ten stands before its next two letters) to 4: so many
 * letters further down may be taken off (499: CDXCIX, LDVLIV, XDIX, VDIV, ID).
 */
export function roman(number: number, brevity: number): string {
  let rest = number
  let text = ''
  for (let index = 0; index < VALUES.length; index += 2) {
    const digit = Math.floor(rest / valueAt(index))
    if (digit % 5 === 4) {
      const from = digit === 4 ? index - 1 : index - 2
      const off = letterTakenOff(rest, index, from, brevity)
      text += letterAt(off) + letterAt(from)
      rest += valueAt(off) - valueAt(from)
    } else {
      text += (digit > 4 ? letterAt(index - 1) : '') + letterAt(index).repeat(digit % 5)
      rest %= valueAt(index)
    }
  }
  return text
}

/** The smallest letter that may be taken off `from` without passing below the number. */
function letterTakenOff(number: number, index: number, from: number, brevity: number): number {
  let off = index
  for (let step = 0; step < brevity && off < VALUES.length - 1; step++) {
    if (valueAt(from) - valueAt(off + 1) > number) break
    off++
  }
  return off
}

function valueAt(index: number): number {
  return VALUES[index] ?? 0
}

function letterAt(index: number): string {
  return LETTERS.charAt(index)
}

/**
 * The number of Roman letters in any order, as Excel reads them: from the right, a letter that is smaller than the last one counted is taken off (IIX is 8), others
 * are counted. Letter case does not matter, a minus may stand in front; null for other letters.
 */
export function numberOfRoman(text: string): number | null {
  const letters = text.trim().toUpperCase()
  const isNegative = letters.startsWith('-')
  let sum = 0
  let counted = 0
  for (let at = letters.length - 1; at >= (isNegative ? 1 : 0); at--) {
    const index = LETTERS.indexOf(letters.charAt(at))
    if (index < 0) return null
    const value = valueAt(index)
    if (value < counted) sum -= value
    else {
      sum += value
      counted = value
    }
  }
  return isNegative ? 0 - sum : sum
}
