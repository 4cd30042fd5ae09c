import { parseArgs } from 'node:util'
import { SheetflowError } from '@sheetflow/core/errors'
import { nearest } from './nearest.ts'

/** One option of a command, from which parsing and help are made. */
export interface OptionSpec {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  /** Shown in help instead of the value: `--port N`. */
  readonly value?: string
  readonly help: string
}

/** Options that every command understands. */
export const COMMON_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  config: { type: 'string', value: 'FILE', help: 'configuration file (default: sheetflow.config.* here or above)' },
  data: { type: 'string', value: 'DIR', help: 'data folder (default: .sheetflow beside the configuration)' },
  json: { type: 'boolean', help: 'machine-readable output, one object a line' },
  verbose: { type: 'boolean', short: 'v', help: 'say more' },
  help: { type: 'boolean', short: 'h', help: 'this text' },
}

/** Parsed options by name. */
export type OptionValues = Readonly<Record<string, string | boolean | undefined>>

/** What a command line says. */
export interface ParsedLine {
  readonly options: OptionValues
  readonly positionals: readonly string[]
}

/** Reads a command's arguments. `app/usage` names the option that is wrong and the one that was probably meant. */
export function parseLine(args: readonly string[], specs: Readonly<Record<string, OptionSpec>>): ParsedLine {
  const all = { ...COMMON_OPTIONS, ...specs }
  const options = Object.fromEntries(
    Object.entries(all).map(([name, spec]) => [name, { type: spec.type, ...(spec.short === undefined ? {} : { short: spec.short }) }]),
  )
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
    return { options: values, positionals }
  } catch (error) {
    throw usageError(error, all)
  }
}

/** `app/usage` if there are more words than the command takes. */
export function refuseArguments(positionals: readonly string[], takes: number, usage: string): void {
  const [first] = positionals.slice(takes)
  if (first !== undefined) throw new SheetflowError('app/usage', `'${first}' means nothing here`, { fix: `Usage: ${usage}` })
}

/** The option as text, if given. */
export function text(options: OptionValues, name: string): string | undefined {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}

/** The option as a whole number, if given; `app/usage` if it is none. */
export function wholeNumber(options: OptionValues, name: string): number | undefined {
  const value = text(options, name)
  if (value === undefined) return undefined
  if (/^\d+$/.test(value)) return Number(value)
  throw new SheetflowError('app/usage', `--${name} takes a whole number, not '${value}'`, { fix: `For example --${name} 10.` })
}

function usageError(error: unknown, known: Readonly<Record<string, OptionSpec>>): SheetflowError {
  const message = error instanceof Error ? (error.message.split('.')[0] ?? '') : String(error)
  const name = /--([\w-]+)/.exec(message)?.[1] ?? ''
  const spec = Object.hasOwn(known, name) ? known[name] : undefined
  if (spec?.type === 'string') {
    return new SheetflowError('app/usage', `--${name} needs a value`, {
      fix: `For example --${name} ${spec.value ?? 'VALUE'}.`,
      cause: error,
    })
  }
  const meant = spec === undefined && name !== '' ? nearest(name, Object.keys(known)) : undefined
  return new SheetflowError('app/usage', message, {
    fix: meant === undefined ? 'See --help for the options.' : `Did you mean --${meant}? See --help for the options.`,
    cause: error,
  })
}
