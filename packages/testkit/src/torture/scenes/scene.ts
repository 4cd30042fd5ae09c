import type { Bus } from '@sheetflow/core/ports/bus'
import { encodeBody } from '@sheetflow/core/framing/codec'
import { sourceInbox, sourceInboxSubject } from '@sheetflow/core/subject'
import type { BusWatch } from '../check/bus-watch.ts'
import type { Findings } from '../check/findings.ts'
import type { Random } from '../../random.ts'
import type { Ring } from '../run/ring.ts'
import type { SourceName } from '../world/shape.ts'
import type { BankDatabase } from '../write/database.ts'
import { commitGhost, GHOSTLY } from '../write/ghost.ts'
import type { Ghost } from '../write/ghost.ts'
import { Session } from '../write/session.ts'

/** What a scene plays with: one of the sources, what is known of its stream, and the ring that captures it. */
export interface Stage {
  readonly source: SourceName
  readonly database: BankDatabase
  readonly watch: BusWatch
  readonly bus: Bus
  readonly ring: Ring
  readonly findings: Findings
  readonly random: Random
  /** How long a scene waits for what only a broken rule does: waited out in full wherever no rule is broken. */
  readonly temptedMs: number
  /** Counts scenes: names of what they make. */
  readonly number: number
}

/** A trap of `docs/snapshot.md`, played on purpose. Leaves everything running. */
export type Scene = (stage: Stage) => Promise<void>

/** How long a stream may take to tell what has happened, on a busy machine. */
export const TOLD_MS = 180_000
/** How long a run of all tables may take: the journal is read in small chunks too, and it grows with every transaction. */
const LOADED_MS = 300_000

/** `temptedMs` of a stage: long where a rule is broken, as a busy machine needs; short where time spent on what does not happen is lost. */
export function temptedMsWithout(broken: string | null): number {
  return broken === null ? 2_500 : 12_000
}

/** Asks capture to read tables again, as a graph or a person would. */
export async function resnapshot({ bus, source, number }: Stage, tables: readonly string[]): Promise<void> {
  const stream = sourceInbox(source)
  await bus.ensure(stream)
  const body = { v: 1, kind: 'resnapshot', tables }
  await bus.append(stream, [
    { subject: sourceInboxSubject(source, 'resnapshot'), id: `torture/${number}/${tables.join()}`, body: encodeBody(body) },
  ])
}

/** Commits one statement as a ghost; resolves when its COMMIT waits for the standby. */
export async function ghost({ database }: Stage, sql: string): Promise<Ghost> {
  const session = await Session.connect(database.url)
  await session.change('begin')
  await session.change(GHOSTLY)
  await session.change(sql)
  const committed = commitGhost(session, database.url)
  await waitFor(database, `select from pg_stat_activity where pid = ${session.pid} and wait_event = 'SyncRep'`, TOLD_MS)
  return {
    release: async () => {
      await committed.release()
      await session.end()
    },
  }
}

/** Polls until the query has a row. False: it had none in time. */
export async function waitFor(database: BankDatabase, sql: string, deadlineMs: number): Promise<boolean> {
  await using session = await Session.connect(database.url)
  for (const end = Date.now() + deadlineMs; Date.now() < end; await new Promise((next) => setTimeout(next, 10))) {
    if ((await session.change(sql)) > 0) return true
  }
  return false
}

/** Waits until the source was told that everything written so far is safe. False: it was not in time. */
export async function confirmed({ database, source }: Stage, deadlineMs: number): Promise<boolean> {
  await using session = await Session.connect(database.url)
  const [position] = await session.rows<{ lsn: string }>('select pg_current_wal_lsn()::text as lsn')
  const told = `select from pg_replication_slots where slot_name = 'sheetflow_${source}' and confirmed_flush_lsn >= '${position?.lsn}'`
  return await waitFor(database, told, deadlineMs)
}

/** The run of the table that the stream is in or has finished, and whether it is finished. */
export function runOf({ watch }: Stage, table: string): { readonly run: number; readonly chunks: number; readonly loadedRun: number } {
  return watch.runOf(table)
}

/** Waits until a run later than `after` has read at least one chunk of the table. */
export async function readingBegan(stage: Stage, table: string, after: number): Promise<boolean> {
  return await stage.watch.until(() => runOf(stage, table).run > after && runOf(stage, table).chunks > 0, TOLD_MS)
}

/** Waits until a run later than `after` has loaded the table. */
export async function loadedAgain(stage: Stage, table: string, after: number): Promise<boolean> {
  return await stage.watch.until(() => runOf(stage, table).loadedRun > after, LOADED_MS)
}

/** The stream must come to tell this, and go on telling it. */
export async function mustTell(stage: Stage, rule: string, holds: () => boolean, what: () => string): Promise<void> {
  if (!(await stage.watch.until(holds, LOADED_MS))) stage.findings.found(rule, `${stage.source}: ${what()}`)
}
