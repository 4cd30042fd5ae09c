import type { Random } from '../../random.ts'

/** The two databases. */
export type SourceName = 'east' | 'west'
export const SOURCES: readonly SourceName[] = ['east', 'west']

/** A column whose values take part in no rule of the bank: it is there to travel unharmed. */
export interface ExtraColumn {
  readonly name: string
  readonly sql: string
  /** An expression for a random value. */
  readonly value: string
  /** The value as the JSON form prints it; `$` stands for the column. */
  readonly text: string
}

/** How the keys of a table look. */
export interface KeyShape {
  readonly columns: readonly { readonly name: string; readonly sql: string; readonly order: 'number' | 'text' }[]
  /** A random key, one text per column. */
  make(random: Random): readonly string[]
}

/** What differs from seed to seed in one database. */
export interface SourceShape {
  readonly source: SourceName
  readonly accounts: KeyShape
  readonly vaults: KeyShape
  readonly extras: readonly ExtraColumn[]
}

/** The generated part of the world. */
export interface Shape {
  readonly sources: Readonly<Record<SourceName, SourceShape>>
}

const EXTRAS: readonly Omit<ExtraColumn, 'name'>[] = [
  {
    sql: 'text',
    value: `(array['', 'a''b', E'tab\\tnew\\nline', 'zażółć 🚀', E'back\\\\slash', null])[1 + floor(random() * 6)]`,
    text: '$',
  },
  { sql: 'int', value: '(random() * 1e9)::int', text: '$::text' },
  { sql: 'boolean', value: 'random() < 0.5', text: '$::text' },
  { sql: 'date', value: `'2000-01-01'::date + (random() * 9000)::int`, text: '$::text' },
  { sql: 'uuid', value: 'gen_random_uuid()', text: '$::text' },
  { sql: 'numeric(20,6)', value: '(random() * 1e12)::numeric(20,6)', text: '$::text' },
  { sql: 'bigint', value: '(random() * 9e18)::bigint', text: '$::text' },
  {
    sql: 'timestamptz',
    value: `'2026-01-01Z'::timestamptz + random() * interval '300 days'`,
    text: `to_char($ at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
  },
]

const LETTERS = ['a', 'A', 'ä', 'Z', 'z', 'ß', '_', '-', 'é', 'ż'] as const

const KEYS: readonly KeyShape[] = [
  { columns: [{ name: 'id', sql: 'bigint', order: 'number' }], make: (random) => [String(random.between(1, 100_000))] },
  {
    columns: [{ name: 'id', sql: 'text collate "und-x-icu"', order: 'text' }],
    make: (random) => [`${random.pick(LETTERS)}${random.between(1, 9999)}`],
  },
  { columns: [{ name: 'id', sql: 'uuid', order: 'text' }], make: (random) => [uuid(random)] },
  {
    columns: [
      { name: 'region', sql: 'text collate "und-x-icu"', order: 'text' },
      { name: 'number', sql: 'int', order: 'number' },
    ],
    make: (random) => [random.pick(LETTERS), String(random.between(1, 9999))],
  },
]

/** Draws the tables of this run. */
export function drawShape(random: Random): Shape {
  return { sources: { east: drawSource('east', random), west: drawSource('west', random) } }
}

/** One line for the log. */
export function describeShape({ sources }: Shape): string {
  return SOURCES.map((name) => {
    const { accounts, vaults, extras } = sources[name]
    const key = (shape: KeyShape): string => shape.columns.map(({ sql }) => sql.split(' ')[0]).join('+')
    return `${name}: accounts by ${key(accounts)}, vaults by ${key(vaults)}, ${extras.map(({ sql }) => sql).join(' ')}`
  }).join(' · ')
}

/** Are these two keys in order, as the views order them? */
export function compareKeys(shape: KeyShape, a: readonly string[], b: readonly string[]): number {
  for (const [i, { order }] of shape.columns.entries()) {
    const [x = '', y = ''] = [a[i], b[i]]
    if (x === y) continue
    return (order === 'number' ? BigInt(x) < BigInt(y) : x < y) ? -1 : 1
  }
  return 0
}

function drawSource(source: SourceName, random: Random): SourceShape {
  const kinds = [...EXTRAS]
  const extras = Array.from({ length: random.between(2, 4) }, (_, i) => {
    const [kind] = kinds.splice(random.below(kinds.length), 1)
    return { ...(kind as (typeof EXTRAS)[number]), name: `extra_${i + 1}` }
  })
  return { source, accounts: random.pick(KEYS), vaults: random.pick(KEYS), extras }
}

function uuid(random: Random): string {
  const hex = Array.from({ length: 32 }, () => random.below(16).toString(16)).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
