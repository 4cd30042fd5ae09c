import type { LettersControl } from '../dead-letter.ts'
import { isSheetflowError, SheetflowError } from '../errors.ts'
import type { CommitBody, CommitMessage, GraphControl, KeyJson, MessageHead, RowChange, RowsMessage, SourceControl } from '../message.ts'
import type { BusMessage } from '../ports/bus.ts'
import type { SheetSchema, TableSchema } from '../schema.ts'
import { subjectKind } from './subjects.ts'

/** A schema as it stands in a stream: with its place in the transaction, and the commit if it is all there is. */
export type SchemaMessage = MessageHead & (TableSchema | SheetSchema) & { readonly commit?: CommitBody }

/** Any message of a source or graph stream. `RowsMessage` and the others are checked down to the rows' shape, not to their values. */
export type DecodedMessage =
  | { readonly kind: 'rows'; readonly message: RowsMessage }
  | { readonly kind: 'schema'; readonly message: SchemaMessage }
  | { readonly kind: 'control'; readonly message: SourceControl | GraphControl | LettersControl }
  | { readonly kind: 'commit'; readonly message: CommitMessage }

const ENCODER = new TextEncoder()
const DECODER = new TextDecoder('utf-8', { fatal: true })

/** Small bodies share buffers of this size: to allocate one for each costs more than all the rest of packing a row. */
const SLAB_BYTES = 16 * 1024
/** Characters of a small body; in UTF-8 each takes at most three bytes. */
const SMALL = 1024

let slab = new Uint8Array(SLAB_BYTES)
let slabUsed = 0

/** A body as bytes: JSON text as it is, anything else as JSON. The bytes may be a part of a larger buffer, never written again. */
export function encodeBody(body: unknown): Uint8Array {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  if (text.length > SMALL) return ENCODER.encode(text)
  if (slabUsed + text.length * 3 > SLAB_BYTES) {
    slab = new Uint8Array(SLAB_BYTES)
    slabUsed = 0
  }
  const from = slabUsed
  slabUsed += ENCODER.encodeInto(text, slab.subarray(from)).written
  return slab.subarray(from, slabUsed)
}

/** The JSON of a body; `core/bad-message` if it is not UTF-8 or not JSON, `core/unknown-format` if its `v` is not 1. */
export function decodeBody(stored: Pick<BusMessage, 'subject' | 'body'>): Readonly<Record<string, unknown>> {
  const json = parseBody(stored)
  if (!isRecord(json)) return refuse(stored.subject, 'is no JSON object')
  if (json['v'] === 1) return json
  throw new SheetflowError('core/unknown-format', `a message on ${stored.subject} has format ${String(json['v'])}, known is 1`, {
    fix: 'Upgrade Sheetflow to at least the version that wrote this stream.',
    details: { subject: stored.subject },
  })
}

/** Reads one message of a source or graph stream, by its subject; `core/bad-message` if it is not what FORMATS 4 says. */
export function decodeMessage(stored: Pick<BusMessage, 'subject' | 'body'>): DecodedMessage {
  const json = decodeBody(stored)
  const kind = subjectKind(stored.subject)
  const flaw = headFlaw(json) ?? CHECKS[kind](json)
  if (flaw !== null) return refuse(stored.subject, flaw)
  // Checked right above: the one place where a message gets its type.
  return { kind, message: json } as unknown as DecodedMessage
}

/** A message of rows that cannot be read at all. */
export interface DeadMessage {
  readonly kind: 'dead'
  readonly error: SheetflowError
}

/**
 * As `decodeMessage`, for who goes on when a message of rows is not what it should be (ADR 025). In place of a row of another shape stands one with
 * the key, as far as it has one, and no cells: the ordinals of the others stay. What frames rows (`_commit`, `_ctl`, `_schema`) must be right: it throws as ever.
 */
export function decodeOrDead(stored: Pick<BusMessage, 'subject' | 'body'>): DecodedMessage | DeadMessage {
  try {
    return decodeMessage(stored)
  } catch (error) {
    if (!isSheetflowError(error, 'core/bad-message') || subjectKind(stored.subject) !== 'rows') throw error
    return withHusks(stored) ?? { kind: 'dead', error }
  }
}

