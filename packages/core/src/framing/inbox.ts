import { SheetflowError } from '../errors.ts'
import type { GraphInbox, SourceInbox } from '../message.ts'
import type { BusMessage } from '../ports/bus.ts'
import { NEXT_STATUS } from '../receipt.ts'
import { decodeBody, isRowChange } from './codec.ts'

/** Messages of inboxes: each is its own commit, so there is no framing, only a shape per kind (FORMATS 4). */

/** Reads one message of a graph's inbox; `core/bad-message` if its kind is unknown or a field is missing. */
export function decodeGraphInbox(stored: Pick<BusMessage, 'subject' | 'body'>): GraphInbox {
  const json = decodeBody(stored)
  check(stored.subject, json, GRAPH)
  return json as unknown as GraphInbox
}

/** Reads one message of a source's inbox; `core/bad-message` if its kind is unknown or a field is missing. */
export function decodeSourceInbox(stored: Pick<BusMessage, 'subject' | 'body'>): SourceInbox {
  const json = decodeBody(stored)
  check(stored.subject, json, SOURCE)
  return json as unknown as SourceInbox
}

type Check = (value: unknown) => boolean

const text: Check = (value) => typeof value === 'string'
const textOrNull: Check = (value) => value === null || typeof value === 'string'
const list: Check = Array.isArray
const texts: Check = (value) => Array.isArray(value) && value.every(text)
const whole: Check = (value) => Number.isSafeInteger(value)
const record: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)
const present: Check = (value) => value !== undefined
const status: Check = (value) => typeof value === 'string' && Object.hasOwn(NEXT_STATUS, value)
const changes: Check = (value) => Array.isArray(value) && value.every(isRowChange)

/** Kind → the fields that it must have. */
type Shapes = Readonly<Record<string, Readonly<Record<string, Check>>>>

const GRAPH: Shapes = {
  tick: { tick: text, now: text },
  result: { function: text, version: text, args: list, value: present },
  edit: { sheet: text, changes },
  deploy: { version: text, files: record, ids: record, language: whole, now: text },
  activate: { version: text },
  refill: { views: texts },
  receipt: { id: text, user: textOrNull, status, at: text },
  letter: { action: (value) => value === 'retry' || value === 'drop', ids: texts },
}

const SOURCE: Shapes = {
  command: { id: text, name: text, payload: record, user: textOrNull, claims: record, order: text, at: text, validForMs: whole },
  resnapshot: { tables: texts },
  reread: { table: text, keys: (value) => Array.isArray(value) && value.every(texts) },
}

function check(subject: string, json: Readonly<Record<string, unknown>>, shapes: Shapes): void {
  const kind = json['kind']
  const shape = typeof kind === 'string' && Object.hasOwn(shapes, kind) ? shapes[kind] : undefined
  if (shape === undefined) throw bad(subject, `is of no known kind`)
  for (const [field, fits] of Object.entries(shape)) {
    if (!fits(json[field])) throw bad(subject, `of kind '${String(kind)}' has no proper '${field}'`)
  }
}

function bad(subject: string, flaw: string): SheetflowError {
  return new SheetflowError('core/bad-message', `a message on ${subject} ${flaw}`, { details: { subject } })
}
