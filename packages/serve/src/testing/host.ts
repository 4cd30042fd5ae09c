import type { Clock, Log } from '@sheetflow/core/ports/host'

/** The machine's clock. */
export const REAL_CLOCK: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(done, ms)
      if (signal?.aborted === true) done()
      signal?.addEventListener('abort', done, { once: true })
      function done(): void {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
    }),
}

/** A log that keeps what is worse than a warning, for tests to look at. */
export class TestLog implements Log {
  readonly errors: string[] = []

  debug(): void {
    // Nobody reads it.
  }

  info(): void {
    // Nobody reads it.
  }

  warn(): void {
    // Expected in tests of faults.
  }

  error(event: string, fields?: Readonly<Record<string, unknown>>): void {
    this.errors.push(`${event} ${JSON.stringify(fields)}`)
  }
}

/** Resolves when `holds` answers true; looks again after each turn. */
export async function until(what: string, holds: () => boolean, deadlineMs: number = 60_000): Promise<void> {
  const end = Date.now() + deadlineMs
  while (!holds()) {
    if (Date.now() > end) throw new Error(`never: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
