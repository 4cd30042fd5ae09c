/*
 * Characters as the functions of texts count them: code points, so that a pair of surrogates (`😀`) is one, as in Excel since its Compatibility Version 2. Texts of formulas have
 * no halves of pairs.
 */

const HIGH = /[\ud800-\udbff]/

/** How many characters a text has. */
export function characterCount(text: string): number {
  return HIGH.test(text) ? placeOf(text, text.length) : text.length
}

/** Where in a text so many characters end; beyond its end that. */
export function offsetOf(text: string, count: number): number {
  if (count <= 0 || !HIGH.test(text)) return Math.max(0, Math.min(count, text.length))
  let at = 0
  for (let left = count; left > 0 && at < text.length; left--) at += unitsAt(text, at)
  return at
}

/** How many characters stand before a place. */
export function placeOf(text: string, offset: number): number {
  let count = 0
  for (let at = 0; at < offset; at += unitsAt(text, at)) count++
  return count
}

/** How many UTF-16 units the character takes that begins there. */
export function unitsAt(text: string, at: number): 1 | 2 {
  const code = text.charCodeAt(at)
  return code >= 0xd800 && code <= 0xdbff ? 2 : 1
}
