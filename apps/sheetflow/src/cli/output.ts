import { styleText } from 'node:util'
import { isSheetflowError, type ErrorCode } from '@sheetflow/core/errors'

/**
 * What a command prints: data to stdout, messages and progress to stderr; with `--json` every line of stdout is one object.
 * Colour only on a terminal, and never with NO_COLOR.
 */
export class Output {
  readonly json: boolean
  readonly verbose: boolean

  constructor(options: { readonly json: boolean; readonly verbose: boolean }) {
    this.json = options.json
    this.verbose = options.verbose
  }

  /** One event: an object in JSON mode, else the text (nothing if there is none). */
  event(event: string, fields: Readonly<Record<string, unknown>>, text?: string): void {
    if (this.json) process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`)
    else if (text !== undefined) process.stdout.write(`${text}\n`)
  }

  /** A message for people, on stderr. */
  note(text: string): void {
    if (!this.json) process.stderr.write(`${text}\n`)
  }

  /** An error with its code and its fix. */
  error(error: unknown): void {
    if (this.json) {
      const body = isSheetflowError(error) ? { ...plain(error) } : { message: String(error) }
      process.stdout.write(`${JSON.stringify({ event: 'error', ...body })}\n`)
      return
    }
    process.stderr.write(`${errorText(error, this.verbose)}\n`)
  }
}

/** The text of an error: code, what happened, what to do. What is not ours is a bug and shows its stack. */
export function errorText(error: unknown, verbose = false): string {
  if (!isSheetflowError(error)) return `${red('bug')} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
  const lines = [`${red('error')} ${dim(error.code)} ${error.message}`]
  if (error.fix !== undefined) lines.push(`  ${green('fix')} ${error.fix}`)
  if (verbose && error instanceof Error && error.stack !== undefined) lines.push(dim(error.stack))
  return lines.join('\n')
}

function plain(error: { code: ErrorCode; message: string; fix?: string | undefined }): Record<string, unknown> {
  return { code: error.code, message: error.message, ...(error.fix === undefined ? {} : { fix: error.fix }) }
}

/** Colours, which know by themselves whether the terminal wants them. */
export const red = (text: string): string => styleText('red', text, { stream: process.stderr })
export const green = (text: string): string => styleText('green', text, { stream: process.stderr })
export const yellow = (text: string): string => styleText('yellow', text, { stream: process.stderr })
export const bold = (text: string): string => styleText('bold', text, { stream: process.stdout })
export const dim = (text: string): string => styleText('dim', text, { stream: process.stderr })
