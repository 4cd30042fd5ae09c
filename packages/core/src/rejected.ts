/**
 * What a command's handler throws to refuse: the receipt is `rejected` with this code, and nothing that the handler did stays. `text` is for the
 * person who asked. It never leaves the target as an error: there it becomes an outcome.
 */
export class Rejected extends Error {
  override readonly name: string = 'Rejected'
  readonly code: string

  constructor(code: string, text: string) {
    super(text)
    this.code = code
  }
}

/** Is it a refusal? Works across copies of this module too. */
export function isRejected(error: unknown): error is Rejected {
  return error instanceof Error && error.name === 'Rejected' && 'code' in error && typeof error.code === 'string'
}
