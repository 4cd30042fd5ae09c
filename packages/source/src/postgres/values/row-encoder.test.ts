import { expect, test } from 'vitest'
import { MemoryBlobs } from '../../testing/memory-blobs.ts'
import { BlobCollector } from './blob-collector.ts'
import type { PgType } from '../catalogue/pg-type.ts'
import { newTuple, TUPLE_TEXT } from '../log/pgoutput.ts'
import { RowEncoder } from './row-encoder.ts'
import { compileType } from './type-table.ts'

const BYTEA: PgType = { oid: 17, name: 'bytea', kind: 'base' }
const INT_ARRAY: PgType = { oid: 1007, name: '_int4', kind: 'array', of: { oid: 23, name: 'int4', kind: 'base' }, delimiter: ',' }

test.each([
  ['bytea', BYTEA],
  ['int4[]', INT_ARRAY],
])('a %s whose text is longer than a string can be is #VALUE! as every value over 64 MiB', (_name, type) => {
  const compiled = compileType(type, { column: 'b', typmod: -1, dimensions: 1, dates: 'error' })
  const id = compileType({ oid: 23, name: 'int4', kind: 'base' }, { column: 'id', typmod: -1, dimensions: 0, dates: 'error' })
  const columns = [
    { name: 'id', compiled: id },
    { name: 'b', compiled },
  ]
  const encoder = new RowEncoder(columns, [0], new BlobCollector(new MemoryBlobs()))
  const tuple = newTuple(2)
  // Never touched, so it costs no memory.
  tuple.buffer = Buffer.alloc(540_000_000)
  tuple.buffer.write('7')
  tuple.count = 2
  tuple.kinds.fill(TUPLE_TEXT, 0, 2)
  tuple.ends.set([1, tuple.buffer.length])
  tuple.starts.set([0, 1])
  expect(encoder.row('c', tuple)).toBe('["c",[7],[7,{"e":"#VALUE!","of":"b"}],null]')
  expect(encoder.hugeValues).toBe(1)
})
