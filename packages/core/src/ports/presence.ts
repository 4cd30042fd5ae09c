/**
 * Port `Presence`: what each process of an installation says of itself, for whoever wants to see them all. News, not history: what is not said again is forgotten
 * after some seconds, what is too large is left out by who says it. Nothing is decided by it.
 */
export interface Presence extends AsyncDisposable {
  /** Replaces what this process said before. */
  tell(process: string, text: string): Promise<void>
  /** What every process said last, in order of their names. */
  all(): Promise<readonly ProcessNews[]>
}

export interface ProcessNews {
  readonly process: string
  readonly text: string
}
