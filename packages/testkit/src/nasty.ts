import type { ColumnType } from '@sheetflow/core/type'
import type { JsonCellError, JsonValue } from '@sheetflow/core/value'

/**
 * The corpus of nasty values: per type those on which formulas' indexes, stores, routers and clients are most likely to disagree (law 14).
 *
 * It is its own oracle. Each type lists *groups in ascending order*: values of one group are equal by `compare`, every value of a
 * group is smaller than every one of the next. The order is written down by hand (texts: sorted by their UTF-8 bytes), not computed
 * by the code that it is there to test. Values are in JSON form.
 */
export interface NastyType {
  /** Short and unique, fit for a column name. */
  readonly name: string
  readonly type: ColumnType
  /** Values only: neither Blank nor cell errors. */
  readonly groups: readonly (readonly JsonValue[])[]
}

/** Every kind of cell error, by name; the column where it arose does not count in the order. */
export const NASTY_ERRORS: readonly (readonly JsonCellError[])[] = [
  '#BUSY!',
  '#CALC!',
  '#CIRC!',
  '#DIV/0!',
  '#N/A',
  '#NAME?',
  '#NULL!',
  '#NUM!',
  '#REF!',
  '#SPILL!',
  '#VALUE!',
].map((e) => [{ e }, { e, of: 'some column' }, { e, of: '' }])

/** Text as it may come from outside, and as it enters (FORMATS 1: U+0000 and lone surrogates become U+FFFD). */
export const NASTY_DIRTY_TEXTS: readonly (readonly [dirty: string, clean: string, replaced: number])[] = [
  ['\0', '\uFFFD', 1],
  ['a\0\0b', 'a\uFFFD\uFFFDb', 2],
  ['\uD83D', '\uFFFD', 1],
  ['\uDE00', '\uFFFD', 1],
  ['\uDE00\uD83D', '\uFFFD\uFFFD', 2],
  ['x\uD83Dy', 'x\uFFFDy', 1],
  ['\uD83D\uD83D\uDE00', '\uFFFD\u{1F600}', 1],
  ['\u{1F600}', '\u{1F600}', 0],
  ['', '', 0],
]

/** Texts that differ where comparing, folding, trimming, escaping or normalising would join or split them. */
export const NASTY_TEXTS: readonly string[] = [
  ['', ' ', '  ', '\t', '\n', '\r\n', '\u0001', '\u007F', '\u00A0', '\u200B', '\uFEFF'],
  ['a', 'A', 'a ', 'a  ', ' a', 'a\t', 'ab', 'aB', 'Ab', 'AB', 'B', 'b', 'Z', 'z', 'aa', 'á', 'Á', 'a\u0301', 'A\u0301', 'ą'],
  ['s', 'ss', 'SS', 'ß', 'ẞ', 'ſ', 'i', 'I', 'İ', 'ı', 'i\u0307', 'K', '\u212A', 'k', 'å', '\u212B', 'Å', 'σ', 'ς', 'Σ', 'ǆ'],
  ['ǅ', 'Ǆ', 'ﬁ', 'fi'],
  ['0', '00', '-0', '0.0', '1', '1.0', '01', '10', '2', '-1', '+1', '1e3', '1,5', 'Infinity', 'NaN', 'null', 'NULL', 'true', 'TRUE'],
  ['%', '_', 'a%', 'a_', 'a%b', '\\', '\\%', "'", "''", '"', '""', '`', '$1', ':id', '?', '@x', '[a]', '{"e":"#N/A"}', '{"~":1}', '#N/A'],
  ["'; DROP TABLE x; --", '<script>', '&amp;', '=1+1', '*', 'a*', '~*', 'a?', '/*', '--', ';', '|', '\u2028', '\u2029'],
  ['\uD7FF', '\uE000', '\uFFFD', '\uFFFF', '\u{10000}', '\u{1F600}', '\u{1F600}a', '\u{1F468}\u200D\u{1F469}', '\u{10FFFF}'],
  ['a\uFFFD', 'a\u{1F600}', 'z\uFFFD'],
  ['日本', '日本語', 'ｱ', 'ア', '가', '\u1100\u1161', 'א', 'ا', 'x'.repeat(300), `${'x'.repeat(300)}y`],
].flat()

const JSON_TEXTS: readonly string[] = [
  ['null', 'true', 'false', '0', '-0', '1', '1.0', '1e400', '""', '" "', '"a"', '"A"', '"\\u0061"', '[]', '[ ]', '[1,2]', '[1, 2]'],
  ['{}', '{ }', '{"a":1}', '{"a": 1}', '{"a":1,"b":2}', '{"b":2,"a":1}', '{"a":1,"a":2}', '{"e":"#N/A"}', '{"~":1}', '{"b":"x","n":1}'],
].flat()

