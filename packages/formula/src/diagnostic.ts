import type { ErrorCode } from '@sheetflow/core/errors'

/** A part of a text: offsets in UTF-16 units, `end` exclusive. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** The codes that the language itself uses. */
export type FormulaCode = Extract<ErrorCode, `formula/${string}`>

/**
 * What is wrong with a formula, as an editor or a terminal shows it: where, what, why, and what to write instead.
 * `error`: the formula cannot run. `warning`: it runs, but hardly does what was meant.
 */
export interface FormulaDiagnostic {
  readonly code: FormulaCode
  readonly severity: 'error' | 'warning'
  /** Offsets in the formula's text. */
  readonly range: Range
  /** What is wrong: one sentence. */
  readonly message: string
  /** Why that is so, where the message does not say it. */
  readonly why?: string
  /** What to write instead. */
  readonly fix?: string
}

/** The range from the start of one part to the end of another. */
export function span(from: Range, to: Range): Range {
  return { start: from.start, end: to.end }
}

/** Collects what is found while a formula is read. Equal findings at one place are kept once. */
export class Diagnostics {
  readonly #found: FormulaDiagnostic[] = []

  /** In the order found. */
  get all(): readonly FormulaDiagnostic[] {
    return this.#found
  }

  get hasErrors(): boolean {
    return this.#found.some((one) => one.severity === 'error')
  }

  error(code: FormulaCode, range: Range, message: string, more: { readonly why?: string; readonly fix?: string } = {}): void {
    this.add({ code, severity: 'error', range, message, ...more })
  }

  warning(code: FormulaCode, range: Range, message: string, more: { readonly why?: string; readonly fix?: string } = {}): void {
    this.add({ code, severity: 'warning', range, message, ...more })
  }

  add(one: FormulaDiagnostic): void {
    const known = this.#found.some((other) => other.range.start === one.range.start && other.message === one.message)
    if (!known) this.#found.push(one)
  }
}
