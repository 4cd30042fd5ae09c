/** What became, or would become, of one place where the row may stand. */
export interface PlaceReport {
  /** `stream SF_SRC_shop`, `archive of SF_SRC_shop`, `checkpoints`, … */
  readonly place: string
  /**
   * `erased`: it is gone from there. `clean`: there was nothing. `remains`: it is still there, until `until` where that is known. `unknown`: Sheetflow cannot
   * look there.
   */
  readonly outcome: 'erased' | 'clean' | 'remains' | 'unknown'
  /** Messages or files. */
  readonly count: number
  /** ISO time at which it leaves by itself. */
  readonly until?: string
  /** Why it remains, and what can be done. */
  readonly why?: string
}

/** Places that no command of ours reaches, told every time. */
export const OUT_OF_REACH: readonly PlaceReport[] = [
  {
    place: 'pages that are open',
    outcome: 'unknown',
    count: 0,
    why: 'what they show follows the source; an offline copy is corrected when its page connects again',
  },
  { place: 'backups', outcome: 'unknown', count: 0, why: 'after a restore run this command again' },
  {
    place: 'the source itself',
    outcome: 'unknown',
    count: 0,
    why: 'its log, its dead rows, its backups and what commands answered (sheetflow.commands) are its own; so are files of sheetflow replay --into',
  },
]
