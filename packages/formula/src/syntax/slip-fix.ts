import type { Token } from './token.ts'

/** Operators of other languages, as two tokens of ours. */
const SLIPS: Readonly<Record<string, string>> = {
  '!=': 'write <> for "is not"',
  '==': 'write =',
  '=>': 'write >=',
  '=<': 'write <=',
  '><': 'write <>',
  '**': 'write ^ for powers',
  '&&': 'write AND(a, b)',
  '//': 'write QUOTIENT(a, b), or INT(a/b)',
}

/** What an Excel user writes for two signs that stand side by side and mean something elsewhere; undefined if they mean nothing there either. */
export function slipFix(first: Token, second: Token): string | undefined {
  if (first.end !== second.start || !('text' in first) || !('text' in second)) return undefined
  const both = first.text + second.text
  return Object.hasOwn(SLIPS, both) ? SLIPS[both] : undefined
}
