/**
 * Port `Leases`: who does what, where several could. A lease **chooses**; it does not protect. What protects are the fences of the port `Bus` (`expectedLast`) and of
 * the stores (the position): a holder that was stopped between its last look at the lease and its write finds the write refused.
 *
 * What callers may rely on:
 * - **One at a time**, as far as can be known: `acquire` resolves when nobody holds the name, when its holder released it, or when its holder has been silent for the
 *   driver's time. Silence is measured by the waiter's own clock from the last change that the waiter saw itself: no two clocks are compared.
 * - **Counting.** Each taking has a `token` greater than all before it, also over releases.
 * - **Loss.** `lost` aborts as soon as the holder can not prove any more that it holds the name: somebody else took it, or no renewal was confirmed for a time
 *   that is shorter than the silence that others wait for.
 * - **Release.** Disposing gives the name back: who waits takes it without waiting for the silence. Disposing what is lost does nothing.
 * - **The same holder again** takes its name at once, with a new token: it says that its former self has ended.
 * - A place of leases that is away, or that refuses, is waited for; `acquire` ends with the reason of its signal alone. **It says so**: `hear` is told why the place cannot be asked, once
 *   for each reason on end, and null when it can again.
 */
export interface Leases extends AsyncDisposable {
  acquire(name: string, holder: string, signal: AbortSignal, hear?: (trouble: Error | null) => void): Promise<Lease>
  /** Every name that was ever taken, in order of names. */
  list(): Promise<readonly LeaseState[]>
}

/** A name that is held. */
export interface Lease extends AsyncDisposable {
  readonly name: string
  readonly holder: string
  readonly token: number
  /** Aborts when the name is not (provably) ours any more. */
  readonly lost: AbortSignal
}

/** What is known about a name. `holder` is null when it was released; one that is silent is still named here. */
export interface LeaseState {
  readonly name: string
  readonly holder: string | null
  readonly token: number
}