/** Null: more than the shape of some rows is wrong. */
function withHusks(stored: Pick<BusMessage, 'subject' | 'body'>): DecodedMessage | null {
  let json: unknown
  try {
    json = JSON.parse(DECODER.decode(stored.body))
  } catch {
    return null
  }
  if (!isRecord(json) || !Array.isArray(json['rows'])) return null
  const mended = { ...json, rows: json['rows'].map((row: unknown) => (isRowChange(row) ? row : husk(row))) }
  return (headFlaw(mended) ?? rowsFlaw(mended)) === null ? ({ kind: 'rows', message: mended } as unknown as DecodedMessage) : null
}

/** A row that says which one is meant and nothing of it: no table has rows without columns. */
function husk(row: unknown): RowChange {
  const key: unknown = Array.isArray(row) ? row[1] : null
  return ['u', Array.isArray(key) ? (key as KeyJson) : [], [], null]
}

/** What really stands in the places of a message's husks, for who writes the message again; null, as nearly always: there are none. */
export function huskPlaces({ body }: Pick<BusMessage, 'body'>, { rows }: RowsMessage): ReadonlyMap<number, RowChange> | null {
  if (!rows.some(isHusk)) return null
  const raw = JSON.parse(DECODER.decode(body)) as RowsMessage
  return new Map(raw.rows.flatMap((row, i) => (isRowChange(row) ? [] : [[i, row] as const])))
}

function isHusk([op, , after]: RowChange): boolean {
  return op === 'u' && after?.length === 0
}

type Body = Readonly<Record<string, unknown>>

/** What is wrong, or null. */
const CHECKS: Readonly<Record<DecodedMessage['kind'], (json: Body) => string | null>> = {
  rows: rowsFlaw,
  schema: schemaFlaw,
  control: (json) => (typeof json['kind'] === 'string' ? optionalCommitFlaw(json) : 'has no kind'),
  commit: commitFlaw,
}

function parseBody(stored: Pick<BusMessage, 'subject' | 'body'>): unknown {
  try {
    return JSON.parse(DECODER.decode(stored.body))
  } catch (cause) {
    return refuse(stored.subject, 'is not JSON in UTF-8', cause)
  }
}

function headFlaw(json: Body): string | null {
  if (typeof json['tx'] !== 'string') return 'has no tx'
  return isOrdinal(json['first']) ? null : 'has no first'
}

function rowsFlaw(json: Body): string | null {
  if (typeof json['table'] !== 'string' || !isOrdinal(json['schema'])) return 'has no table or schema number'
  const rows = json['rows']
  if (!Array.isArray(rows) || rows.length === 0) return 'has no rows'
  for (const row of rows) if (!isRowChange(row)) return 'holds something that is no row'
  return optionalCommitFlaw(json)
}

function schemaFlaw(json: Body): string | null {
  if (typeof json['table'] !== 'string' || !isOrdinal(json['schema'])) return 'has no table or schema number'
  if (!Array.isArray(json['key']) || !Array.isArray(json['columns'])) return 'has no key or columns'
  return json['columns'].every(isColumn) ? optionalCommitFlaw(json) : 'holds something that is no column'
}

function isColumn(column: unknown): boolean {
  return isRecord(column) && typeof column['name'] === 'string' && typeof column['type'] === 'string' && isOrdinal(column['id'])
}

function optionalCommitFlaw(json: Body): string | null {
  const commit = json['commit']
  if (commit === undefined) return null
  return isRecord(commit) ? commitFlaw(commit) : 'has a commit that is none'
}

function commitFlaw(json: Body): string | null {
  if (typeof json['at'] !== 'string') return 'commits at no time'
  return Array.isArray(json['causes']) && isRecord(json['counts']) ? null : 'commits without causes or counts'
}

const OPS: ReadonlySet<unknown> = new Set<RowChange[0]>(['c', 'u', 'd', 'r', 't'])

/** `[op, key, after, before]`: which of the three must be there depends on the op. */
export function isRowChange(row: unknown): row is RowChange {
  if (!Array.isArray(row) || row.length !== 4 || !OPS.has(row[0])) return false
  const [op, key, after, before] = row as unknown[]
  if (op === 't') return key === null && after === null && before === null
  if (!Array.isArray(key) || !(before === null || Array.isArray(before))) return false
  return op === 'd' ? after === null : Array.isArray(after)
}

function isOrdinal(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refuse(subject: string, flaw: string, cause?: unknown): never {
  throw new SheetflowError('core/bad-message', `a message on ${subject} ${flaw}`, {
    fix: 'Run `sheetflow verify`: it names the place and what can be done.',
    details: { subject },
    cause,
  })
}