/** Microseconds since 1970 stop being safe integers in June 2255. */
const MOMENTS: readonly string[] = [
  ['0001-01-01T00:00:00.000000', '0001-01-01T00:00:00.000001', '1582-10-10T12:00:00.000000', '1684-07-28T00:12:25.259007'],
  ['1684-07-28T00:12:25.259009', '1900-01-01T00:00:00.000000', '1969-12-31T23:59:59.999999', '1970-01-01T00:00:00.000000'],
  ['1970-01-01T00:00:00.000001', '2026-11-23T10:00:00.123455', '2026-11-23T10:00:00.123456', '2026-11-23T23:59:59.999999'],
  ['2255-06-05T23:47:34.740991', '2255-06-05T23:47:34.740992', '2255-06-05T23:47:34.740993', '9999-12-31T23:59:59.999999'],
].flat()

/** One column of each type, and of each form that stores keep differently. */
export const NASTY: readonly NastyType[] = [
  { name: 'bool', type: { type: 'bool' }, groups: each([false, true]) },
  {
    name: 'int',
    type: { type: 'int' },
    groups: each(
      [-9007199254740991, -9007199254740990, -4294967297, -2147483649, -2147483648, -32769, -10, -9, -2, -1],
      [0, 1, 2, 9, 10, 11, 99, 100, 32767, 65536, 2147483647, 2147483648, 4294967296, 9007199254740990, 9007199254740991],
    ),
  },
  {
    name: 'bigint',
    type: { type: 'bigint' },
    groups: each(
      ['-9223372036854775808', '-9223372036854775807', '-9007199254740994', '-9007199254740993', '-9007199254740992'],
      ['-9007199254740991'],
      ['-10', '-9', '-1', '0', '1', '2', '9', '10', '99', '100', '9007199254740991', '9007199254740992', '9007199254740993'],
      ['9007199254740994', '9223372036854775806', '9223372036854775807', '9223372036854775808', '18446744073709551615'],
    ),
  },
  {
    name: 'decimal',
    type: { type: 'decimal' },
    // Sources keep more digits than computing does (38).
    groups: [
      [`-1${'0'.repeat(60)}`, `-1${'0'.repeat(60)}.0`],
      ['-99999999999999999999999999999999999999'],
      ['-12345678901234567890.123456789012345678'],
      ['-9007199254740993'],
      ['-9007199254740992', '-9007199254740992.0'],
      ['-10', '-10.0'],
      ['-9.99'],
      ['-1.01'],
      ['-1', '-1.0', '-1.00'],
      ['-0.5', '-0.50'],
      ['-0.00000000000000000000000000000000000001'],
      ['0', '0.0', '0.00', '0.000000000000000000000000000000'],
      [`0.${'0'.repeat(59)}1`],
      ['0.00000000000000000000000000000000000001'],
      ['0.0000001'],
      ['0.09'],
      ['0.1', '0.10'],
      ['0.1000000000000000055511151231257827021'],
      ['0.3'],
      ['0.30000000000000004'],
      ['0.99'],
      ['1', '1.0', '1.00', '1.0000000000'],
      ['1.000000000000000000000000000000000001'],
      ['1.05'],
      ['1.5', '1.50'],
      ['2', '2.0'],
      ['9.5', '9.50'],
      ['10', '10.00'],
      ['100'],
      ['9007199254740991', '9007199254740991.0'],
      ['9007199254740992'],
      ['9007199254740992.5'],
      ['9007199254740993', '9007199254740993.000'],
      ['12345678901234567890.123456789012345677'],
      ['12345678901234567890.123456789012345678'],
      ['99999999999999999999999999999999999999'],
      [`1${'0'.repeat(60)}`],
      [`1${'0'.repeat(60)}.${'0'.repeat(59)}1`],
    ],
  },
  {
    name: 'decimal_12_2',
    type: { type: 'decimal', p: 12, s: 2 },
    groups: each(['-9999999999.99', '-10.00', '-1.00', '-0.01', '0.00', '0.01', '0.10', '0.99', '1.00', '9.50', '10.00', '9999999999.99']),
  },
  {
    name: 'decimal_38_10',
    type: { type: 'decimal', p: 38, s: 10 },
    groups: each(
      ['-9999999999999999999999999999.9999999999', '-90071992547409.9300000000', '-0.0000000001', '0.0000000000', '0.0000000001'],
      ['1.0000000000', '900719.9254740992', '900719.9254740993', '9999999999999999999999999999.9999999998'],
      ['9999999999999999999999999999.9999999999'],
    ),
  },
  {
    name: 'double',
    type: { type: 'double' },
    groups: each(
      [-1.7976931348623157e308, -1e23, -1e21, -9007199254740994, -1.5, -1, -0.1, -1e-7, -5e-324],
      [0, 5e-324, 2.2250738585072014e-308, 1e-7, 0.1, 0.3, 0.30000000000000004, 0.5, 1, 1.0000000000000002, 1.5, 2, 10, 16777217],
      [9007199254740991, 9007199254740992, 9007199254740994, 18446744073709552000, 1e21, 1e23, 1.7976931348623157e308],
    ),
  },
  { name: 'text', type: { type: 'text' }, groups: each(sortedTexts(NASTY_TEXTS)) },
  {
    name: 'bytes',
    type: { type: 'bytes' },
    groups: each([
      '',
      'AA==',
      'AAA=',
      'AAAA',
      'AAE=',
      'AQ==',
      'Ag==',
      'Lw==',
      'MA==',
      'QQ==',
      'fw==',
      'gA==',
      'gAA=',
      '/w==',
      '/wA=',
      '//8=',
      '////',
    ]),
  },
  {
    name: 'date',
    type: { type: 'date' },
    groups: each(
      ['0001-01-01', '0004-02-29', '0999-12-31', '1582-10-04', '1582-10-15', '1899-12-30', '1899-12-31', '1900-02-28'],
      ['1900-03-01', '1969-12-31'],
      ['1970-01-01', '2000-02-29', '2026-11-23', '2038-01-20', '2100-03-01', '9999-12-31'],
    ),
  },
  {
    name: 'time',
    type: { type: 'time' },
    groups: each(
      ['00:00:00.000000', '00:00:00.000001', '00:00:00.999999', '00:00:01.000000', '00:59:59.999999', '01:00:00.000000'],
      ['09:59:59.999999', '10:00:00.000000', '23:59:59.999999', '24:00:00.000000'],
    ),
  },
  {
    name: 'interval',
    type: { type: 'interval' },
    groups: [
      ['P-178000000Y'],
      ['P-1Y', 'P-360D'],
      ['P-1M', 'P-30D', 'PT-720H', 'P-1M1DT-24H'],
      ['P-1DT1S'],
      ['PT-1.5S'],
      ['PT-0.000001S'],
      ['PT0S', 'P1M-30D', 'P1DT-24H', 'P-1M30D'],
      ['PT0.000001S'],
      ['PT0.1S'],
      ['PT59M59.999999S'],
      ['PT1H'],
      ['P1DT-0.000001S', 'PT23H59M59.999999S'],
      ['P1D', 'PT24H'],
      ['P29DT23H'],
      ['P30D', 'P1M', 'PT720H', 'P29DT24H'],
      ['P31D', 'P1M1D'],
      ['P1Y', 'P360D', 'P11M30D'],
      ['P365D'],
      ['P1Y2M3DT4H5M6.789S'],
      ['PT2501999H'],
      ['P178000000Y'],
    ],
  },
  {
    name: 'timestamp',
    type: { type: 'timestamp' },
    groups: each(MOMENTS),
  },
  { name: 'timestamptz', type: { type: 'timestamptz' }, groups: each(MOMENTS.map((moment) => `${moment}Z`)) },
  {
    name: 'uuid',
    type: { type: 'uuid' },
    groups: each(
      ['00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000001', '09999999-9999-9999-9999-999999999999'],
      ['0a000000-0000-0000-0000-000000000000', '7fffffff-ffff-ffff-ffff-ffffffffffff', '80000000-0000-0000-0000-000000000000'],
      ['a0000000-0000-4000-8000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
    ),
  },
  { name: 'json', type: { type: 'json' }, groups: each(sortedTexts(JSON_TEXTS)) },
  {
    name: 'list_int',
    type: { type: 'list', of: { type: 'int' } },
    groups: each([[], [null], [null, 0], [-10], [-9], [0], [0, null], [0, 0], [0, 1], [1], [1, 0, 0], [2], [10], [{ e: '#N/A' }]]),
  },
  {
    name: 'list_decimal',
    type: { type: 'list', of: { type: 'decimal' } },
    groups: [
      [[]],
      [['0'], ['0.0']],
      [['1'], ['1.0'], ['1.00']],
      [
        ['1.0', '0'],
        ['1', '0.00'],
      ],
      [['2']],
      [['10']],
    ],
  },
  {
    name: 'list_text',
    type: { type: 'list', of: { type: 'text' } },
    groups: each([[], [null], [''], ['', ''], ['A'], ['a'], ['a', 'b'], ['a,b'], ['ab'], ['\uFFFD'], ['\u{1F600}']]),
  },
  {
    name: 'list_list',
    type: { type: 'list', of: { type: 'list', of: { type: 'int' } } },
    groups: each([[], [null], [[]], [[], []], [[], [0]], [[0]], [[0], []], [[0, 0]], [[1]]]),
  },
]

/** All values of a type, without Blank and cell errors. */
export function nastyValues(nasty: NastyType): readonly JsonValue[] {
  return nasty.groups.flat()
}

/** Groups of a type with Blank in front and the cell errors behind: the whole order of a column. */
export function nastyOrder(nasty: NastyType): readonly (readonly JsonValue[])[] {
  return [[null], ...nasty.groups, ...NASTY_ERRORS]
}

/** The nasty type of that name. */
export function nastyType(name: string): NastyType {
  const found = NASTY.find((nasty) => nasty.name === name)
  if (found === undefined) throw new Error(`no nasty type '${name}'`)
  return found
}

/** Each value a group of its own; the lists are only lines. */
function each(...lines: readonly (readonly JsonValue[])[]): readonly (readonly JsonValue[])[] {
  return lines.flat().map((value) => [value])
}

/** By UTF-8 bytes, which is the order of code points, without any code of ours. */
function sortedTexts(texts: readonly string[]): readonly string[] {
  return texts.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}
