import { lex } from '../syntax/lex.ts'
import type { Token } from '../syntax/token.ts'
import { openCalls, type OpenCall } from './open-calls.ts'

/** What stands before the cursor: `tokens` end there, and a token that goes on behind it is cut off. */
export interface Cursor {
  readonly offset: number
  readonly tokens: readonly Token[]
  readonly open: readonly OpenCall[]
}

/** The cursor at an offset of a formula's text; an offset outside of it counts as the nearest inside. */
export function cursorAt(text: string, offset: number): Cursor {
  const at = Math.min(Math.max(Number.isFinite(offset) ? Math.trunc(offset) : 0, 0), text.length)
  const body = text.startsWith('=') ? ` ${text.slice(1)}` : text
  const tokens = lex(body.slice(0, at)).filter((token) => token.kind !== 'end')
  const last = tokens.at(-1)
  // A name that is being typed is no part of the calls that are open around it.
  const settled = last !== undefined && last.kind === 'name' && last.end === at ? tokens.slice(0, -1) : tokens
  return { offset: at, tokens, open: openCalls(settled) }
}
