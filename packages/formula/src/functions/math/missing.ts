import type { StrictTypes } from '../definition.ts'

/** Is an argument left out, at the end or between two commas? Functions with defaults of their own take them then, not Blank's zero. */
export function isMissing({ args }: StrictTypes, index: number): boolean {
  const arg = args[index]
  return arg === undefined || (arg.type === null && arg.nullable)
}
