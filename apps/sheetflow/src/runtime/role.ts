import type { Bus } from '@sheetflow/core/ports/bus'
import type { Log } from '@sheetflow/core/ports/host'
import { graphStream, sourceStream } from '@sheetflow/core/subject'
import type { Config } from '../config/config.ts'
import type { Places } from '../config/places.ts'

/** One role: what one thread does (ARCHITECTURE.md, Threads). */
export type Role =
  | { readonly kind: 'capture'; readonly source: string }
  | { readonly kind: 'graph'; readonly graph: string }
  | { readonly kind: 'store'; readonly store: string }
  | { readonly kind: 'serve' }

/** The name of a role in logs, metrics and messages. */
export function roleName(role: Role): string {
  switch (role.kind) {
    case 'capture':
      return `capture:${role.source}`
    case 'graph':
      return `graph:${role.graph}`
    case 'store':
      return `store:${role.store}`
    case 'serve':
      return 'serve'
  }
}

/** The stream that the role alone writes; null: it writes none. */
export function streamOf(role: Role): string | null {
  switch (role.kind) {
    case 'capture':
      return sourceStream(role.source)
    case 'graph':
      return graphStream(role.graph)
    case 'store':
    case 'serve':
      return null
  }
}

/** Of every role but `serve` one life at a time does the work; others stand by. */
export function isSingle(role: Role): boolean {
  return role.kind !== 'serve'
}

/** A graph and the workbooks that it runs. */
export interface GraphPlan {
  readonly graph: string
  readonly workbooks: readonly string[]
}

/** What every role of one start is told; plain data, it is cloned into threads. */
export interface RolePlan {
  readonly config: Config
  readonly root: string
  readonly graphs: readonly GraphPlan[]
  readonly dev: boolean
}

/** What a role gets to work with. */
export interface RoleContext extends RolePlan {
  readonly places: Places
  readonly bus: Bus
  readonly log: Log
  /** Aborts when the role shall drain and end. */
  readonly signal: AbortSignal
  /** Resolves when the role shall send its clients elsewhere, with the milliseconds for it; it goes on with everything until `signal`. Only `serve` is asked. */
  readonly draining: Promise<number>
  /** The count of the lease by which this role runs, where several processes might; null: nobody else can. */
  readonly token: number | null
  /** Says that the role does its work now. */
  ready(info?: Readonly<Record<string, unknown>>): void
  /**
   * Publishes numbers and short texts under this role's name, for `/metrics`, `/readyz` and `sheetflow status`; a name may carry labels:
   * `store_position{stream="SF_GRAPH_sales"}`. `problem`: why the role, though it lives, cannot do its work now (its database is away).
   */
  report(values: Readonly<Record<string, number | string>>, problem?: string): void
  /** What all roles reported last, by role name. */
  reports(): Readonly<Record<string, RoleReport>>
  /** Diagnostics of the workbooks as the developer's editor shows them; null: none. In dev only. */
  diagnostics(): string | null
}

/** How a role is doing. */
export interface RoleReport {
  /**
   * `standby`: another process does this; it begins when that one falls silent. `waiting`: it lives, but what it needs is away (also the place of the leases, so
   * that nobody knows who does this); it goes on by itself.
   * `draining`: it still does everything, and sends its clients elsewhere before it ends.
   */
  readonly state: 'standby' | 'starting' | 'ready' | 'waiting' | 'draining' | 'restarting' | 'stopped'
  readonly values: Readonly<Record<string, number | string>>
  /** Why it is not ready, if so. */
  readonly problem?: string
  /** What to do about it, where that is known. */
  readonly fix?: string
}

/** A role's whole life: resolves after it drained because its signal aborted, rejects with a coded error. */
export type RunRole = (context: RoleContext) => Promise<void>
