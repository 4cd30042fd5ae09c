import type { WorkbookDiagnostic } from './diagnostic.ts'

/** How diagnostics are written for a terminal. */
export interface TerminalStyle {
  readonly color: boolean
}

/** One diagnostic for a terminal: place, what, the line with a caret, why, and the fix. Several lines, without a newline at the end. */
export function formatDiagnostic(one: WorkbookDiagnostic, style: TerminalStyle = { color: false }): string {
  const paint = (code: number, text: string): string => (style.color ? `\u001b[${code}m${text}\u001b[0m` : text)
  const tint = one.severity === 'error' ? 31 : 33
  const number = String(one.line)
  const gutter = ' '.repeat(number.length)
  // Tabs stay tabs, so that the caret stands under its character whatever their width is.
  const lead = printable(one.source.slice(0, one.column - 1)).replaceAll(/[^\t]/g, ' ')
  const lines = [
    `${paint(1, `${one.file}:${one.line}:${one.column}`)} ${paint(tint, one.severity)} ${one.code}: ${printable(one.message)}`,
    `${paint(2, `${number} |`)} ${printable(one.source)}`,
    `${paint(2, `${gutter} |`)} ${lead}${paint(tint, '^'.repeat(one.width))}`,
  ]
  if (one.why !== undefined) lines.push(`${gutter}   why: ${printable(one.why)}`)
  if (one.fix !== undefined) lines.push(`${gutter}   fix: ${printable(one.fix)}`)
  return lines.join('\n')
}

/** Control characters of a file must not reach the terminal. */
function printable(text: string): string {
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\uFFFD')
}

/** All diagnostics for a terminal, with a blank line between them and a last line that counts. */
export function formatDiagnostics(all: readonly WorkbookDiagnostic[], style: TerminalStyle = { color: false }): string {
  const errors = all.filter((one) => one.severity === 'error').length
  const warnings = all.length - errors
  const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`
  return [...all.map((one) => formatDiagnostic(one, style)), `${count(errors, 'error')}, ${count(warnings, 'warning')}`].join('\n\n')
}

/** The form of `--json`: one object, keys in a fixed order. */
export function diagnosticJson(one: WorkbookDiagnostic): Readonly<Record<string, string | number>> {
  const { code, severity, file, line, column, width, source, message, why, fix } = one
  return {
    code,
    severity,
    file,
    line,
    column,
    width,
    source,
    message,
    ...(why === undefined ? {} : { why }),
    ...(fix === undefined ? {} : { fix }),
  }
}
