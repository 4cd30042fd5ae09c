import type { ErrorCode, Retry } from '@sheetflow/core/errors'
import type { Role, RolePlan, RoleReport } from './role.ts'

/** What passes between the main thread and a role's thread. Data goes over the bus; this is only about living and dying. */

/** Given to the thread at its start. */
export interface RoleThreadData {
  readonly role: Role
  readonly plan: RolePlan
  /** Of the lease by which it runs. */
  readonly token: number | null
}

/** Main thread → role. */
export type ToRole =
  | { readonly kind: 'stop' }
  | { readonly kind: 'drain'; readonly ms: number }
  | { readonly kind: 'reports'; readonly reports: Readonly<Record<string, RoleReport>>; readonly diagnostics: string | null }

/** Role → main thread. */
export type FromRole =
  | { readonly kind: 'ready'; readonly info: Readonly<Record<string, unknown>> }
  | { readonly kind: 'report'; readonly values: Readonly<Record<string, number | string>>; readonly problem: string | null }
  | { readonly kind: 'log'; readonly level: LogLevel; readonly event: string; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly kind: 'failed'; readonly error: PlainError }

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** An error that crossed a thread. */
export interface PlainError {
  readonly code: ErrorCode | null
  readonly message: string
  readonly retry: Retry
  readonly fix?: string
  readonly stack?: string
}
