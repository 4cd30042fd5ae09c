import { inboxIn } from '@sheetflow/core/framing/commit-body'
import { decodeMessage, decodeOrDead } from '@sheetflow/core/framing/codec'
import type { DecodedMessage } from '@sheetflow/core/framing/codec'
import type { CaptureState, CommitBody, CommitMessage, SourceControl } from '@sheetflow/core/message'
import type { Bus, StoredMessage, StreamInfo } from '@sheetflow/core/ports/bus'
import type { ControlDraft, FollowStart } from '@sheetflow/core/ports/source'
import type { InboxPlace } from '@sheetflow/core/position'
import type { TableSchema } from '@sheetflow/core/schema'
import { allTableSchemas, sourceStream, sourceSubject } from '@sheetflow/core/subject'
import type { FixedPiece } from './half-replay.ts'

/** Where a source's stream ends: it is its own offset store. */
export interface StreamEnd {
  readonly info: StreamInfo
  readonly start: FollowStart
  /** Messages of the half-written transaction that are no rows, by ordinal. */
  readonly fixed: readonly FixedPiece[]
  /** Up to where the inbox is finished. */
  readonly inbox: InboxPlace
}

const FIRST_WINDOW = 64

/** Reads what a capture role has to know to go on. The stream exists. */
export async function readStreamEnd(bus: Bus, source: string): Promise<StreamEnd> {
  const stream = sourceStream(source)
  const info = await bus.range(stream)
  const [controls, commits, schemas] = await Promise.all([
    bus.last(stream, sourceSubject(source, '_ctl')),
    bus.last(stream, sourceSubject(source, '_commit')),
    bus.last(stream, allTableSchemas(source)),
  ])
  const tail = await readTail(bus, info)
  const control = controls.at(-1)
  const half = tail.half
  return {
    info,
    start: {
      control: control === undefined ? null : (decodeMessage(control).message as SourceControl),
      last: tail.commit === null ? null : { mark: tail.commit.body.mark ?? '', tx: tail.commit.tx, at: tail.at },
      half: half === null ? null : { tx: half.tx, next: half.next },
      schemas: schemas.map((stored) => schemaOf(decodeMessage(stored))),
    },
    fixed: half?.fixed ?? [],
    inbox: inboxOf(commits.at(-1)) ?? { offset: tail.commit?.body.inbox ?? 0 },
  }
}

/**
 * A commit of its own names what stands there, one that rides in another message does not. The last of the former is at most as old as a heartbeat: what was finished since is delivered again, and
 * the source knows it.
 */
function inboxOf(commit: StoredMessage | undefined): InboxPlace | null {
  return commit === undefined ? null : inboxIn(decodeMessage(commit).message as CommitMessage)
}

/** `[epoch, offset of its first message]`, of every epoch so far. */
export function epochsOf(end: StreamEnd): CaptureState['epochs'] {
  const known = end.start.control?.state.epochs ?? []
  return known.length > 0 ? known : [[end.info.epoch, 1]]
}

interface Tail {
  readonly commit: { readonly tx: string; readonly body: CommitBody } | null
  /** When the transaction that the last commit's mark means was committed; null if it stands further back. */
  readonly at: string | null
  readonly half: { readonly tx: string; readonly next: number; readonly fixed: readonly FixedPiece[] } | null
}

/** The last commit, and what stands behind it. Looks back further and further until it finds one. */
async function readTail(bus: Bus, info: StreamInfo): Promise<Tail> {
  for (let window = FIRST_WINDOW; ; window *= 8) {
    const from = Math.max(info.first, info.last - window + 1)
    const messages: DecodedMessage[] = []
    if (info.last >= info.first) {
      // Rows that cannot be read are their readers' business (ADR 025): the source is gone on with.
      for await (const batch of bus.read(info.stream, { from, untilNow: true }))
        messages.push(...batch.map(decodeOrDead).filter((message) => message.kind !== 'dead'))
    }
    const at = messages.findLastIndex((message) => commitOf(message) !== null)
    const last = messages[at]
    if (last === undefined && from > info.first) continue
    const commit = last === undefined ? null : commitOf(last)
    return {
      commit: last === undefined || commit === null ? null : { tx: last.message.tx, body: commit },
      at: commit === null ? null : timeOf(commit.mark, messages),
      half: halfOf(messages.slice(at + 1)),
    }
  }
}

/** Chunks and controls of our own carry the mark of the log's last transaction, but their own time. */
function timeOf(mark: string | undefined, messages: readonly DecodedMessage[]): string | null {
  const meant = messages.findLast((message) => commitOf(message) !== null && message.message.tx === mark)
  return meant === undefined ? null : (commitOf(meant)?.at ?? null)
}

function commitOf(message: DecodedMessage): CommitBody | null {
  return message.kind === 'commit' ? message.message : (message.message.commit ?? null)
}

/** Only transactions of the source's log come again; chunks and controls of our own close where they stand. */
function halfOf(messages: readonly DecodedMessage[]): Tail['half'] {
  const tx = messages.at(-1)?.message.tx
  if (tx === undefined || /^(snap|ctl)-/.test(tx)) return null
  const own = messages.filter((message) => message.message.tx === tx)
  const next = Math.max(...own.map(endOf))
  return { tx, next, fixed: own.flatMap(fixedPiece) }
}

function endOf(message: DecodedMessage): number {
  return message.message.first + (message.kind === 'rows' ? message.message.rows.length : 1)
}

function fixedPiece(message: DecodedMessage): readonly FixedPiece[] {
  const ordinal = message.message.first
  if (message.kind === 'schema') return [{ ordinal, kind: 'schema', schema: schemaOf(message) }]
  if (message.kind !== 'control') return []
  const { v: _v, tx: _tx, first: _first, commit: _commit, ...draft } = message.message as SourceControl
  return [{ ordinal, kind: 'control', control: draft as ControlDraft }]
}

function schemaOf(message: DecodedMessage): TableSchema {
  const { v, table, id, schema, hash, key, columns } = message.message as unknown as TableSchema
  return { v, table, ...(id === undefined ? {} : { id }), schema, hash, key, columns }
}
