/** What a server can do, by its version. The table of `docs/nats.md`. */
export interface Features {
  /** `2.15.1` */
  readonly version: string
  /** Batches that are stored whole or not at all (2.12). */
  readonly atomicBatches: boolean
}

/** Oldest server that the driver runs on. */
export const OLDEST_SERVER = '2.9'

/** What the server of this version can do; null if it is too old. */
export function featuresOf(version: string): Features | null {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10))
  const since = (wanted: number): boolean => major > 2 || (major === 2 && minor >= wanted)
  if (!since(9)) return null
  return { version, atomicBatches: since(12) }
}
