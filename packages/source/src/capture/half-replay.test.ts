import { expect, test } from 'vitest'
import type { SourceEvent } from '@sheetflow/core/ports/source'
import type { TableSchema } from '@sheetflow/core/schema'
import { HalfReplay } from './half-replay.ts'

const schema: TableSchema = { v: 1, table: 'public.t', schema: 2, hash: 'h', key: ['id'], columns: [] }
const rows = (...texts: string[]): SourceEvent => ({ kind: 'rows', table: 'public.t', schema: 2, rows: texts })

test('a schema message that stands on the bus is put back in its place', () => {
  const replay = new HalfReplay([{ ordinal: 2, kind: 'schema', schema }], 4)
  expect([rows('a', 'b', 'c', 'd'), rows('e')].flatMap((event) => replay.adapt(event))).toEqual([
    rows('a', 'b'),
    { kind: 'schema', schema },
    rows('c', 'd'),
    rows('e'),
  ])
})

test('pieces at the beginning and at the end', () => {
  const replay = new HalfReplay(
    [
      { ordinal: 0, kind: 'schema', schema },
      { ordinal: 2, kind: 'schema', schema: { ...schema, schema: 3 } },
    ],
    3,
  )
  const commit: SourceEvent = { kind: 'commit', at: '', mark: '', causes: [] }
  expect([rows('a'), commit].flatMap((event) => replay.adapt(event)).map((event) => event.kind)).toEqual([
    'schema',
    'rows',
    'schema',
    'commit',
  ])
})

test('a schema message that was not there the first time proves another history', () => {
  const replay = new HalfReplay([], 3)
  replay.adapt(rows('a'))
  expect(() => replay.adapt({ kind: 'schema', schema })).toThrow(expect.objectContaining({ code: 'source/foreign', retry: 'now' }))
})

test('a control message that was not there the first time follows right behind the half', () => {
  const state = { origin: { system: '', timeline: '', slot: '' }, epochs: [], tables: {} }
  const start: SourceEvent = { kind: 'control', control: { kind: 'start', run: 21, tables: ['public.t'], state } }
  const fixed = { ordinal: 2, kind: 'schema', schema } as const
  const replay = new HalfReplay([fixed], 4)
  const said = [rows('a'), start, rows('b', 'c', 'd', 'e')].flatMap((event) => replay.adapt(event))
  expect(said).toEqual([rows('a'), rows('b'), { kind: 'schema', schema }, rows('c'), start, rows('d', 'e')])
})

test('it follows before the commit, if the half was everything', () => {
  const state = { origin: { system: '', timeline: '', slot: '' }, epochs: [], tables: {} }
  const start: SourceEvent = { kind: 'control', control: { kind: 'start', run: 21, tables: ['public.t'], state } }
  const commit: SourceEvent = { kind: 'commit', at: '', mark: '', causes: [] }
  const replay = new HalfReplay([], 1)
  expect([start, rows('a'), commit].flatMap((event) => replay.adapt(event))).toEqual([rows('a'), start, commit])
})

test('a second delivery that is shorter than the half proves another history', () => {
  const replay = new HalfReplay([], 3)
  replay.adapt(rows('a'))
  expect(() => replay.adapt({ kind: 'commit', at: '', mark: '', causes: [] })).toThrow(expect.objectContaining({ code: 'source/foreign' }))
})

test('behind the half everything is new', () => {
  const replay = new HalfReplay([], 1)
  replay.adapt(rows('a', 'b'))
  expect(replay.adapt({ kind: 'schema', schema })).toEqual([{ kind: 'schema', schema }])
})
