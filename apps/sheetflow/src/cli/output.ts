import { stripVTControlCharacters, styleText } from 'node:util'
import { isSheetflowError, type ErrorCode } from '@sheetflow/core/errors'

/**
 * What a command prints: data to stdout, messages and progress to stderr; with `--json` every line of stdout is one object.
 * Colour only on a terminal, and never with NO_COLOR.
 */
export class Output {
  readonly json: boolean
  readonly verbose: boolean
  /** The event that must be the first line, and the lines that wait for it. */
  #first: { readonly event: string; readonly waiting: string[] } | null = null

  constructor(options: { readonly json: boolean; readonly verbose: boolean }) {
    this.json = options.json
    this.verbose = options.verbose
  }

  /** With `--json`, lines wait until this event has been printed. An error that comes instead of it is printed alone. */
  holdUntil(event: string): void {
    if (this.json) this.#first = { event, waiting: [] }
  }

  /** One event: an object in JSON mode, else the text (nothing if there is none). */
  event(event: string, fields: Readonly<Record<string, unknown>>, text?: string): void {
    if (!this.json) {
      if (text !== undefined) process.stdout.write(`${forStream(text, process.stdout)}\n`)
      return
    }
    const line = `${JSON.stringify({ event, ...fields })}\n`
    if (this.#first !== null && this.#first.event !== event) {
      this.#first.waiting.push(line)
      return
    }
    process.stdout.write(line + (this.#first?.waiting.join('') ?? ''))
    this.#first = null
  }

  /** A message for people, on stderr. */
  note(text: string): void {
    if (!this.json) process.stderr.write(`${forStream(text, process.stderr)}\n`)
  }

  /** An error with its code and its fix. */
  error(error: unknown): void {
    if (!this.json) {
      process.stderr.write(`${forStream(errorText(error, this.verbose), process.stderr)}\n`)
      return
    }
    if (this.verbose) process.stdout.write(this.#first?.waiting.join('') ?? '')
    this.#first = null
    const body = isSheetflowError(error) ? plain(error) : { message: String(error) }
    process.stdout.write(`${JSON.stringify({ event: 'error', ...body })}\n`)
  }
}

/**
 * Lets a command go on when nobody reads on: `sheetflow status | head -3` closes the pipe early, and that is no fault of ours. What follows is not
 * printed, the exit code stays the command's own. Any other failure of the two streams is thrown.
 */
export function outliveReaders(streams: readonly NodeJS.WriteStream[] = [process.stdout, process.stderr]): void {
  for (const stream of streams) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
}

/** The text of an error: code, what happened, what to do. What is not ours is a bug and shows its stack. */
function errorText(error: unknown, verbose = false): string {
  if (!isSheetflowError(error)) return `${red('bug')} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
  const lines = [`${red('error')} ${dim(error.code)} ${error.message}`]
  if (error.fix !== undefined) lines.push(`  ${green('fix')} ${error.fix.replaceAll('\n', '\n      ')}`)
  if (verbose && error instanceof Error && error.stack !== undefined) lines.push(dim(error.stack))
  return lines.join('\n')
}

/** Does this stream show colours? A terminal does, unless NO_COLOR, TERM=dumb and their like say otherwise. */
export function showsColor(stream: NodeJS.WriteStream): boolean {
  return styleText('red', '.', { stream }) !== '.'
}

function forStream(text: string, stream: NodeJS.WriteStream): string {
  return showsColor(stream) ? text : stripVTControlCharacters(text)
}

function plain(error: { code: ErrorCode; message: string; fix?: string | undefined }): Record<string, unknown> {
  return { code: error.code, message: error.message, ...(error.fix === undefined ? {} : { fix: error.fix }) }
}

/** Colours; `Output` takes them out again where they are not wanted. */
export const red = (text: string): string => styleText('red', text, { validateStream: false })
export const green = (text: string): string => styleText('green', text, { validateStream: false })
export const yellow = (text: string): string => styleText('yellow', text, { validateStream: false })
export const bold = (text: string): string => styleText('bold', text, { validateStream: false })
export const dim = (text: string): string => styleText('dim', text, { validateStream: false })
