import { SheetflowError } from './errors.ts'

/** What the checks of definitions have in common that a user's module gives: of commands and of functions. They may come from JavaScript, so everything is looked at. */

/** What is defined. */
export type DefinitionKind = 'command' | 'function'

const UNIT_MS = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000 } as const

/** The definition as a record; `config/invalid` if it is none, or if its name may not be one. `parts`: what it is made of, for the message. */
export function readDefinition(kind: DefinitionKind, name: string, given: unknown, parts: string): Readonly<Record<string, unknown>> {
  if (!/^[a-z][a-z0-9_]*$/.test(name))
    throw invalidDefinition(kind, name, 'name', 'is not a name', 'Use lower-case letters, digits and _, beginning with a letter.')
  if (isNamed(given)) return given
  throw invalidDefinition(kind, name, 'definition', 'is not an object', `Write {${parts}}.`)
}

/** Is it something by name? */
export function isNamed(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whole milliseconds of a number of them, or of a text like `500 ms`, `2 s`, `5 min`, `1 h`; null if it is no duration. */
export function durationOf(value: unknown): number | null {
  const [, number, unit] = typeof value === 'string' ? (/^(\d+(?:\.\d+)?) ?(ms|s|min|h)$/.exec(value) ?? []) : []
  const ms = typeof value === 'number' ? value : Number(number) * UNIT_MS[(unit ?? 'ms') as keyof typeof UNIT_MS]
  return Number.isFinite(ms) && ms > 0 ? Math.round(ms) : null
}

/** `config/invalid`: which definition, which of its fields, what is wrong with it and what to write. */
export function invalidDefinition(kind: DefinitionKind, name: string, field: string, what: string, fix: string): SheetflowError {
  return new SheetflowError('config/invalid', `${kind} ${name}: ${field} ${what}`, { fix, details: { [kind]: name, field } })
}
