/** Cents as the text of a decimal with two places, as messages carry it. */
export function money(cents: number): string {
  const rest = cents % 100
  return `${Math.floor(cents / 100)}.${rest < 10 ? '0' : ''}${rest}`
}

/** The other way round. */
export function centsOf(text: string): number {
  const at = text.length - 3
  return Number(text.slice(0, at)) * 100 + Number(text.slice(at + 1))
}
