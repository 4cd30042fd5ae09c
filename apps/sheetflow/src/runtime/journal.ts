import { pino, type Logger } from 'pino'
import type { Log } from '@sheetflow/core/ports/host'
import type { Output } from '../cli/output.ts'
import { dim, green, yellow } from '../cli/output.ts'
import type { LogLevel, PlainError } from './protocol.ts'

type Fields = Readonly<Record<string, unknown>>

/** Where an instance says what its roles go through. */
export interface Journal extends Disposable {
  log(role: string, level: LogLevel, event: string, fields: Fields): void
  restarting(role: string, error: PlainError, pauseMs: number): void
}

/** What a part of the main thread says of itself. */
export function logOf(journal: Journal, name: string): Log {
  const at =
    (level: LogLevel) =>
    (event: string, fields: Fields = {}) =>
      journal.log(name, level, event, fields)
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** What is well again within this time is not worth a word. */
const BLIP_MS = 1000

/** For a developer's terminal: warnings and errors as text, each once while it lasts; with `--json` everything as events. */
export class TerminalJournal implements Journal {
  readonly #output: Output
  /** What was said of a role last, until it is well again. */
  readonly #said = new Map<string, string>()
  readonly #pending = new Map<string, NodeJS.Timeout>()

  constructor(output: Output) {
    this.#output = output
  }

  log(role: string, level: LogLevel, event: string, fields: Fields): void {
    const { verbose } = this.#output
    if (level === 'debug' && !verbose) return
    this.#output.event('log', { role, level, name: event, ...fields })
    if (event === 'source.status') this.#status(role, fields)
    else if (event === 'graph/deploy' || event === 'graph/deployed') this.#deployment(role, fields)
    else if (level === 'warn' || level === 'error') this.#say(role, `${yellow(level)} ${text(role, event, fields)}`)
    else if (verbose) this.#output.note(dim(text(role, event, fields)))
  }

  restarting(role: string, error: PlainError, pauseMs: number): void {
    this.#output.event('restarting', { role, code: error.code, message: error.message, pauseMs })
    this.#say(role, `${yellow('restarting')} ${role}: ${error.message}${fixLine(error.fix)}`)
    if (error.stack !== undefined && this.#output.verbose) this.#output.note(dim(error.stack))
  }

  [Symbol.dispose](): void {
    for (const timer of this.#pending.values()) clearTimeout(timer)
    this.#pending.clear()
  }

  /** A source comes and goes: said when it is away for longer than a moment, and when it is back. */
  #status(role: string, { status, message, fix }: Fields): void {
    if (status === 'following') {
      this.#later(role, null)
      if (this.#said.delete(role)) this.#output.note(`${green('back')} ${role} follows again`)
    } else if (typeof message === 'string') {
      const line = `${yellow(String(status))} ${role}: ${message}${fixLine(fix)}`
      this.#later(role, () => this.#say(role, line))
    } else this.#later(role, null)
  }

  /** At the first start the tables of a deployment come one after the other: what is missing is said if it stays missing. */
  #deployment(role: string, { problems }: Fields): void {
    const text = Array.isArray(problems) ? problems.join('\n\n') : null
    this.#later(
      `${role} deploy`,
      text === null ? null : () => this.#say(role, `${yellow('warn')} ${role}: this deployment does not run:\n${text}`),
    )
  }

  /** Says something a moment later, unless something else of this name comes before. */
  #later(name: string, say: (() => void) | null): void {
    clearTimeout(this.#pending.get(name))
    this.#pending.delete(name)
    if (say !== null) this.#pending.set(name, setTimeout(say, BLIP_MS))
  }

  #say(role: string, line: string): void {
    if (this.#said.get(role) === line) return
    this.#said.set(role, line)
    this.#output.note(line)
  }
}

/** For a machine that keeps logs: one JSON object a line on stderr, as pino writes them. */
export class StructuredJournal implements Journal {
  readonly #logger: Logger
  readonly #output: Output

  constructor(output: Output) {
    this.#output = output
    const destination = pino.destination({ fd: 2, sync: true })
    this.#logger = pino(
      { level: output.verbose ? 'debug' : 'info', base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
      destination,
    )
  }

  log(role: string, level: LogLevel, event: string, fields: Fields): void {
    this.#logger[level]({ role, event, ...fields })
  }

  restarting(role: string, error: PlainError, pauseMs: number): void {
    const { code, message, fix, stack } = error
    this.#output.event('restarting', { role, code, message, pauseMs })
    this.#logger.error({ role, event: 'role.restarting', code, message, fix, pauseMs, ...(code === null ? { stack } : {}) })
  }

  [Symbol.dispose](): void {
    this.#logger.flush()
  }
}

function text(role: string, event: string, fields: Fields): string {
  const { message, fix, ...rest } = fields
  if (typeof message === 'string') return `${role}: ${message}${fixLine(fix)}`
  const pairs = Object.entries(rest).map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return [role, event, ...pairs].join(' ')
}

function fixLine(fix: unknown): string {
  return typeof fix === 'string' ? `\n  ${green('fix')} ${fix}` : ''
}
