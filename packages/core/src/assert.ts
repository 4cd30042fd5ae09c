/** Bugs are assertions: they name what the programmer believed, and are never caught to go on. */
class AssertionError extends Error {
  override readonly name: string = 'AssertionError'
}

/** Throws if `condition` does not hold. For what only a bug can break; bad input gets a `SheetflowError`. */
export function assert(condition: unknown, belief: string): asserts condition {
  if (!condition) throw new AssertionError(belief)
}

/** The value, which must be there. */
export function must<T>(value: T | null | undefined, belief = 'a value must be here'): T {
  if (value === null || value === undefined) throw new AssertionError(belief)
  return value
}

/** The end of an exhaustive `switch`. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable: ${String(value)}`)
}
