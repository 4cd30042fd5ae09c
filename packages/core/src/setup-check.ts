/** One check of `doctor` and `init`: of a source, a bus, a store or what runs over them. */
export interface SetupCheck {
  readonly name: string
  readonly status: 'ok' | 'warn' | 'fail'
  readonly message: string
  /** The SQL or the step that mends it. */
  readonly fix?: string
}
