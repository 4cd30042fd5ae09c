/**
 * Thrown by an asynchronous function that cannot answer now (the service behind it is away): the row is asked again later, and goes on waiting. Anything else
 * that is thrown is the answer, `#VALUE!`.
 */
export class TryLater extends Error {
  override readonly name: string = 'TryLater'
}

/** Is it one? By name: a project may have this module from another place than we. */
export function isTryLater(error: unknown): error is TryLater {
  return error instanceof Error && error.name === 'TryLater'
}
