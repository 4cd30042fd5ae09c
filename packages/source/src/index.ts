/** The public face of `@sheetflow/source`: change capture from databases, and the targets of commands. */
export { PostgresSource } from './postgres/postgres-source.ts'
export type { PostgresSettings } from './postgres/settings.ts'
export type { PostgresAddress } from './postgres/session/connect.ts'
export type { SnapshotFaults } from './postgres/snapshot/faults.ts'
export { CaptureRole } from './capture/capture-role.ts'
export type { CaptureOptions, CaptureStatus } from './capture/capture-role.ts'
export type { CommandLane } from './capture/inbox-reader.ts'
