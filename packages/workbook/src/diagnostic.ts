import type { ErrorCode } from '@sheetflow/core/errors'

/** A place in a file: offsets in UTF-16 units, `end` exclusive. */
export interface FileRange {
  readonly file: string
  readonly start: number
  readonly end: number
}

/** What is wrong with a workbook, as found: the place as offsets. */
export interface Finding {
  readonly code: ErrorCode
  readonly severity: 'error' | 'warning'
  readonly at: FileRange
  /** What is wrong: one sentence. */
  readonly message: string
  readonly why?: string
  readonly fix?: string
}

/**
 * What is wrong with a workbook, as it is shown (FORMATS 7, rule 9): `error`s keep a deployment from being made, `warning`s do not.
 * Lines and columns count from 1; `source` is the line's text, `width` how many of its characters the caret underlines (at least 1).
 */
export interface WorkbookDiagnostic {
  readonly code: ErrorCode
  readonly severity: 'error' | 'warning'
  readonly file: string
  readonly line: number
  readonly column: number
  readonly width: number
  readonly source: string
  readonly message: string
  readonly why?: string
  readonly fix?: string
}

/** Collects what is found in the files of a graph. Equal findings at one place are kept once. */
export class Findings {
  readonly #found: Finding[] = []

  get all(): readonly Finding[] {
    return this.#found
  }

  get hasErrors(): boolean {
    return this.#found.some((one) => one.severity === 'error')
  }

  error(code: ErrorCode, at: FileRange, message: string, more: { readonly why?: string; readonly fix?: string } = {}): void {
    this.add({ code, severity: 'error', at, message, ...more })
  }

  warning(code: ErrorCode, at: FileRange, message: string, more: { readonly why?: string; readonly fix?: string } = {}): void {
    this.add({ code, severity: 'warning', at, message, ...more })
  }

  /** How many there are so far: for `errorsSince` and `forget`. */
  get count(): number {
    return this.#found.length
  }

  /** Errors in that file among those found behind the first `count`. */
  errorsSince(count: number, file: string): number {
    return this.#found.slice(count).filter((one) => one.severity === 'error' && one.at.file === file).length
  }

  /** Takes back what was found in these ranges behind the first `count`: it is looked at again. */
  forget(count: number, ranges: readonly FileRange[]): void {
    const isIn = ({ at }: Finding): boolean =>
      ranges.some((range) => range.file === at.file && range.start <= at.start && at.end <= range.end)
    this.#found.push(...this.#found.splice(count).filter((one) => !isIn(one)))
  }

  add(one: Finding): void {
    const known = this.#found.some(
      (other) => other.at.file === one.at.file && other.at.start === one.at.start && other.message === one.message,
    )
    if (!known) this.#found.push(one)
  }
}

/** Findings with line, column and source line, in the order of files and places. `files`: path → text. */
export function locate(findings: readonly Finding[], files: Readonly<Record<string, string>>): WorkbookDiagnostic[] {
  const sorted = findings.toSorted((a, b) => (a.at.file === b.at.file ? a.at.start - b.at.start : a.at.file < b.at.file ? -1 : 1))
  return sorted.map(({ at, ...rest }) => ({ ...rest, ...placeOf(at, files[at.file] ?? '') }))
}

function placeOf(at: FileRange, text: string): Pick<WorkbookDiagnostic, 'file' | 'line' | 'column' | 'width' | 'source'> {
  const start = Math.min(at.start, text.length)
  const lineStart = text.slice(0, start).lastIndexOf('\n') + 1
  const next = text.indexOf('\n', start)
  const lineEnd = next < 0 ? text.length : next
  const line = text.slice(0, lineStart).split('\n').length
  const width = Math.max(1, Math.min(at.end, lineEnd) - start)
  return { file: at.file, line, column: start - lineStart + 1, width, source: text.slice(lineStart, lineEnd).replace(/\r$/, '') }
}
