import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { encodeBody } from './framing/codec.ts'
import { decodeGraphInbox, decodeSourceInbox } from './framing/inbox.ts'
import type { GraphInbox, SourceInbox } from './message.ts'
import { viewSubjects } from './framing/subjects.ts'
import {
  ALL_SHEET_SCHEMAS,
  allTableSchemas,
  fromSubjectToken,
  graphInbox,
  graphStream,
  ourName,
  sheetSchemaSubject,
  sheetSubject,
  sourceInbox,
  sourceStream,
  subjectMatches,
  subjectToken,
  tableSchemaSubject,
  tableSubject,
} from './subject.ts'

/** The golden files of FORMATS 3 and of the inboxes; see `vectors.test.ts`. */
function vectors<T>(name: string): T {
  return JSON.parse(readFileSync(join(import.meta.dirname, `../vectors/${name}.json`), 'utf8')) as T
}

describe('inbox.json', () => {
  interface File {
    readonly graph: readonly GraphInbox[]
    readonly source: readonly SourceInbox[]
    readonly refused: Readonly<Record<'graph' | 'source', readonly object[]>>
  }
  const file = vectors<File>('inbox')
  const stored = (message: object): { readonly subject: string; readonly body: Uint8Array } => ({
    subject: 'in',
    body: encodeBody(message),
  })

  test.each(file.graph)('a graph takes $kind', (message) => {
    expect(decodeGraphInbox(stored(message))).toEqual(message)
  })

  test.each(file.source)('a source takes $kind', (message) => {
    expect(decodeSourceInbox(stored(message))).toEqual(message)
  })

  test.each(file.refused.graph.map((message) => JSON.stringify(message)))('a graph refuses %s', (text) => {
    const message = JSON.parse(text) as { readonly v: number }
    const code = message.v === 1 ? 'core/bad-message' : 'core/unknown-format'
    expect(() => decodeGraphInbox(stored(message))).toThrow(expect.objectContaining({ code }))
  })

  test.each(file.refused.source.map((message) => JSON.stringify(message)))('a source refuses %s', (text) => {
    expect(() => decodeSourceInbox(stored(JSON.parse(text) as object))).toThrow(expect.objectContaining({ code: 'core/bad-message' }))
  })
})

describe('subjects.json', () => {
  interface File {
    readonly tokens: readonly (readonly [string, string])[]
    readonly tables: readonly { readonly source: string; readonly table: string; readonly rows: string; readonly schema: string }[]
    readonly sheets: readonly { readonly view: string; readonly rows: string; readonly schema: string }[]
    readonly streams: Readonly<Record<'source' | 'sourceInbox' | 'graph' | 'graphInbox', string>>
    readonly names: { readonly ours: readonly string[]; readonly refused: readonly string[] }
    readonly matches: readonly { readonly pattern: string; readonly matches: readonly string[]; readonly others: readonly string[] }[]
  }
  const file = vectors<File>('subjects')

  test.each(file.tokens)('%j is the token %s', (name, token) => {
    expect([subjectToken(name), fromSubjectToken(token)]).toEqual([token, name])
  })

  test('whatever a foreign name holds, it is a token', () => {
    expect(subjectToken('a\ud800b')).toBe('a%EF%BF%BDb')
  })

  test('streams, tables and sheets', () => {
    const { source, graph } = file.streams
    expect([sourceStream('shop'), sourceInbox('shop')]).toEqual([source, file.streams.sourceInbox])
    expect([graphStream('shop'), graphInbox('shop')]).toEqual([graph, file.streams.graphInbox])
    for (const one of file.tables) {
      expect([tableSubject(one.source, one.table), tableSchemaSubject(one.source, one.table)]).toEqual([one.rows, one.schema])
    }
    for (const one of file.tables) expect(subjectMatches(allTableSchemas(one.source), one.schema)).toBe(true)
    for (const one of file.sheets) expect(subjectMatches(ALL_SHEET_SCHEMAS, one.schema)).toBe(true)
    for (const pattern of [ALL_SHEET_SCHEMAS, allTableSchemas('shop')]) expect(file.matches.map((one) => one.pattern)).toContain(pattern)
    for (const one of file.sheets) expect([sheetSubject(one.view), sheetSchemaSubject(one.view)]).toEqual([one.rows, one.schema])
  })

  test('a view is read by its rows and schema and the frames of its graph, receipts as any other', () => {
    const frames = ['sf.graph.sales._commit', 'sf.graph.sales._ctl']
    expect(viewSubjects('sales', 'sales.open_orders')).toEqual(['sf.wb.sales.open_orders', 'sf.wb.sales._schema.open_orders', ...frames])
    expect(viewSubjects('sales', 'sales._receipts')).toEqual(['sf.graph.sales._receipts', 'sf.wb.sales._schema._receipts', ...frames])
  })

  test('names', () => {
    for (const name of file.names.ours) expect(ourName(name, 'source')).toBe(name)
    for (const name of file.names.refused) expect(() => ourName(name, 'source')).toThrow(expect.objectContaining({ code: 'core/bad-name' }))
  })

  test.each(file.matches)('$pattern', ({ pattern, matches, others }) => {
    for (const subject of matches) expect(subjectMatches(pattern, subject)).toBe(true)
    for (const subject of others) expect(subjectMatches(pattern, subject)).toBe(false)
  })
})
