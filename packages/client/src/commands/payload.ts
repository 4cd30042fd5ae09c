import { SheetflowError } from '@sheetflow/core/errors'
import type { Json } from '@sheetflow/core/json-text'
import type { JsonValue } from '@sheetflow/core/value'

/** What a command is given: JSON by the names of its fields. */
export type CommandPayload = Readonly<Record<string, Json | JsonValue | undefined>>

/**
 * A command's payload as it is sent, each time it is sent: what its giver changes later changes nothing. Fields that are undefined are left out. `command/bad-payload` for what is no JSON.
 */
export function payloadOf(payload: CommandPayload): CommandPayload {
  return JSON.parse(JSON.stringify(payload, sendable)) as CommandPayload
}

/** JSON would send NaN as null and leave functions out: nobody meant that. */
function sendable(this: unknown, _name: string, value: unknown): unknown {
  const isLeftOut = value === undefined && !Array.isArray(this)
  const isJson = value === null || isLeftOut || ['string', 'boolean', 'object'].includes(typeof value) || Number.isFinite(value)
  if (isJson) return value
  throw new SheetflowError('command/bad-payload', `${typeof value === 'number' ? String(value) : typeof value} cannot be sent`, {
    fix: 'Send JSON: text, numbers, true, false, null, lists, objects.',
  })
}
