import type { ReceiptStatus } from '../message.ts'
import type { JsonValue } from '../value.ts'
import type { Claims } from './host.ts'

/** A command as a client sends it: by GraphQL mutation or over the socket (FORMATS 9). */
export interface CommandRequest {
  /** ULID made by the client: the idempotency key. */
  readonly id: string
  readonly name: string
  readonly payload: Readonly<Record<string, JsonValue>>
}

/** What the sender is told at once; the rest comes as a receipt. */
export interface CommandAccepted {
  readonly id: string
  readonly status: ReceiptStatus
  /** How long it may wait for its handler: as long its outcome may be waited for. */
  readonly validForMs: number
}

/**
 * Port `AcceptCommand`: takes commands for the sources that have their handlers.
 *
 * What callers may rely on: `accepted` = the source's inbox has stored the command: no process that is killed loses it, and it is on disk `Bus.durableAfterMs` later (at once where that is 0). A
 * second one with the same id changes nothing. What may not be is refused before anything is written: `command/unknown`, `command/bad-payload`, `access/denied`.
 */
export interface AcceptCommand {
  accept(command: CommandRequest, claims: Claims): Promise<CommandAccepted>
}
