import type { WorkbookDiagnostic } from '@sheetflow/workbook/diagnostic'
import { diagnosticJson, formatDiagnostic } from '@sheetflow/workbook/format-diagnostic'
import { showsColor, type Output } from './output.ts'

/** Prints findings in files to stdout: place, line with caret, why and fix; one object each with `--json`. */
export function printDiagnostics(output: Output, all: readonly WorkbookDiagnostic[]): void {
  const color = showsColor(process.stdout)
  for (const one of all) output.event('diagnostic', diagnosticJson(one), `${formatDiagnostic(one, { color })}\n`)
}

/** `2 errors, 1 warning` */
export function countText(all: readonly WorkbookDiagnostic[]): string {
  const errors = errorsIn(all)
  return `${counted(errors, 'error')}, ${counted(all.length - errors, 'warning')}`
}

/** How many of them are errors. */
export function errorsIn(all: readonly WorkbookDiagnostic[]): number {
  return all.filter((one) => one.severity === 'error').length
}

/** `1 test`, `2 tests` */
export function counted(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`
}
