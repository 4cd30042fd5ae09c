import type { ColumnType } from '@sheetflow/core/type'

/** Column type in SQL → what it is for us → pairs of a value in SQL and its JSON. `#` marks a cell error of that kind. `from`: the first major that has it. */
type TypeCase = readonly [sql: string, type: ColumnType, values: readonly (readonly [sql: string, json: unknown])[], from?: number]

/** Every type of FORMATS 1 with its borders. */
export const TYPE_CASES: readonly TypeCase[] = [
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
  ['numeric(3,-2)', { type: 'decimal', p: 3, s: -2 }, [['12345', '12300']], 15],
  ['numeric(3,5)', { type: 'decimal', p: 3, s: 5 }, [['0.00123', '0.00123']], 15],
  ['numeric(1000,0)', { type: 'decimal', p: 1000, s: 0 }, [["repeat('9', 1000)::numeric", '9'.repeat(1000)]]],
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
      ["'3000000 hours'", '#VALUE!'],
    ],
  ],
  ['interval', { type: 'interval' }, [["'infinity'", '#VALUE!']], 17],
  ['interval hour to minute', { type: 'interval' }, [["'04:05:06'", 'PT4H5M']]],
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
  ['serial', { type: 'int' }, [['3', 3]]],
  ['varchar', { type: 'text' }, [["'x'", 'x']]],
  ['"char"', { type: 'text' }, [["'q'", 'q']]],
  ['cidr', { type: 'text' }, [["'10.0.0.0/8'", '10.0.0.0/8']]],
  ['macaddr8', { type: 'text' }, [["'08:00:2b:01:02:03:04:05'", '08:00:2b:01:02:03:04:05']]],
  ['tsquery', { type: 'text' }, [["'fat & rat'", "'fat' & 'rat'"]]],
  ['line', { type: 'text' }, [["'{1,2,3}'", '{1,2,3}']]],
  ['circle', { type: 'text' }, [["'<(1,2),3>'", '<(1,2),3>']]],
  ['pg_lsn', { type: 'text' }, [["'16/B374D848'", '16/B374D848']]],
  ['xid8', { type: 'text' }, [["'42'", '42']]],
  ['jsonpath', { type: 'text' }, [["'$.a'", '$."a"']]],
  ['int2vector', { type: 'text' }, [["'1 2'", '1 2']]],
  ['regtype', { type: 'text' }, [["'int4'", 'integer']]],
  ['time(3)', { type: 'time' }, [["'10:00:00.1239'", '10:00:00.124000']]],
  ['timestamptz(0)', { type: 'timestamptz' }, [["'0044-03-15 00:00+00 BC'", '#VALUE!']]],
  ['box[]', { type: 'list', of: { type: 'text' } }, [["'{(1,1),(0,0);(3,3),(2,2)}'", ['(1,1),(0,0)', '(3,3),(2,2)']]]],
  ['numeric(12,2)[]', { type: 'list', of: { type: 'decimal', p: 12, s: 2 } }, [["'{1.5,NULL}'", ['1.50', null]]]],
  ['date[]', { type: 'list', of: { type: 'date' } }, [["'{2026-01-01}'", ['2026-01-01']]]],
  ['bytea[]', { type: 'list', of: { type: 'bytes' } }, [[`array['\\x00ff'::bytea]`, ['AP8=']]]],
  [
    'uuid[]',
    { type: 'list', of: { type: 'uuid' } },
    [["'{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}'", ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11']]],
  ],
  ['jsonb[]', { type: 'list', of: { type: 'json' } }, [[`array['{"a": "x,\\"y"}'::jsonb]`, ['{"a": "x,\\"y"}']]]],
  ['citext[]', { type: 'list', of: { type: 'text' } }, [["'{Ab}'", ['Ab']]]],
  ['hstore[]', { type: 'list', of: { type: 'json' } }, [[`array['a=>1'::hstore]`, ['{"a":"1"}']]]],
  ['dear', { type: 'decimal', p: 8, s: 3 }, [['2', '2.000']]],
  ['prices', { type: 'list', of: { type: 'decimal', p: 8, s: 3 } }, [["'{1.5}'", ['1.500']]]],
  ['price[]', { type: 'list', of: { type: 'decimal', p: 8, s: 3 } }, [["'{1.5}'", ['1.500']]]],
  ['daterange', { type: 'json' }, [["'[2026-01-01,2026-01-03]'", '{"lower":"2026-01-01","upper":"2026-01-04","bounds":"[)"}']]],
  ['textrange', { type: 'json' }, [[`'["a,b","c\\"d"]'`, '{"lower":"a,b","upper":"c\\"d","bounds":"[]"}']]],
  [
    'tsmultirange',
    { type: 'json' },
    [["'{[2026-01-01,2026-01-02)}'", '[{"lower":"2026-01-01T00:00:00.000000","upper":"2026-01-02T00:00:00.000000","bounds":"[)"}]']],
  ],
  ['int4range[]', { type: 'list', of: { type: 'json' } }, [['\'{"[1,5)"}\'', ['{"lower":1,"upper":5,"bounds":"[)"}']]]],
  ['nothing', { type: 'json' }, [['row()::nothing', '{}']]],
  [
    'numbers',
    { type: 'json' },
    [
      ["row('NaN', 'infinity', '{1,2}')::numbers", '{"n":{"e":"#NUM!","of":"$"},"d":{"e":"#VALUE!","of":"$"},"l":[1,2]}'],
      ["row(1, null, '{{1,2},{3,4}}')::numbers", '{"n":"1","d":null,"l":[[1,2],[3,4]]}'],
      ["row(1, null, '[0:1]={1,2}')::numbers", '{"n":"1","d":null,"l":[1,2]}'],
    ],
  ],
  ['tsvector[]', { type: 'list', of: { type: 'text' } }, [[`array['a b'::tsvector]`, ["'a' 'b'"]]]],
  ['grid', { type: 'json' }, [["'{{1,2},{3,4}}'", '[[1,2],[3,4]]']]],
  ['seg', { type: 'text' }, [["'1 .. 2'", '1 .. 2']]],
  ['int4multirange', { type: 'json' }, [["'{[1,3)}'", '[{"lower":1,"upper":3,"bounds":"[)"}]']]],
]

/** What the cases need to be there. */
export const TYPE_PRELUDE: string = `
  create extension hstore; create extension citext; create extension seg;
  create type mood as enum ('sad', 'it''s, ok');
  create domain positive as int4 check (value > 0);
  create domain price as numeric(8,3);
  create domain dear as price;
  create domain grid as int4[][];
  create domain prices as numeric(8,3)[];
  create type textrange as range (subtype = text);
  create type nothing as ();
  create type numbers as (n numeric, d date, l int[]);
  create type pair as (a int, b text, c numeric, d date);`
