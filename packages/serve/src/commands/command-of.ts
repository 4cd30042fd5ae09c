import { SheetflowError } from '@sheetflow/core/errors'
import type { CommandRequest } from '@sheetflow/core/ports/commands'
import { isUlid } from '@sheetflow/core/ulid'

/** The command in what a client sent, by GraphQL or over the socket; `command/bad-payload` if it has not the form of one. */
export function commandOf(data: unknown): CommandRequest {
  const { id, name, payload } = isRecord(data) ? data : {}
  if (typeof id !== 'string' || !isUlid(id))
    throw bad('the id of a command is a ULID', 'Make the id with ulid() in the client; it is the key against doing it twice.')
  if (typeof name !== 'string' || name === '') throw bad('a command has a name', 'Name a handler of the commands file.')
  if (payload !== undefined && payload !== null && !isRecord(payload))
    throw bad('the payload of a command is an object', 'Send {"field": value, …}.')
  return { id, name, payload: (payload ?? {}) as CommandRequest['payload'] }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function bad(message: string, fix: string): SheetflowError {
  return new SheetflowError('command/bad-payload', message, { fix })
}
