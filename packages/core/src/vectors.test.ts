import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { NASTY, NASTY_ERRORS } from '@sheetflow/testkit/nasty'
import { describe, expect, test } from 'vitest'
import { isCellError } from './cell-error.ts'
import { compareJson, compareValues } from './compare.ts'
import { Decimal } from './decimal.ts'
import { TransactionReader } from './framing/assembler.ts'
import type { HalfRule, StreamEvent } from './framing/assembler.ts'
import { encodeBody } from './framing/codec.ts'
import { TransactionPacker } from './framing/packer.ts'
import type { AnyControlDraft, CommitDraft } from './framing/packer.ts'
import { graphSubjects, sourceSubjects } from './framing/subjects.ts'
import { fromJson, toJson } from './json-codec.ts'
import type { ReceiptStatus, RowChange } from './message.ts'
import type { NamedColumn } from './predicate-claims.ts'
import { canonical } from './predicate-canonical.ts'
import { compileRowPredicate } from './predicate-eval.ts'
import type { Predicate } from './predicate.ts'
import { NEXT_STATUS, addReceipt } from './receipt.ts'
import type { Receipt, ReceiptInput } from './receipt.ts'
import { schemaHash } from './schema-hash.ts'
import type { TableSchema } from './schema.ts'
import type { ColumnType } from './type.ts'
import type { JsonValue, Value } from './value.ts'
import { stableJson } from './json-text.ts'
import { readPublication } from './testing/read-publication.ts'
import type { RecordJson } from './wire.ts'

/**
 * The golden files of core: the same that clients in other languages run. They are written down, not computed: whoever changes
 * one changes a format (docs/formats.md), and says so in its version.
 */
function vectors<T>(name: string): T {
  const file = JSON.parse(readFileSync(join(import.meta.dirname, `../vectors/${name}.json`), 'utf8')) as T & { v: number }
  expect(file.v).toBe(1)
  return file
}

interface Typed {
  readonly type: ColumnType
  readonly json: JsonValue
}

describe('values.json', () => {
  const { cases, refused } = vectors<{ cases: (Typed & { memory: unknown })[]; refused: Typed[] }>('values')

  test.each(cases)('$type.type $json', ({ type, json, memory }) => {
    const value = fromJson(type, json)
    expect(described(value)).toStrictEqual(memory)
    expect(toJson(type, value)).toStrictEqual(json)
  })

  test.each(refused)('$type.type refuses $json', ({ type, json }) => {
    expect(() => fromJson(type, json)).toThrow(expect.objectContaining({ code: 'core/bad-value' }))
  })
})

/** A value in memory as the vectors write it down. */
function described(value: Value): unknown {
  if (typeof value === 'bigint') return { bigint: String(value) }
  if (value instanceof Decimal) return { units: String(value.units), scale: value.scale }
  if (isCellError(value)) return { error: value.kind, of: value.of }
  if (value instanceof Uint8Array) return { hex: Buffer.from(value).toString('hex') }
  return Array.isArray(value) ? value.map(described) : value
}

describe('order.json', () => {
  interface Loose {
    readonly type: ColumnType['type']
    readonly json: JsonValue
  }
  const file = vectors<{ types: typeof NASTY; errors: typeof NASTY_ERRORS; numbers: Loose[][]; kinds: Loose[][] }>('order')

  test('is the corpus of nasty values, whose order the property tests check', () => {
    expect(file.types).toEqual(NASTY)
    expect(file.errors).toEqual(NASTY_ERRORS)
  })

  test.each(file.types)('$name', ({ type, groups }) => {
    const places = [[null], ...groups, ...file.errors].flatMap((group, place) => group.map((json) => ({ json, place })))
    const wrong = places.flatMap((a) => places.filter((b) => compareJson(type, a.json, b.json) !== Math.sign(a.place - b.place)))
    expect(wrong).toEqual([])
  })

  test.each([
    ['numbers', file.numbers],
    ['kinds', file.kinds],
  ])('%s', (_, groups) => {
    const places = groups.flatMap((group, place) =>
      group.map(({ type, json }) => ({ value: fromJson({ type } as ColumnType, json), place, json })),
    )
    const wrong = places.flatMap((a) => places.filter((b) => compareValues(a.value, b.value) !== Math.sign(a.place - b.place)))
    expect(wrong).toEqual([])
  })
})

