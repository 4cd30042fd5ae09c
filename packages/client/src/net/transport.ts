import type { LiveExtension, Publication, ViewState } from '@sheetflow/core/wire'

/** What a GraphQL answer holds. */
export interface Answer {
  readonly data: Readonly<Record<string, unknown>> | null
  readonly errors: readonly AnswerError[]
  readonly live: Readonly<Record<string, LiveExtension>>
  readonly state: Readonly<Record<string, ViewState>>
}

/** One entry of `errors`. */
export interface AnswerError {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly extensions?: { readonly code?: string; readonly fix?: string; readonly error?: string; readonly retry?: string }
}

/** The way to the server for questions and commands. */
export interface Queries {
  /** `client/offline` if nobody answers, `access/unauthenticated` for a refused token. */
  ask(document: string, variables: Readonly<Record<string, unknown>>, signal?: AbortSignal): Promise<Answer>
}

/** Where a channel is followed from. */
export interface ChannelStart {
  readonly channel: string
  readonly token: string
  readonly epoch: string
  readonly offset: number
}

/** Why a channel cannot go on: ask its root field again (`behind`), or show it without following, the connection has too many (`refused`). */
export type LostReason = 'behind' | 'refused'

/** What a follower of a channel is told, in order. */
export interface ChannelFollower {
  onPublication(publication: Publication): void
  /** The channel is joined. `offset`: up to where the server has said everything; what the channel missed follows in the same turn. */
  onLive(offset: number | null): void
  /** The connection is gone; the channel is joined again from where it stood when it is back. */
  onCut(): void
  /** The channel cannot go on from where it stood (history gone, generation replaced, rights changed). Nothing more comes. */
  onLost(reason: LostReason): void
  /** A new token is needed, for the same channel. null: there is none any more. */
  renew(): Promise<string | null>
}

/** One followed channel. */
export interface Following {
  close(): void
}

/** State of the way to the server. */
export type LinkState = 'connecting' | 'connected' | 'disconnected'

/**
 * The way to the server for live channels. All publications of one offset are handed over within one turn of the event loop (microtasks
 * included), channels of one graph in offset order; a channel is said to be live not before everything up to the place that it was followed
 * from has been handed over on all others of its graph. At most one follower a channel.
 */
export interface Channels {
  follow(start: ChannelStart, follower: ChannelFollower): Following
  readonly state: LinkState
  /** Calls back at every change of the state; returns the end of it. */
  onState(listener: (state: LinkState) => void): () => void
  close(): void
}
