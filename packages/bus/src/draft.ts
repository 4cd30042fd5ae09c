import { SheetflowError } from '@sheetflow/core/errors'
import type { AppendOptions, BusMessage } from '@sheetflow/core/ports/bus'

/** One append takes at most so many messages… */
export const APPEND_MESSAGES: number = 1_000
/** …and so many bytes (port `Bus`). */
export const APPEND_BYTES: number = 4 * 1024 * 1024

/** One call of `append`, measured. */
export interface Draft {
  readonly messages: readonly BusMessage[]
  readonly bytes: number
  readonly expectedLast: number | undefined
  /** All of it or nothing, where that can be had. */
  readonly whole: boolean
}

/** The append, or `bus/too-large` if it is more than one transaction may hold. */
export function draft(stream: string, messages: readonly BusMessage[], { expectedLast, whole = true }: AppendOptions): Draft {
  let bytes = 0
  for (const message of messages) bytes += messageBytes(message)
  if (messages.length > APPEND_MESSAGES || bytes > APPEND_BYTES) {
    throw new SheetflowError('bus/too-large', `an append of ${messages.length} messages and ${bytes} bytes to ${stream}`, {
      fix: `Split it: at most ${APPEND_MESSAGES} messages and ${APPEND_BYTES} bytes at once.`,
      details: { stream, messages: messages.length, bytes },
    })
  }
  return { messages, bytes, expectedLast, whole }
}

/** What one message counts against the limits. */
export function messageBytes(message: BusMessage): number {
  let bytes = message.body.byteLength + message.subject.length + message.id.length
  if (message.headers !== undefined) for (const name in message.headers) bytes += name.length + (message.headers[name]?.length ?? 0)
  return bytes
}