describe('predicates.json', () => {
  interface Case {
    readonly predicate: Predicate
    readonly holds: number[]
    readonly canonical: Predicate
    readonly key: string
  }
  const { columns, rows, cases } = vectors<{ columns: NamedColumn[]; rows: RecordJson[]; cases: Case[] }>('predicates')

  test.each(cases)('$key', (one) => {
    for (const predicate of [one.predicate, one.canonical]) {
      const holds = compileRowPredicate(predicate, { columns })
      expect(rows.flatMap((row, index) => (holds(columns.map(({ name }) => row[name] ?? null)) ? [index] : []))).toEqual(one.holds)
    }
    expect(canonical(one.predicate)).toEqual(one.canonical)
    expect(stableJson(canonical(one.predicate))).toBe(one.key)
  })
})

describe('messages.json', () => {
  interface Told {
    readonly begin?: string
    readonly next?: number
    readonly big?: boolean
    readonly table?: string
    readonly schema?: number
    readonly rows?: RowChange[]
    readonly tableSchema?: TableSchema
    readonly control?: AnyControlDraft
    readonly commit?: CommitDraft
    readonly idle?: true
    readonly abandon?: true
  }
  interface Case {
    readonly name: string
    readonly rule: HalfRule
    readonly write: Told[]
    readonly messages: { subject: string; id: string; body: unknown }[]
    readonly events: unknown[]
  }
  const { cases } = vectors<{ cases: Case[] }>('messages')

  const tell = (packer: TransactionPacker, told: Told): void => {
    if (told.begin !== undefined) packer.begin(told.begin, { next: told.next ?? 0, big: told.big ?? false })
    if (told.rows !== undefined) packer.changes(told.table ?? '', told.schema ?? 0, told.rows)
    if (told.tableSchema !== undefined) packer.schema(told.tableSchema)
    if (told.control !== undefined) packer.control(told.control)
    if (told.idle) packer.idle()
    if (told.abandon) packer.abandon()
    if (told.commit !== undefined) packer.commit(told.commit)
  }

  /** An event without the content of its message. */
  const outline = (event: StreamEvent): unknown => {
    if (event.kind === 'begin' || event.kind === 'commit' || event.kind === 'half' || event.kind === 'dead') return event
    const { kind, offset, message } = event
    return { kind, offset, first: message.first, ...(kind === 'rows' ? { rows: event.message.rows.length } : {}) }
  }

  test.each(cases)('$name', ({ rule, write, messages, events }) => {
    const packer = new TransactionPacker(
      rule === 'source'
        ? { stream: 'SF_SRC_shop', epoch: 1795420000, subjects: sourceSubjects('shop') }
        : { stream: 'SF_GRAPH_sales', epoch: 1795430000, subjects: graphSubjects('sales') },
    )
    for (const told of write) tell(packer, told)
    const made = packer.take()
    expect(made.map(({ subject, id, body }) => ({ subject, id, body: JSON.parse(new TextDecoder().decode(body)) as unknown }))).toEqual(
      messages,
    )

    const stored = messages.map(({ subject, id, body }, index) => ({
      subject,
      id,
      body: encodeBody(body),
      offset: 100 + index,
      storedAt: 0,
    }))
    expect(new TransactionReader({ rule, epoch: packer.epoch }).push(stored).map(outline)).toEqual(events)
  })
})

describe('publications.json', () => {
  interface Applied {
    readonly before: Record<string, RecordJson>
    readonly publication: unknown
    readonly after: Record<string, RecordJson> | null
  }
  const file = vectors<{ accepted: unknown[]; refused: unknown[]; applied: Applied[] }>('publications')

  test('what may be published', () => {
    for (const json of file.accepted) expect(readPublication(json)).toEqual(json)
    for (const json of file.refused) expect(() => readPublication(json)).toThrow(expect.objectContaining({ code: 'core/bad-message' }))
  })

  test.each(file.applied)('a list after $publication', ({ before, publication, after }) => {
    const { reset, rows } = readPublication(publication)
    const list = new Map(reset ? [] : Object.entries(before))
    for (const [op, parts, columns] of rows ?? []) {
      const key = parts[0] as string
      if (op === 'd') list.delete(key)
      else list.set(key, { ...(op === 'u' ? list.get(key) : {}), ...columns })
    }
    expect(reset && rows === undefined ? null : Object.fromEntries(list)).toEqual(after)
  })
})

describe('receipts.json', () => {
  const file = vectors<{ table: Record<ReceiptStatus, unknown>; cases: { events: ReceiptInput[]; receipt: Receipt }[] }>('receipts')

  test('the table', () => {
    expect(NEXT_STATUS).toEqual(file.table)
  })

  test.each(file.cases)('$receipt.status', ({ events, receipt }) => {
    expect(events.reduce<Receipt | null>((known, event) => addReceipt(known, event), null)).toEqual(receipt)
  })
})

test.each(vectors<{ cases: TableSchema[] }>('schemas').cases)('schemas.json: $hash', ({ key, columns, hash }) => {
  expect(schemaHash(key, columns)).toBe(hash)
})
