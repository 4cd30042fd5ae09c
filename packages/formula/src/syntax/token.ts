import type { Range } from '../diagnostic.ts'

/** The operators that stand between or before values. */
export type OperatorText = '+' | '-' | '*' | '/' | '^' | '&' | '%' | '=' | '<>' | '<' | '<=' | '>' | '>=' | ':' | '@' | '#'

/** The marks that separate and group. */
export type MarkText = '(' | ')' | '{' | '}' | ',' | ';' | '!'

/**
 * One token with its place. `bracket` is a whole `[…]` with its brackets: what stands inside follows rules of its own
 * (`parse-specifier.ts`). `quoted` is a name in apostrophes, as Excel writes the names of books and sheets.
 */
export type Token = Range &
  (
    | { readonly kind: 'number'; readonly text: string }
    | { readonly kind: 'text'; readonly value: string }
    | { readonly kind: 'error'; readonly text: string }
    | { readonly kind: 'name'; readonly text: string }
    | { readonly kind: 'quoted'; readonly text: string }
    | { readonly kind: 'bracket'; readonly text: string; readonly closed: boolean }
    | { readonly kind: 'operator'; readonly text: OperatorText }
    | { readonly kind: 'mark'; readonly text: MarkText }
    | { readonly kind: 'end' }
  )
