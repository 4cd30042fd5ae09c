import type { z } from 'zod'
import { nearest } from '../cli/nearest.ts'
import { configJsonSchema } from './schema.ts'

/** What is wrong with a field of a configuration, for people: its place, what, and what was probably meant. */
export function problemsOf(issue: z.core.$ZodIssue): string[] {
  const place = issue.path.join('.') || '(top)'
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `${place}: there is no "${key}"${meant(key)}`)
  const missing = /^Invalid input: expected (.*), received undefined$/.exec(issue.message)
  return [`${place}: ${missing === null ? issue.message : `is missing (${missing[1] ?? ''})`}`]
}

/** Names of fields are few: whichever is near, wherever it belongs. */
function meant(key: string): string {
  const names = new Set(fieldNames(configJsonSchema()))
  const near = nearest(key, [...names])
  return near === undefined ? '' : `; did you mean ${near}?`
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
