import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromJson } from '@sheetflow/core/json-codec'
import { decodeMessage } from '@sheetflow/core/framing/codec'
import type { ColumnType } from '@sheetflow/core/type'
import type { TableSchema } from '@sheetflow/core/schema'
import type { JsonValue } from '@sheetflow/core/value'
import { debianBinaries } from '@sheetflow/testkit/postgres/binaries'
import { CaptureRig } from '../testing/capture-rig.ts'
import { connect, LivePostgres } from '../testing/live-postgres.ts'

/** Column type in SQL → what it is for us → pairs of a value in SQL and its JSON. `#` marks a cell error of that kind. */
const CASES: readonly (readonly [sql: string, type: ColumnType, values: readonly (readonly [sql: string, json: unknown])[]])[] = [
  [
    'bool',
    { type: 'bool' },
    [
      ['true', true],
      ['false', false],
      ['null', null],
    ],
  ],
  [
    'int2',
    { type: 'int' },
    [
      ['-32768', -32768],
      ['32767', 32767],
    ],
  ],
  [
    'int4',
    { type: 'int' },
    [
      ['-2147483648', -2147483648],
      ['0', 0],
    ],
  ],
  [
    'int8',
    { type: 'bigint' },
    [
      ['-9223372036854775808', '-9223372036854775808'],
      ['9007199254740993', '9007199254740993'],
    ],
  ],
  ['oid', { type: 'bigint' }, [['4294967295', '4294967295']]],
  [
    'numeric',
    { type: 'decimal' },
    [
      ['1.00', '1.00'],
      ['-0.000000000000000000000000000001', '-0.000000000000000000000000000001'],
      ["'NaN'", '#NUM!'],
      ["'-Infinity'", '#NUM!'],
      ["'Infinity'", '#NUM!'],
    ],
  ],
  [
    'numeric(12,2)',
    { type: 'decimal', p: 12, s: 2 },
    [
      ['9.5', '9.50'],
      ['-1234567890.12', '-1234567890.12'],
    ],
  ],
  ['numeric(3,-2)', { type: 'decimal', p: 3, s: -2 }, [['12345', '12300']]],
  [
    'money',
    { type: 'decimal', p: 19, s: 2 },
    [
      ['-1234567.5', '-1234567.50'],
      ['0', '0.00'],
    ],
  ],
  [
    'float4',
    { type: 'double' },
    [
      ['3.14', 3.14],
      ['1e-10', 1e-10],
      ["'NaN'", '#NUM!'],
      ['3.4e38', 3.4e38],
    ],
  ],
  [
    'float8',
    { type: 'double' },
    [
      ['0.1', 0.1],
      ['1e300', 1e300],
      ["'-0'", 0],
      ["'Infinity'", '#NUM!'],
      ["'-Infinity'", '#NUM!'],
      ['5e-324', 5e-324],
      ['-1.5', -1.5],
    ],
  ],
  [
    'text',
    { type: 'text' },
    [
      ["''", ''],
      ["E'tab\\t nl\\n back\\\\ quote\" cr\\r'", 'tab\t nl\n back\\ quote" cr\r'],
      ["'zażółć 🚀'", 'zażółć 🚀'],
      ["E'\\x01\\x1f\\x7f'", '\u0001\u001f\u007f'],
      ["'\\N'", '\\N'],
      ["'NULL'", 'NULL'],
    ],
  ],
  ['varchar(10)', { type: 'text' }, [["'ab '", 'ab ']]],
  ['char(5)', { type: 'text' }, [["'ab'", 'ab   ']]],
  ['name', { type: 'text' }, [["'n'", 'n']]],
  ['xml', { type: 'text' }, [['\'<a b="c"/>\'', '<a b="c"/>']]],
  [
    'bytea',
    { type: 'bytes' },
    [
      ["'\\x00ff10'", 'AP8Q'],
      ["''", ''],
    ],
  ],
  [
    'date',
    { type: 'date' },
    [
      ["'2026-11-23'", '2026-11-23'],
      ["'0001-01-01'", '0001-01-01'],
      ["'9999-12-31'", '9999-12-31'],
      ["'infinity'", '#VALUE!'],
      ["'0044-03-15 BC'", '#VALUE!'],
      ["'12345-01-01'", '#VALUE!'],
    ],
  ],
  [
    'time',
    { type: 'time' },
    [
      ["'10:00'", '10:00:00.000000'],
      ["'23:59:59.5'", '23:59:59.500000'],
      ["'24:00:00'", '24:00:00.000000'],
    ],
  ],
  ['timetz', { type: 'text' }, [["'10:00:00+02'", '10:00:00+02']]],
  [
    'timestamp',
    { type: 'timestamp' },
    [
      ["'2026-11-23 10:00:00'", '2026-11-23T10:00:00.000000'],
      ["'1999-01-08 04:05:06.789'", '1999-01-08T04:05:06.789000'],
      ["'-infinity'", '#VALUE!'],
      ["'0044-03-15 01:02:03 BC'", '#VALUE!'],
      ["'20000-01-01'", '#VALUE!'],
    ],
  ],
  [
    'timestamptz',
    { type: 'timestamptz' },
    [
      ["'2026-11-23 10:00:00+02'", '2026-11-23T08:00:00.000000Z'],
      ["'2026-11-23 10:00:00.123456 America/New_York'", '2026-11-23T15:00:00.123456Z'],
      ["'infinity'", '#VALUE!'],
    ],
  ],
  [
    'interval',
    { type: 'interval' },
    [
      ["'1 year 2 mons 3 days 04:05:06.789'", 'P1Y2M3DT4H5M6.789S'],
      ["'0'", 'PT0S'],
      ["'-1 mons +2 days -00:00:00.5'", 'P-1M2DT-0.5S'],
    ],
  ],
  ['uuid', { type: 'uuid' }, [["'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11']]],
  ['json', { type: 'json' }, [['\'{"n": 9007199254740993, "s": "\\u0041"}\'', '{"n": 9007199254740993, "s": "\\u0041"}']]],
  ['jsonb', { type: 'json' }, [['\'{"b":1,  "a":[null]}\'', '{"a": [null], "b": 1}']]],
  ['inet', { type: 'text' }, [["'10.0.0.1/8'", '10.0.0.1/8']]],
  ['macaddr', { type: 'text' }, [["'08:00:2b:01:02:03'", '08:00:2b:01:02:03']]],
  ['bit(5)', { type: 'text' }, [["B'10101'", '10101']]],
  ['varbit', { type: 'text' }, [["B'1'", '1']]],
  ['tsvector', { type: 'text' }, [["'a fat cat'", "'a' 'cat' 'fat'"]]],
  ['point', { type: 'text' }, [["'(1.5,2)'", '(1.5,2)']]],
  [
    'int4range',
    { type: 'json' },
    [
      ["'[1,5)'", '{"lower":1,"upper":5,"bounds":"[)"}'],
      ["'empty'", '{"lower":null,"upper":null,"bounds":"empty"}'],
      ["'(,5)'", '{"lower":null,"upper":5,"bounds":"()"}'],
    ],
  ],
  ['tstzrange', { type: 'json' }, [["'[2026-01-01 00:00+00,)'", '{"lower":"2026-01-01T00:00:00.000000Z","upper":null,"bounds":"[)"}']]],
  [
    'nummultirange',
    { type: 'json' },
    [
      ["'{[1.5,2.5),[7,9)}'", '[{"lower":"1.5","upper":"2.5","bounds":"[)"},{"lower":"7","upper":"9","bounds":"[)"}]'],
      ["'{}'", '[]'],
    ],
  ],
  [
    'int4[]',
    { type: 'list', of: { type: 'int' } },
    [
      ["'{1,NULL,3}'", [1, null, 3]],
      ["'{}'", []],
      ["'[0:1]={1,2}'", '#VALUE!'],
      ["'{{1,2},{3,4}}'", '#VALUE!'],
    ],
  ],
  ['int8[]', { type: 'list', of: { type: 'bigint' } }, [["'{9007199254740993}'", ['9007199254740993']]]],
  [
    'text[]',
    { type: 'list', of: { type: 'text' } },
    [[`'{"a \\"b\\", \\\\ c",NULL,"NULL","",ż}'`, ['a "b", \\ c', null, 'NULL', '', 'ż']]],
  ],
  ['timestamptz[]', { type: 'list', of: { type: 'timestamptz' } }, [[`'{"2026-01-01 00:00:00+00"}'`, ['2026-01-01T00:00:00.000000Z']]]],
  ['int4[][]', { type: 'json' }, [["'{{1,2},{3,4}}'", '[[1,2],[3,4]]']]],
  [
    'mood',
    { type: 'text' },
    [
      [`'it''s, ok'`, "it's, ok"],
      [`'sad'`, 'sad'],
    ],
  ],
  ['mood[]', { type: 'list', of: { type: 'text' } }, [[`'{sad,"it''s, ok"}'`, ['sad', "it's, ok"]]]],
  ['positive', { type: 'int' }, [['7', 7]]],
  ['price', { type: 'decimal', p: 8, s: 3 }, [['1.5', '1.500']]],
  [
    'pair',
    { type: 'json' },
    [[`row(1, 'x "y", \\', null, '2026-01-01')::pair`, '{"a":1,"b":"x \\"y\\", \\\\","c":null,"d":"2026-01-01"}']],
  ],
  ['pair[]', { type: 'list', of: { type: 'json' } }, [[`array[row(1, 'z', 2.5, null)::pair]`, ['{"a":1,"b":"z","c":"2.5","d":null}']]]],
  ['hstore', { type: 'json' }, [[`'"a b"=>"1\\"2", c=>NULL, d=>"NULL"'`, '{"c":null,"d":"NULL","a b":"1\\"2"}']]],
  ['citext', { type: 'text' }, [["'Ab'", 'Ab']]],
  ['int4multirange', { type: 'json' }, [["'{[1,3)}'", '[{"lower":1,"upper":3,"bounds":"[)"}]']]],
]

const PRELUDE = `
  create extension hstore; create extension citext;
  create type mood as enum ('sad', 'it''s, ok');
  create domain positive as int4 check (value > 0);
  create domain price as numeric(8,3);
  create type pair as (a int, b text, c numeric, d date);`

const servers = [
  { name: 'embedded', binaries: undefined },
  ...debianBinaries().map((binaries) => ({ name: `Debian ${binaries.version}`, binaries })),
]

describe.each(servers)('types on $name', ({ binaries }) => {
  let postgres: LivePostgres
  beforeAll(async () => {
    postgres = await LivePostgres.start({}, binaries)
  })
  afterAll(async () => {
    await postgres.end()
  })

  test('every type has its form, in the snapshot and in the log alike', async () => {
    const url = await postgres.database()
    await using client = await connect(url)
    await client.query(PRELUDE)
    await client.query(`create table types(id text primary key, ${CASES.map(([sql], i) => `c${String(i)} ${sql}`).join(', ')})`)
    const insert = async (prefix: string): Promise<void> => {
      for (const [i, [, , values]] of CASES.entries()) {
        for (const [v, [sql]] of values.entries())
          await client.query(`insert into types(id, c${String(i)}) values ('${prefix}${String(i)}.${String(v)}', ${sql})`)
      }
    }
    await insert('snapshot ')
    await using rig = new CaptureRig(url).start()
    await rig.until((replica) => replica.loaded.has('public.types'), 'loaded')
    await insert('log ')
    const count = 2 * CASES.reduce((sum, [, , values]) => sum + values.length, 0)
    const replica = await rig.until((r) => r.table('public.types').size === count, 'all rows')
    const schema = await schemaOf(rig)
    for (const [i, [sql, type, values]] of CASES.entries()) {
      const column = schema.columns[i + 1]
      expect({ ...typeOnly(column), sql }).toEqual({ ...type, sql })
      for (const prefix of ['snapshot ', 'log ']) {
        for (const [v, [text, json]] of values.entries()) {
          const row = replica.table('public.types').get(JSON.stringify([`${prefix}${String(i)}.${String(v)}`]))
          const got = row?.row[i + 1]
          const want = typeof json === 'string' && json.startsWith('#') ? { e: json, of: `c${String(i)}` } : json
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

async function schemaOf(rig: CaptureRig): Promise<TableSchema> {
  const [stored] = await rig.bus.last(rig.stream, 'sf.src.shop._schema.>')
  if (stored === undefined) throw new Error('no schema message')
  return decodeMessage(stored).message as unknown as TableSchema
}

function typeOnly(column: TableSchema['columns'][number] | undefined): Partial<ColumnType> {
  const { name: _name, id: _id, null: _null, source: _source, ...type } = column ?? { name: '', id: 0, null: true, type: 'text' }
  return type
}
