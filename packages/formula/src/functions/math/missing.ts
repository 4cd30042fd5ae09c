import type { CallTypes } from '../definition.ts'

/** Is an argument left out, at the end or between two commas? Functions with defaults of their own take them then, not Blank's zero. */
export function isMissing({ args }: CallTypes, index: number): boolean {
  const arg = args[index]
  return arg === undefined || arg.omitted === true
}
