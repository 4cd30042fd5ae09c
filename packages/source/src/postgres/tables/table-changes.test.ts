import { describe, expect, test } from 'vitest'
import type { SourceEvent } from '@sheetflow/core/ports/source'
import { MemoryBlobs } from '../../testing/memory-blobs.ts'
import { BlobCollector } from '../values/blob-collector.ts'
import type { CatalogueColumn, CatalogueTable } from '../catalogue/catalogue.ts'
import { EventQueue } from '../log/event-queue.ts'
import { EventWriter } from '../log/event-writer.ts'
import { NO_LSN } from '../log/lsn.ts'
import { NO_ORIGIN } from '../log/origin.ts'
import type { PgType } from '../catalogue/pg-type.ts'
import type { Relation } from '../log/pgoutput.ts'
import { SnapshotProgress } from '../snapshot/progress.ts'
import { SnapshotWork } from '../snapshot/snapshot-work.ts'
import { TableBook } from './table-book.ts'
import { TableChanges } from './table-changes.ts'

const OID = 16_384
const INT4: PgType = { oid: 23, name: 'int4', kind: 'base' }

/** A source that has told the bus of `public.t(id, …columns)`, in the files `storage`. */
function scene(...columns: readonly string[]) {
  const book = new TableBook(new BlobCollector(new MemoryBlobs()), { dates: {}, keys: {} }, [], new Map())
  const queue = new EventQueue(1_000_000, () => {})
  const progress = new SnapshotProgress({})
  const writer = new EventWriter(queue, NO_LSN, () => ({
    origin: NO_ORIGIN,
    epochs: [],
    tables: progress.state((name) => book.identity(name)),
  }))
  const snapshot = new SnapshotWork({ progress, writer, life: 'l', table: (name) => book.byName(name), confirmed: NO_LSN })
  const settings = { name: 'shop', url: '', tables: ['*'], blobs: new MemoryBlobs() }
  const changes = new TableChanges({ settings, query: () => Promise.reject(new Error('no catalogue')), book, progress, writer, snapshot })
  book.fromCatalogue(asTable(columns))
  book.announced(OID)
  return { book, changes, told: () => [...taken(queue)] }
}

function* taken(queue: EventQueue): Generator<SourceEvent> {
  for (let event = queue.take(); event !== undefined; event = queue.take()) yield event
}

function asTable(columns: readonly string[], storage: string = '1', xmin: number = 1): CatalogueTable {
  const all: CatalogueColumn[] = ['id', ...columns].map((name, index) => ({
    name,
    attnum: index + 1,
    typeOid: INT4.oid,
    typmod: -1,
    dimensions: 0,
    notNull: name === 'id',
    prefilled: false,
    typeText: 'integer',
    type: INT4,
  }))
  return {
    oid: OID,
    name: 'public.t',
    partitioned: false,
    identity: 'd',
    unlogged: false,
    foreign: false,
    selectable: true,
    role: 'me',
    rowSecurity: false,
    owned: true,
    rows: 0,
    bytes: 0,
    storage,
    filled: '',
    xmin,
    shape: columns.join(),
    columns: all,
    indexes: [{ name: 't_pkey', primary: true, identity: false, columns: ['id'] }],
    partitions: [],
  }
}

function asRelation(columns: readonly string[]): Relation {
  const all = ['id', ...columns].map((name) => ({ name, typeOid: INT4.oid, typmod: -1, key: name === 'id' }))
  return { oid: OID, namespace: 'public', name: 't', columns: all }
}

describe('a look at the catalogue', () => {
  test('is acted upon where the log says nothing', () => {
    const { book, changes, told } = scene('a')
    expect(changes.apply({ told: book.told, changed: [asTable(['a', 'b'])], gone: [], missed: [], places: new Map() })).toEqual([])
    expect(told().flatMap((event) => (event.kind === 'schema' ? [event.schema.columns.map(({ name }) => name)] : []))).toEqual([
      ['id', 'a', 'b'],
    ])
  })

  test('that the log overtakes is not told: the table is to be looked at again', () => {
    const { book, changes, told } = scene('a')
    const found = { told: book.told, changed: [asTable(['a', 'b'])], gone: [], missed: [], places: new Map() }
    book.fromLog(asRelation(['a', 'b', 'c']), asTable(['a', 'b', 'c']), new Map([[INT4.oid, INT4]]))
    book.announced(OID)
    expect(changes.apply(found)).toEqual([OID])
    expect(told()).toEqual([])
    expect(changes.apply({ ...found, told: book.told, changed: [asTable(['a', 'b', 'c'])] })).toEqual([])
    expect(told()).toEqual([])
  })

  test('that saw the first of two truncations does not read the table again', () => {
    const { book, changes, told } = scene('a')
    const found = { told: book.told, changed: [asTable(['a'], '2', 10)], gone: [], missed: [], places: new Map() }
    book.truncated(OID, 10)
    book.truncated(OID, 11)
    expect(changes.apply(found)).toEqual([OID])
    expect(changes.apply({ ...found, told: book.told, changed: [asTable(['a'], '3', 11)] })).toEqual([])
    const controls = told().flatMap((event) => (event.kind === 'control' ? [event.control.kind] : []))
    expect(controls).toEqual(['gate'])
  })

  test('that found a table gone, which the log then brought, drops nothing', () => {
    const { book, changes, told } = scene('a')
    const found = { told: book.told, changed: [], gone: [OID], missed: [], places: new Map() }
    book.fromLog(asRelation(['a']), asTable(['a']), new Map([[INT4.oid, INT4]]))
    expect(changes.apply(found)).toEqual([OID])
    expect(book.byName('public.t')).toBeDefined()
    expect(told()).toEqual([])
  })
})
