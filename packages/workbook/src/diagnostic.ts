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
  readonly #known = new Set<string>()

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
    for (const one of this.#found.splice(count)) {
      if (isIn(one)) this.#known.delete(identityOf(one))
      else this.#found.push(one)
    }
  }

  add(one: Finding): void {
    const identity = identityOf(one)
    if (this.#known.has(identity)) return
    this.#known.add(identity)
    this.#found.push(one)
  }
}

function identityOf({ at, message }: Finding): string {
  return `${at.start} ${at.file} ${message}`
}

/** So many are shown of a file; more say the same of data that came from elsewhere, or follow from those. */
const SHOWN_OF_A_FILE = 200

/**
 * Findings with line, column and source line, in the order of files and places; of many in one file the first, errors before warnings, and how many more
 * there are. `files`: path → text.
 */
export function locate(findings: readonly Finding[], files: Readonly<Record<string, string>>): WorkbookDiagnostic[] {
  const byFile = new Map<string, Finding[]>()
  for (const one of findings.toSorted(byPlace)) {
    const own = byFile.get(one.at.file)
    if (own === undefined) byFile.set(one.at.file, [one])
    else own.push(one)
  }
  return [...byFile].flatMap(([file, own]) => {
    const text = files[file] ?? ''
    const starts = lineStarts(text)
    return shownOf(own).map(({ at, ...rest }) => ({ ...rest, ...placeOf(at, text, starts) }))
  })
}

function byPlace(a: Finding, b: Finding): number {
  if (a.at.file !== b.at.file) return a.at.file < b.at.file ? -1 : 1
  return a.at.start - b.at.start
}

/** Those of one file that are shown, and one that counts the others. */
function shownOf(all: readonly Finding[]): readonly Finding[] {
  if (all.length <= SHOWN_OF_A_FILE) return all
  const ranked = [...all.filter((one) => one.severity === 'error'), ...all.filter((one) => one.severity !== 'error')]
  const [first, ...others] = ranked.slice(SHOWN_OF_A_FILE)
  if (first === undefined) return all
  const message = `and ${others.length + 1} more in this file, of which this is the first: ${first.message}`
  return [...ranked.slice(0, SHOWN_OF_A_FILE).toSorted(byPlace), { ...first, message }]
}

/** Where the lines of a text begin. */
function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

function placeOf(
  at: FileRange,
  text: string,
  starts: readonly number[],
): Pick<WorkbookDiagnostic, 'file' | 'line' | 'column' | 'width' | 'source'> {
  const start = Math.min(at.start, text.length)
  const line = lineOf(start, starts)
  const lineStart = starts[line - 1] ?? 0
  const next = starts[line]
  const lineEnd = next === undefined ? text.length : next - 1
  const width = Math.max(1, Math.min(at.end, lineEnd) - start)
  return { file: at.file, line, column: start - lineStart + 1, width, source: text.slice(lineStart, lineEnd).replace(/\r$/, '') }
}

/** The line, counted from 1, that a place is on. */
function lineOf(place: number, starts: readonly number[]): number {
  let [low, high] = [0, starts.length]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((starts[middle] ?? 0) <= place) low = middle
    else high = middle
  }
  return low + 1
}
