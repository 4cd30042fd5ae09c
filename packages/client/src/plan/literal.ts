import { SheetflowError } from '@sheetflow/core/errors'

const NAME = /^[_A-Za-z][_0-9A-Za-z]*$/

/** A JSON value as GraphQL literal: what a key is written as. `command/bad-payload` for what cannot be one. */
export function literal(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value === 'object') return objectLiteral(value as Readonly<Record<string, unknown>>)
  throw new SheetflowError('command/bad-payload', `${typeof value} cannot be sent`, {
    fix: 'Send JSON: text, numbers, true, false, null, lists.',
  })
}

function objectLiteral(value: Readonly<Record<string, unknown>>): string {
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  return `{${fields.map(([name, field]) => `${nameLiteral(name)}: ${literal(field)}`).join(', ')}}`
}

function nameLiteral(name: string): string {
  if (NAME.test(name)) return name
  throw new SheetflowError('command/bad-payload', `'${name}' is no name of a field`, { fix: 'Names are letters, digits and _.' })
}
