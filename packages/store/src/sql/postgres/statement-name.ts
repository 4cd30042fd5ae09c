let statements = 0

/** A name that no prepared statement of this process had before. */
export function statementName(): string {
  return `sf_${++statements}`
}
