/** One broken rule: where, what is wrong, and how to mend it. */
export interface Violation {
  /** Relative to the repository. */
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly why: string
  readonly fix: string
}

/** `file:line  why` and, below it, the fix. */
export function printViolation(violation: Violation): string {
  return `${violation.file}:${violation.line}  ${violation.why}\n    fix: ${violation.fix}`
}
