import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromJson } from '@sheetflow/core/json-codec'
import { decodeMessage } from '@sheetflow/core/framing/codec'
import type { ColumnType } from '@sheetflow/core/type'
import type { TableSchema } from '@sheetflow/core/schema'
import type { JsonValue } from '@sheetflow/core/value'
import { postgresServers } from '@sheetflow/testkit/postgres/majors'
import { CaptureRig } from '../../testing/capture-rig.ts'
import { connect, LivePostgres, majorOf } from '@sheetflow/testkit/postgres/live-postgres'
import { TYPE_CASES, TYPE_PRELUDE } from '../../testing/type-cases.ts'

describe.each(postgresServers())('types on $name', (server) => {
  let postgres: LivePostgres
  beforeAll(async () => {
    postgres = await LivePostgres.start({}, server)
  })
  afterAll(async () => {
    await postgres.end()
  })

  test('every type has its form, in the snapshot and in the log alike', async () => {
    const url = await postgres.database()
    await using client = await connect(url)
    await client.query(TYPE_PRELUDE)
    const major = await majorOf(client)
    const cases = TYPE_CASES.filter(([, , , from]) => major >= (from ?? 0))
    await client.query(`create table types(id text primary key, ${cases.map(([sql], i) => `c${String(i)} ${sql}`).join(', ')})`)
    const insert = async (prefix: string): Promise<void> => {
      for (const [i, [, , values]] of cases.entries()) {
        for (const [v, [sql]] of values.entries())
          await client.query(`insert into types(id, c${String(i)}) values ('${prefix}${String(i)}.${String(v)}', ${sql})`)
      }
    }
    await insert('snapshot ')
    await using rig = new CaptureRig(url).start()
    await rig.until((replica) => replica.loaded.has('public.types'), 'loaded')
    await insert('log ')
    const count = 2 * cases.reduce((sum, [, , values]) => sum + values.length, 0)
    const replica = await rig.until((r) => r.table('public.types').size === count, 'all rows')
    const schema = await schemaOf(rig)
    for (const [i, [sql, type, values]] of cases.entries()) {
      const column = schema.columns[i + 1]
      expect({ ...typeOnly(column), sql }).toEqual({ ...type, sql })
      for (const prefix of ['snapshot ', 'log ']) {
        for (const [v, [text, json]] of values.entries()) {
          const row = replica.table('public.types').get(JSON.stringify([`${prefix}${String(i)}.${String(v)}`]))
          const got = row?.row[i + 1]
          const want = wanted(json, `c${String(i)}`)
          expect({ value: got, of: `${prefix}${sql} ${text}` }).toEqual({ value: want, of: `${prefix}${sql} ${text}` })
          // The strict codec takes it: it is the one form of that type.
          expect(() => fromJson(type, got as JsonValue)).not.toThrow()
        }
      }
    }
  })

  test('dates without a place in the calendar follow the policy of their column', async () => {
    const url = await postgres.database()
    await using client = await connect(url)
    await client.query(`create table d(id int primary key, a date, b timestamptz, c date);
      insert into d values (1, 'infinity', '-infinity', '0044-03-15 BC'), (2, '2026-01-01', '2026-01-01', '2026-01-01')`)
    const dates = { 'public.d.a': 'blank', 'public.d.b': 'blank', 'public.d.c': 'text' } as const
    await using rig = new CaptureRig(url, { dates }).start()
    const replica = await rig.until((r) => r.loaded.has('public.d'), 'loaded')
    expect(replica.content('public.d')).toEqual([
      JSON.stringify([1, null, null, '0044-03-15 BC']),
      JSON.stringify([2, '2026-01-01', '2026-01-01T00:00:00.000000Z', '2026-01-01']),
    ])
  })

  test('big values leave the row: what is kept in the blob store is what was written', async () => {
    const url = await postgres.database()
    await using client = await connect(url)
    await client.query(
      `create table big(id int primary key, t text, b bytea, u text, v text); alter table big alter t set storage external`,
    )
    await client.query(`insert into big values (1, repeat('ż', 200000), decode(repeat('00ff', 150000), 'hex'), 'small', null)`)
    await using rig = new CaptureRig(url).start()
    await rig.until((r) => r.loaded.has('public.big'), 'loaded')
    await client.query(
      `insert into big values (2, repeat('x', 250000), null, repeat('y', 250000), repeat('z', 100000)); update big set u = 'other' where id = 1`,
    )
    const replica = await rig.until((r) => r.table('public.big').size === 2 && r.table('public.big').get('[1]')?.row[3] === 'other', 'rows')
    const first = replica.table('public.big').get('[1]')?.row ?? []
    const text = first[1] as { b: string; n: number }
    expect(text.n).toBe(400_000)
    expect(Buffer.from(await rig.blobs.get(text.b)).toString()).toBe('ż'.repeat(200_000))
    const bytes = first[2] as { b: string; n: number }
    expect(bytes.n).toBe(300_000)
    expect(Buffer.from(await rig.blobs.get(bytes.b)).toString('hex')).toBe('00ff'.repeat(150_000))
    const second = replica.table('public.big').get('[2]')?.row ?? []
    expect(second.filter((value) => typeof value === 'object' && value !== null)).toHaveLength(1)
    expect(JSON.stringify(second).length).toBeLessThan(512 * 1024)
  })
})

/** `#…` is an error of that column, `"of":"$"` inside JSON too. */
function wanted(json: unknown, column: string): unknown {
  if (typeof json !== 'string') return json
  return json.startsWith('#') ? { e: json, of: column } : json.replaceAll('"of":"$"', `"of":"${column}"`)
}

async function schemaOf(rig: CaptureRig): Promise<TableSchema> {
  const [stored] = await rig.bus.last(rig.stream, 'sf.src.shop._schema.>')
  if (stored === undefined) throw new Error('no schema message')
  return decodeMessage(stored).message as unknown as TableSchema
}

function typeOnly(column: TableSchema['columns'][number] | undefined): Partial<ColumnType> {
  const { name: _name, id: _id, null: _null, source: _source, ...type } = column ?? { name: '', id: 0, null: true, type: 'text' }
  return type
}
