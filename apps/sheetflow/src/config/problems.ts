import type { z } from 'zod'
import { nearest } from '../cli/nearest.ts'
import { configJsonSchema } from './schema.ts'

/** What is wrong with a field of this configuration, for people: its place, what, and what was probably meant. */
export function problemsOf(issue: z.core.$ZodIssue, input: unknown): string[] {
  const place = issue.path.join('.') || '(top)'
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `${place}: there is no "${key}"${meant(key, fields())}`)
  const types = typesOf(issue)
  if (types !== null) return [`${place}: ${wrongType(valueAt(input, issue.path), types)}`]
  const missing = /^Invalid input: expected (.*), received undefined$/.exec(issue.message)
  return [`${place}: ${missing === null ? issue.message : `is missing (${missing[1] ?? ''})`}`]
}

/** The types that there are, if what is wrong is the `type` of a driver. */
function typesOf(issue: z.core.$ZodIssue): readonly string[] | null {
  if (issue.code !== 'invalid_union' || issue.discriminator === undefined) return null
  // zod tells them, but its types do not.
  return 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : null
}

/** Of a `type` that no driver has. */
function wrongType(type: unknown, types: readonly string[]): string {
  if (type === undefined) return `is missing (${types.join(' or ')})`
  return `there is no ${JSON.stringify(type)}${typeof type === 'string' ? meant(type, types) : ''} (there is ${types.join(', ')})`
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((value, key) => (value as Readonly<Record<PropertyKey, unknown>> | null | undefined)?.[key], input)
}

/** Names are few: whichever is near, wherever it belongs. */
function meant(key: string, names: readonly string[]): string {
  const near = nearest(key, names)
  return near === undefined || near === key ? '' : `; did you mean ${near}?`
}

function fields(): readonly string[] {
  return [...new Set(fieldNames(configJsonSchema()))]
}

function* fieldNames(schema: unknown): Generator<string> {
  if (typeof schema !== 'object' || schema === null) return
  for (const [name, value] of Object.entries(schema)) {
    if (name === 'properties') yield* Object.keys(value as object)
    yield* fieldNames(value)
  }
}

/** What an error of reading a module says, with the line that it names; without the ways of the loader behind it. */
export function whereAndWhy(error: unknown, file: string): string {
  if (!(error instanceof Error) || error.stack === undefined) return String(error)
  const lines = error.stack.split('\n')
  const first = lines.findIndex((line) => line.startsWith('    at '))
  const said = lines.slice(0, first < 0 ? lines.length : first)
  const frame = lines.find((line) => line.startsWith('    at ') && line.includes(file))
  return [...said, ...(frame === undefined ? [] : [frame])].join('\n').trimEnd()
}
