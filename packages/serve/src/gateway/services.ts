import type { AcceptCommand } from '@sheetflow/core/ports/commands'
import type { Clock, Identity, Log } from '@sheetflow/core/ports/host'
import type { LiveHub } from '../live/live-hub.ts'
import type { ServeLimits } from '../limits.ts'
import type { SubscriptionTokens } from '../live/subscription-tokens.ts'

/** What the connections of a gateway share. */
export interface GatewayServices {
  readonly limits: ServeLimits
  readonly clock: Clock
  readonly log: Log
  readonly identity: Identity
  /** May a reader without a token connect? The rights of what it then reads come from subscription tokens all the same. */
  readonly anonymous: boolean
  /** Signs and verifies subscription tokens. */
  readonly tokens: SubscriptionTokens
  readonly commands: AcceptCommand
  /** The hub that routes a view; undefined if no graph has it. */
  hubOf(view: string): LiveHub | undefined
}
