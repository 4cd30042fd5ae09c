import type { Range } from '../diagnostic.ts'
import { isMark } from '../syntax/token-tests.ts'
import type { Token } from '../syntax/token.ts'

/** A `(` or `{` that is open at the cursor. `name`: of the function that is called; null for a plain group, an array, or a call of a value. */
export interface OpenCall {
  readonly name: (Range & { readonly text: string }) | null
  /** The tokens of each argument so far, nested ones with them; the last one is that of the cursor. */
  readonly args: readonly (readonly Token[])[]
}

/** What is open behind the last of these tokens, outermost first. */
export function openCalls(tokens: readonly Token[]): readonly OpenCall[] {
  const open: { name: OpenCall['name']; args: Token[][] }[] = []
  for (const [index, token] of tokens.entries()) {
    if (isMark(token, ')') || isMark(token, '}')) open.pop()
    const isSeparator = isMark(token, ',') || isMark(token, ';')
    const outer = isSeparator ? open.slice(0, -1) : open
    for (const one of outer) one.args.at(-1)?.push(token)
    if (isSeparator) open.at(-1)?.args.push([])
    if (isMark(token, '(') || isMark(token, '{')) {
      const before = tokens[index - 1]
      open.push({ name: isMark(token, '(') && before?.kind === 'name' ? before : null, args: [[]] })
    }
  }
  return open
}

/** A name that LET or LAMBDA has given before the cursor; `value` are the tokens of what LET gives it, null for a parameter. */
export interface OpenName {
  readonly name: string
  readonly value: readonly Token[] | null
}

/** The names that LET and LAMBDA have given where the cursor is; inner ones first. */
export function openNames(calls: readonly OpenCall[]): readonly OpenName[] {
  return calls.toReversed().flatMap((call) => {
    const before = call.args.slice(0, -1)
    switch (call.name?.text.toUpperCase()) {
      case 'LET':
        return before.flatMap((arg, index) => given(arg, index % 2 === 0 ? before[index + 1] : undefined)).toReversed()
      case 'LAMBDA':
        return before.flatMap((arg) => given(arg, null))
      default:
        return []
    }
  })
}

function given(arg: readonly Token[], value: readonly Token[] | null | undefined): OpenName[] {
  const [only] = arg
  if (value === undefined || only === undefined || arg.length > 1) return []
  if (only.kind === 'name') return [{ name: only.text, value }]
  // `[y]`: a parameter that may be left out.
  const optional =
    value === null && only.kind === 'bracket' ? /^\[\s*([\p{L}_][\p{L}\p{N}\p{M}_.]*)\s*\]$/u.exec(only.text)?.[1] : undefined
  return optional === undefined ? [] : [{ name: optional, value }]
}
